// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

/** {@code of_state} on the wire: what is known of the serial or reference asked about. */
public enum QueryState {
    /** 0. */
    NONE(0),
    /** 1. */
    IN_PROGRESS(1),
    /** 2. */
    RECORDED(2),
    /** 3. */
    NOT_SEEN(3),
    /** 4. */
    CANCELLED(4);

    private final int number;

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The one with this number; null when this version of the library knows none. */
    public static QueryState of(int number) {
        for (QueryState value : values()) {
            if (value.number == number) {
                return value;
            }
        }
        return null;
    }

    QueryState(int number) {
        this.number = number;
    }
}
