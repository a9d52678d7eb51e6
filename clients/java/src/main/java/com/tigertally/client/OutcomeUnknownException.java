package com.tigertally.client;

import com.tigertally.client.messages.ResponseCode;
import com.tigertally.client.messages.Transaction;

/**
 * The request was sent and no authentic answer came before the deadline: it may have been executed, may be in execution, or may
 * still arrive. <b>Neither an approval nor a refusal.</b>
 *
 * <p>Keep {@link #ticket()} and ask {@link TigertallyClient#resolve} (only a cancelled serial proves that nothing happened), or
 * repeat the very same request with that ticket: the server then gives its one answer.
 */
public final class OutcomeUnknownException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Serial. */
    private final long serial;
    /** Business day. */
    private final int businessDay;
    /** What was asked. */
    private final Transaction transaction;
    /** The last answer. */
    private final ResponseCode lastCode;

    OutcomeUnknownException(Ticket ticket, Transaction transaction, ResponseCode lastCode) {
        super("outcome of " + transaction + ", " + ticket + ", is unknown"
                + (lastCode == null ? "" : ", last answer " + lastCode)
                + "; resolve it before asking again");
        this.serial = ticket.serial();
        this.businessDay = ticket.businessDay();
        this.transaction = transaction;
        this.lastCode = lastCode;
    }

    /** For repeating the very same request, and for {@link TigertallyClient#resolve}. */
    public Ticket ticket() {
        return new Ticket(serial, businessDay, true);
    }

    /** What was asked. */
    public Transaction transaction() {
        return transaction;
    }

    /** The last answer when one came that settled nothing; else null. */
    public ResponseCode lastCode() {
        return lastCode;
    }
}
