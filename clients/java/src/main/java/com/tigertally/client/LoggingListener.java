package com.tigertally.client;

import java.util.logging.Level;
import java.util.logging.Logger;

/** The listener when none is given: {@code java.util.logging}, logger {@code com.tigertally.client}. */
final class LoggingListener implements ClientListener {
    private static final Logger LOG = Logger.getLogger("com.tigertally.client");

    @Override
    public void connected(ServerAddress server, long sessionId) {
        LOG.log(Level.INFO, "{0}: signed on", server);
    }

    @Override
    public void connectFailed(ServerAddress server, String reason) {
        LOG.log(Level.WARNING, "{0}: {1}", new Object[] {server, reason});
    }

    @Override
    public void lost(ServerAddress server, String reason) {
        LOG.log(Level.WARNING, "{0}: {1}", new Object[] {server, reason});
    }

    @Override
    public void draining(ServerAddress server, long graceMs) {
        LOG.log(Level.INFO, "{0}: draining", server);
    }

    @Override
    public void keysChanged(ServerAddress server, int generation) {
        LOG.log(Level.FINE, "{0}: new working keys", server);
    }
}
