package com.tigertally.client.wire;

import com.tigertally.client.messages.ResponseCode;

/** Something the server did, as {@link ClientConnection#next()} tells it. */
public final class Event {
    /** What happened. */
    public enum Kind {
        /** The server greeted; now sign on. */
        GREETED,
        /** Both sides proved themselves; requests may go out. */
        SIGNED_ON,
        /** A request was answered. */
        ANSWERED,
        /** A heartbeat was answered. */
        HEARTBEAT,
        /** Send nothing new here; {@link #amount()} milliseconds are left for what is open. */
        DRAIN,
        /** New working keys are due; send a key change. */
        KEY_CHANGE_DUE,
        /** New working keys are in use. */
        KEYS_CHANGED,
        /** The last frame: everything open was answered. */
        SIGNED_OFF,
        /** A frame was refused, with a good MAC. */
        REJECTED,
        /** A frame without a good MAC says that something was refused: worth nothing, and the connection is over. */
        FORGED_REJECT
    }

    private final Kind kind;
    private final Header header;
    private final ResponseCode code;
    private final Object[] values;
    private final long amount;

    Event(Kind kind, Header header, ResponseCode code, Object[] values, long amount) {
        this.kind = kind;
        this.header = header;
        this.code = code;
        this.values = values;
        this.amount = amount;
    }

    /** What happened. */
    public Kind kind() {
        return kind;
    }

    /** The frame's header. */
    public Header header() {
        return header;
    }

    /** The response or reject code; null in notices. */
    public ResponseCode code() {
        return code;
    }

    /** The fields of an answer, by its layout; null otherwise. */
    public Object[] values() {
        return values;
    }

    /** Milliseconds: a DRAIN's grace, an answer's wish how long to wait. */
    public long amount() {
        return amount;
    }
}
