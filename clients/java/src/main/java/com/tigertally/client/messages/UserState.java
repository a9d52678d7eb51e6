// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

/** {@code user_state} on the wire. */
public enum UserState {
    /** 0. */
    BLANK(0),
    /** 1. */
    ACTIVE(1),
    /** 2. */
    CLOSED(2);

    private final int number;

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The one with this number; null when this version of the library knows none. */
    public static UserState of(int number) {
        for (UserState value : values()) {
            if (value.number == number) {
                return value;
            }
        }
        return null;
    }

    UserState(int number) {
        this.number = number;
    }
}
