package com.tigertally.client;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Keeps a listener's own mistakes away from the connections that it is told of. */
final class GuardedListener implements ClientListener {
    private static final Logger LOG = Logger.getLogger("com.tigertally.client");

    private final ClientListener inner;

    GuardedListener(ClientListener inner) {
        this.inner = inner;
    }

    private static void guard(Runnable told) {
        try {
            told.run();
        } catch (RuntimeException problem) {
            LOG.log(Level.WARNING, "a listener failed: {0}", problem.getClass().getName());
        }
    }

    @Override
    public void connected(ServerAddress server, long sessionId) {
        guard(() -> inner.connected(server, sessionId));
    }

    @Override
    public void connectFailed(ServerAddress server, String reason) {
        guard(() -> inner.connectFailed(server, reason));
    }

    @Override
    public void lost(ServerAddress server, String reason) {
        guard(() -> inner.lost(server, reason));
    }

    @Override
    public void draining(ServerAddress server, long graceMs) {
        guard(() -> inner.draining(server, graceMs));
    }

    @Override
    public void keysChanged(ServerAddress server, int generation) {
        guard(() -> inner.keysChanged(server, generation));
    }
}
