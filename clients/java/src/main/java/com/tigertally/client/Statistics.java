package com.tigertally.client;

import java.util.Collections;
import java.util.List;

/** The client's numbers at one moment, counted since it was made. */
public final class Statistics {
    private final Counters counters;
    private final int waiting;
    private final List<ConnectionStatus> connections;
    private final String lastProblem;

    Statistics(Counters counters, int waiting, List<ConnectionStatus> connections, String lastProblem) {
        this.counters = counters;
        this.waiting = waiting;
        this.connections = Collections.unmodifiableList(connections);
        this.lastProblem = lastProblem;
    }

    /** Calls begun. */
    public long calls() {
        return counters.calls;
    }

    /** Calls that returned an answer. */
    public long answered() {
        return counters.answered;
    }

    /** Business requests sent, repetitions included. */
    public long framesSent() {
        return counters.framesSent;
    }

    /** Of these, requests sent again under the same serial. */
    public long retries() {
        return counters.retries;
    }

    /** BUSY, UNAVAILABLE, DRAINING and such answers. */
    public long putOff() {
        return counters.putOff;
    }

    /** Authentic answers to calls that had ended. */
    public long lateAnswers() {
        return counters.lateAnswers;
    }

    /** Calls that ended in {@link OutcomeUnknownException}. */
    public long outcomesUnknown() {
        return counters.outcomesUnknown;
    }

    /** Calls that ended in {@link NoAnswerException}. */
    public long noAnswers() {
        return counters.noAnswers;
    }

    /** Sign-ons that succeeded. */
    public long connects() {
        return counters.connects;
    }

    /** Dials and sign-ons that failed. */
    public long connectFailures() {
        return counters.connectFailures;
    }

    /** Standing connections that broke. */
    public long connectionsLost() {
        return counters.connectionsLost;
    }

    /** Drain notices obeyed. */
    public long drains() {
        return counters.drains;
    }

    /** Working keys renewed. */
    public long keyChanges() {
        return counters.keyChanges;
    }

    /** Heartbeats answered. */
    public long heartbeats() {
        return counters.heartbeats;
    }

    /** Rejects with a good MAC. */
    public long rejects() {
        return counters.rejects;
    }

    /** Rejects without one on a signed-on connection; each ended its connection. */
    public long forgedRejects() {
        return counters.forgedRejects;
    }

    /** Connections that were given no new requests for a while because they had fallen silent. */
    public long breakerTrips() {
        return counters.breakerTrips;
    }

    /** Calls that wait for a connection with room. */
    public int waiting() {
        return waiting;
    }

    /** The standing connections. */
    public List<ConnectionStatus> connections() {
        return connections;
    }

    /** Why the last connection failed; empty when none has. */
    public String lastProblem() {
        return lastProblem;
    }

    @Override
    public String toString() {
        return counters.describe() + " waiting=" + waiting + " connections=" + connections;
    }
}
