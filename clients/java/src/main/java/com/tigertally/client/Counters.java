package com.tigertally.client;

/** Numbers since the client was made; guarded by the engine's lock, or a copy. */
final class Counters implements Cloneable {
    long calls;
    long answered;
    long framesSent;
    long retries;
    long putOff;
    long lateAnswers;
    long outcomesUnknown;
    long noAnswers;
    long connects;
    long connectFailures;
    long connectionsLost;
    long drains;
    long keyChanges;
    long heartbeats;
    long rejects;
    long forgedRejects;
    long breakerTrips;

    Counters copy() {
        try {
            return (Counters) clone();
        } catch (CloneNotSupportedException problem) {
            throw new AssertionError(problem);
        }
    }

    String describe() {
        return "calls=" + calls + " answered=" + answered + " frames_sent=" + framesSent + " retries=" + retries
                + " put_off=" + putOff + " late_answers=" + lateAnswers + " outcomes_unknown=" + outcomesUnknown
                + " no_answers=" + noAnswers + " connects=" + connects + " connect_failures=" + connectFailures
                + " connections_lost=" + connectionsLost + " drains=" + drains + " key_changes=" + keyChanges
                + " heartbeats=" + heartbeats + " rejects=" + rejects + " forged_rejects=" + forgedRejects
                + " breaker_trips=" + breakerTrips;
    }
}
