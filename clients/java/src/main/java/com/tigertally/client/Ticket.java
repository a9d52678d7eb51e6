package com.tigertally.client;

/**
 * The identity of one request, as the server remembers it: serial and business day. Take one with
 * {@link TigertallyClient#newTicket()} to write it down before the call.
 */
public final class Ticket {
    private final long serial;
    private final int businessDay;
    private final boolean repeated;

    /**
     * @param serial 1 to 2^63 − 1, unique per channel and business day
     * @param businessDay days since 1970-01-01
     * @param repeated whether the request may have gone out before under this ticket; only an answer that settles that is then
     *     returned
     */
    public Ticket(long serial, int businessDay, boolean repeated) {
        if (serial <= 0 || businessDay < 0 || businessDay > 0xffff) {
            throw new IllegalArgumentException("a serial is 1 … 2^63−1, a business day 0 … 65535");
        }
        this.serial = serial;
        this.businessDay = businessDay;
        this.repeated = repeated;
    }

    /** The serial. */
    public long serial() {
        return serial;
    }

    /** Days since 1970-01-01. */
    public int businessDay() {
        return businessDay;
    }

    /** Whether the request may have gone out before. */
    public boolean repeated() {
        return repeated;
    }

    @Override
    public String toString() {
        return "serial " + serial + ", business day " + businessDay;
    }
}
