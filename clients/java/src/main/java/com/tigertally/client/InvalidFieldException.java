package com.tigertally.client;

/** A value doesn't fit its field on the wire. Nothing was sent. */
public final class InvalidFieldException extends NotExecutedException {
    private static final long serialVersionUID = 1L;

    /** Name of the field. */
    private final String field;

    InvalidFieldException(String field) {
        super("the value given for " + field + " doesn't fit its field; nothing was sent");
        this.field = field;
    }

    /** Name of the field in {@code docs/PROTOCOL.md}. */
    public String field() {
        return field;
    }
}
