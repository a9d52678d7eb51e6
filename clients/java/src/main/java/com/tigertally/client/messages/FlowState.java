// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

/** {@code flow_state} on the wire; BLANK where there is no flow to tell about. */
public enum FlowState {
    /** 0. */
    BLANK(0),
    /** 1. */
    OPEN(1),
    /** 2. */
    SATISFIED(2),
    /** 3. */
    CANCELLED(3),
    /** 4. */
    EXPIRED(4),
    /** 5. */
    FAILED(5);

    private final int number;

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The one with this number; null when this version of the library knows none. */
    public static FlowState of(int number) {
        for (FlowState value : values()) {
            if (value.number == number) {
                return value;
            }
        }
        return null;
    }

    FlowState(int number) {
        this.number = number;
    }
}
