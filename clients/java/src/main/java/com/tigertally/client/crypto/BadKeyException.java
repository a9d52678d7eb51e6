package com.tigertally.client.crypto;

/** Key material doesn't fit its algorithm, or a wrapped key or check value is wrong. The message holds nothing of it. */
public final class BadKeyException extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param message which rule was broken */
    public BadKeyException(String message) {
        super(message);
    }
}
