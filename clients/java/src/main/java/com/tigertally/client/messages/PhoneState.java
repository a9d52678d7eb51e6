// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

/** {@code phone_state} on the wire: whether the customer has a phone for codes by SMS. */
public enum PhoneState {
    /** 0. */
    BLANK(0),
    /** 1. */
    BOUND(1),
    /** 2. */
    COOLING_OFF(2),
    /** 3. */
    UNBOUND(3);

    private final int number;

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The one with this number; null when this version of the library knows none. */
    public static PhoneState of(int number) {
        for (PhoneState value : values()) {
            if (value.number == number) {
                return value;
            }
        }
        return null;
    }

    PhoneState(int number) {
        this.number = number;
    }
}
