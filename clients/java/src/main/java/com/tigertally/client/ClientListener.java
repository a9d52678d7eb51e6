package com.tigertally.client;

/**
 * Told what happens to connections, for logs and alarms. Called on the library's threads: don't block. No text holds a secret.
 */
public interface ClientListener {
    /** A connection is signed on. */
    default void connected(ServerAddress server, long sessionId) {}

    /** A dial or sign-on failed. */
    default void connectFailed(ServerAddress server, String reason) {}

    /** A standing connection broke. */
    default void lost(ServerAddress server, String reason) {}

    /** The server asked to go elsewhere; open requests are still answered. */
    default void draining(ServerAddress server, long graceMs) {}

    /** New working keys are in use. */
    default void keysChanged(ServerAddress server, int generation) {}
}
