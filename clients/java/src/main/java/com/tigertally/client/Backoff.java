package com.tigertally.client;

/**
 * How long to wait before trying again: doubling up to a cap, half of each delay random, so that a thousand clients that lost
 * the same server don't return in the same instant.
 */
public final class Backoff {
    private final long baseMs;
    private final long capMs;

    /**
     * @param baseMs first delay
     * @param capMs longest delay
     */
    public Backoff(long baseMs, long capMs) {
        if (baseMs <= 0 || capMs < baseMs) {
            throw new IllegalArgumentException("a back-off needs 0 < base <= cap");
        }
        this.baseMs = baseMs;
        this.capMs = capMs;
    }

    /**
     * Nanoseconds to wait.
     *
     * @param attempt 1 = the first repetition
     * @param random from 0 to below 1
     */
    public long delayNanos(int attempt, double random) {
        double full = Math.min(capMs, baseMs * Math.pow(2, Math.min(attempt - 1, 32)));
        return (long) ((full / 2 + full / 2 * random) * 1e6);
    }
}
