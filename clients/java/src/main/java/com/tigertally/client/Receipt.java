package com.tigertally.client;

import com.tigertally.client.messages.ResponseCode;

/** What is common to every answer, gathered by the call. */
public final class Receipt {
    final ResponseCode code;
    final long serial;
    final int businessDay;
    final long retryAfterMs;
    final int tries;

    Receipt(ResponseCode code, Ticket ticket, long retryAfterMs, int tries) {
        this.code = code;
        this.serial = ticket.serial();
        this.businessDay = ticket.businessDay();
        this.retryAfterMs = retryAfterMs;
        this.tries = tries;
    }
}
