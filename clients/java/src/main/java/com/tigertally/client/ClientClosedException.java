package com.tigertally.client;

/** The client was closed before the request was sent. */
public final class ClientClosedException extends NotExecutedException {
    private static final long serialVersionUID = 1L;

    ClientClosedException() {
        super("the client is closed; the request was not executed");
    }
}
