// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

/** {@code kind} in the transactions of passwords. */
public enum PasswordKind {
    /** 1. */
    PASSWORD(1),
    /** 2. */
    PIN(2);

    private final int number;

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The one with this number; null when this version of the library knows none. */
    public static PasswordKind of(int number) {
        for (PasswordKind value : values()) {
            if (value.number == number) {
                return value;
            }
        }
        return null;
    }

    PasswordKind(int number) {
        this.number = number;
    }
}
