package com.tigertally.client.wire;

/** A field of a received body holds what its kind does not allow. */
public final class BadFieldException extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param field its name; its contents are told to nobody */
    public BadFieldException(String field) {
        super("bad field: " + field);
    }
}
