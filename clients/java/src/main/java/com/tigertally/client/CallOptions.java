package com.tigertally.client;

import java.time.Duration;

/** What one call does otherwise than the rest. Immutable. */
public final class CallOptions {
    /** Like the rest. */
    public static final CallOptions DEFAULT = new CallOptions(null, null);

    final Duration timeout;
    final Ticket ticket;

    private CallOptions(Duration timeout, Ticket ticket) {
        this.timeout = timeout;
        this.ticket = ticket;
    }

    /** For the whole call, repetitions included. */
    public CallOptions timeout(Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("a timeout must be greater than 0");
        }
        return new CallOptions(value, ticket);
    }

    /** Give one to repeat a request, or to have noted its serial before. */
    public CallOptions ticket(Ticket value) {
        return new CallOptions(timeout, value);
    }
}
