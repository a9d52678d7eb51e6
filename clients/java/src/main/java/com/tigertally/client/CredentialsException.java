package com.tigertally.client;

/** The credentials file is missing, badly guarded, damaged or not for this program. */
public final class CredentialsException extends TigertallyException {
    private static final long serialVersionUID = 1L;

    CredentialsException(String message) {
        super(message);
    }
}
