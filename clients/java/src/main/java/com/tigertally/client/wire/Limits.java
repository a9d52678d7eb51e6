package com.tigertally.client.wire;

/** What the server told at sign-on. */
public final class Limits {
    final int inFlight;
    final int heartbeatS;
    final int idleS;
    final long keyLifeS;

    Limits(int inFlight, int heartbeatS, int idleS, long keyLifeS) {
        this.inFlight = inFlight;
        this.heartbeatS = heartbeatS;
        this.idleS = idleS;
        this.keyLifeS = keyLifeS;
    }

    /** Requests that may be open at once. */
    public int inFlight() {
        return inFlight;
    }

    /** Send a heartbeat after so many silent seconds. */
    public int heartbeatS() {
        return heartbeatS;
    }

    /** The server closes after so many silent seconds. */
    public int idleS() {
        return idleS;
    }

    /** The server asks for new keys after so many seconds. */
    public long keyLifeS() {
        return keyLifeS;
    }
}
