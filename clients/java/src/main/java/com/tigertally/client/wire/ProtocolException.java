package com.tigertally.client.wire;

import com.tigertally.client.messages.ResponseCode;

/** The peer broke the protocol; the connection must end. The message holds none of its bytes. */
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The reject code that says what was wrong; null where none does. */
    private final ResponseCode code;

    /** @param message which rule was broken */
    public ProtocolException(String message) {
        super(message);
        this.code = null;
    }

    ProtocolException(ResponseCode code) {
        super("unreadable frame: " + code);
        this.code = code;
    }

    /** The reject code that says what was wrong with a frame; null where none does. */
    public ResponseCode code() {
        return code;
    }
}
