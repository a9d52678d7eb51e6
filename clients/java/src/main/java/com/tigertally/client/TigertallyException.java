package com.tigertally.client;

/**
 * The root of what this library throws unchecked. No message holds a secret or bytes of the peer.
 *
 * <p>Its kin {@link OutcomeUnknownException} is checked and not below it: the one case that no caller may overlook.
 */
public class TigertallyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TigertallyException(String message) {
        super(message);
    }
}
