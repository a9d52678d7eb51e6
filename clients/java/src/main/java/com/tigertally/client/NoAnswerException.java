package com.tigertally.client;

/**
 * The deadline passed and the request was certainly not executed: it never left this program, or every try was refused
 * unexecuted, or it was a query, which changes nothing.
 */
public final class NoAnswerException extends NotExecutedException {
    private static final long serialVersionUID = 1L;

    /** What stood in the way. */
    private final String reason;

    NoAnswerException(String reason) {
        super("no answer before the deadline, not executed: " + reason);
        this.reason = reason;
    }

    /** What stood in the way, in words. */
    public String reason() {
        return reason;
    }
}
