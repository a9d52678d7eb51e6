// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

/** {@code verification_state} on the wire: of a transaction's verification; BLANK where there is none to tell about. */
public enum VerificationState {
    /** 0. */
    BLANK(0),
    /** 1. */
    WAITING(1),
    /** 2. */
    CONFIRMED(2),
    /** 3. */
    APPROVED(3),
    /** 4. */
    REFUSED(4),
    /** 5. */
    EXPIRED(5),
    /** 6. */
    FAILED(6);

    private final int number;

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The one with this number; null when this version of the library knows none. */
    public static VerificationState of(int number) {
        for (VerificationState value : values()) {
            if (value.number == number) {
                return value;
            }
        }
        return null;
    }

    VerificationState(int number) {
        this.number = number;
    }
}
