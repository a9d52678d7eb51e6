// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

/** {@code password_state} on the wire; BLANK where there is none to tell or policy hides it. */
public enum PasswordState {
    /** 0. */
    BLANK(0),
    /** 1. */
    ACTIVE(1),
    /** 2. */
    NOT_SET(2),
    /** 3. */
    LOCKED(3),
    /** 4. */
    DISABLED(4),
    /** 5. */
    EXPIRED(5),
    /** 6. */
    MUST_CHANGE(6);

    private final int number;

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The one with this number; null when this version of the library knows none. */
    public static PasswordState of(int number) {
        for (PasswordState value : values()) {
            if (value.number == number) {
                return value;
            }
        }
        return null;
    }

    PasswordState(int number) {
        this.number = number;
    }
}
