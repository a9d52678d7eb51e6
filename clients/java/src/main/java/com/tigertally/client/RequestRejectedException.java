package com.tigertally.client;

import com.tigertally.client.messages.ResponseCode;

/** The server proved (by MAC) that it can't read this kind of request. */
public final class RequestRejectedException extends NotExecutedException {
    private static final long serialVersionUID = 1L;

    /** The reject's code. */
    private final ResponseCode code;

    RequestRejectedException(ResponseCode code) {
        super("the server rejects this request: " + code + "; is it older than this client?");
        this.code = code;
    }

    /** The reject's code, 900 and up. */
    public ResponseCode code() {
        return code;
    }
}
