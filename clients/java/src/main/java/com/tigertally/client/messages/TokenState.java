// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

/** {@code token_state} on the wire; BLANK where there is none to tell or policy hides it. */
public enum TokenState {
    /** 0. */
    BLANK(0),
    /** 1. */
    IN_STOCK(1),
    /** 2. */
    ACTIVE(2),
    /** 3. */
    LOCKED(3),
    /** 4. */
    DISABLED(4),
    /** 5. */
    EXPIRED(5),
    /** 6. */
    NOT_YET_VALID(6),
    /** 7. */
    VOID(7),
    /** 9. */
    LOST(9),
    /** 10. */
    REPLACED(10),
    /** 11. */
    ASSIGNED(11);

    private final int number;

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The one with this number; null when this version of the library knows none. */
    public static TokenState of(int number) {
        for (TokenState value : values()) {
            if (value.number == number) {
                return value;
            }
        }
        return null;
    }

    TokenState(int number) {
        this.number = number;
    }
}
