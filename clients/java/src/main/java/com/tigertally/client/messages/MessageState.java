// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

/** {@code message_state} on the wire: what became of a message. */
public enum MessageState {
    /** 0. */
    BLANK(0),
    /** 1. */
    QUEUED(1),
    /** 2. */
    SENDING(2),
    /** 3. */
    SENT(3),
    /** 4. */
    DELIVERED(4),
    /** 5. */
    FAILED(5),
    /** 6. */
    UNKNOWN(6),
    /** 7. */
    EXPIRED(7);

    private final int number;

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The one with this number; null when this version of the library knows none. */
    public static MessageState of(int number) {
        for (MessageState value : values()) {
            if (value.number == number) {
                return value;
            }
        }
        return null;
    }

    MessageState(int number) {
        this.number = number;
    }
}
