package com.tigertally.client;

/** The request was certainly not executed. Asking again, under a new serial, is safe. */
public class NotExecutedException extends TigertallyException {
    private static final long serialVersionUID = 1L;

    NotExecutedException(String message) {
        super(message);
    }
}
