package com.tigertally.client;

import com.tigertally.client.messages.ResponseCode;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An authentic answer of the server. Subclasses, one per message, are in {@code com.tigertally.client.messages}. Immutable;
 * printing one shows no secret.
 *
 * <p>A refused code, a locked token or a busy server is an answer, not an exception: look at {@link #code()}.
 */
public abstract class Response {
    private static final int NO_SHARD = 0xffff;

    private final Layout layout;
    private final Object[] values;
    private final Receipt receipt;

    /**
     * For the generated subclasses.
     *
     * @param layout of the body
     * @param values its fields
     * @param receipt what is common to every answer
     */
    protected Response(Layout layout, Object[] values, Receipt receipt) {
        this.layout = layout;
        this.values = values;
        this.receipt = receipt;
    }

    /** The response code. */
    public final ResponseCode code() {
        return receipt.code;
    }

    /** Whether a proof was approved: the only thing that lets a customer in. */
    public final boolean isApproved() {
        return receipt.code == ResponseCode.APPROVED;
    }

    /** Approved, changed, or (a query) answered. */
    public final boolean isSuccess() {
        switch (receipt.code.kind()) {
            case APPROVED:
            case CHANGED:
            case ANSWERED:
                return true;
            default:
                return false;
        }
    }

    /** The request's serial. */
    public final long requestSerial() {
        return receipt.serial;
    }

    /** The request's business day, days since 1970-01-01. */
    public final int requestDay() {
        return receipt.businessDay;
    }

    /** The server's wish how long to wait, with a BUSY; else 0. */
    public final long retryAfterMs() {
        return receipt.retryAfterMs;
    }

    /** How often the request went out. */
    public final int tries() {
        return receipt.tries;
    }

    /** The audit entry; empty when the answer isn't recorded. */
    public final Optional<EntryRef> entry() {
        int at = layout.indexOf("entry_shard");
        if (at < 0 || number(at) == NO_SHARD) {
            return Optional.empty();
        }
        return Optional.of(new EntryRef((int) number(at), number(layout.indexOf("entry_seq"))));
    }

    /** A field of text. */
    protected final String text(int index) {
        return (String) values[index];
    }

    /** A secret field of text. */
    protected final Secret secret(int index) {
        return (Secret) values[index];
    }

    /** A field of bytes. */
    protected final byte[] octets(int index) {
        return ((byte[]) values[index]).clone();
    }

    /** A number. */
    protected final long number(int index) {
        return (Long) values[index];
    }

    /** A number of which one value means that there is nothing to tell. */
    protected final OptionalInt optional(int index, int blank) {
        int number = (int) number(index);
        return number == blank ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** A time, milliseconds since 1970-01-01 UTC; 0 is none. */
    protected final Optional<Instant> time(int index) {
        long ms = number(index);
        return ms == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ms));
    }

    @Override
    public final String toString() {
        return receipt.code + " serial=" + receipt.serial + " " + layout.describe(values);
    }
}
