package com.tigertally.client;

/** One standing connection at one moment. */
public final class ConnectionStatus {
    private final ServerAddress server;
    private final long sessionId;
    private final boolean draining;
    private final boolean silent;
    private final int inFlight;
    private final int inFlightLimit;

    ConnectionStatus(
            ServerAddress server, long sessionId, boolean draining, boolean silent, int inFlight, int inFlightLimit) {
        this.server = server;
        this.sessionId = sessionId;
        this.draining = draining;
        this.silent = silent;
        this.inFlight = inFlight;
        this.inFlightLimit = inFlightLimit;
    }

    /** To whom. */
    public ServerAddress server() {
        return server;
    }

    /** As the server's greeting gave it; unsigned. */
    public long sessionId() {
        return sessionId;
    }

    /** Whether the server asked to go elsewhere. */
    public boolean draining() {
        return draining;
    }

    /** Whether it has fallen silent, so that it gets no new requests until something is heard. */
    public boolean silent() {
        return silent;
    }

    /** Requests that are open. */
    public int inFlight() {
        return inFlight;
    }

    /** Requests that may be open. */
    public int inFlightLimit() {
        return inFlightLimit;
    }

    @Override
    public String toString() {
        return server + (draining ? " draining" : silent ? " silent" : " up") + " " + inFlight + "/" + inFlightLimit;
    }
}
