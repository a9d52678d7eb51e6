// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** The customer's phone afterwards. */
public final class PhoneResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "PhoneResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "phone_state u8 1",
            "remaining_tries u8 1 =255",
            "- reserved 6",
            "locked_until u64 8",
            "usable_from u64 8",
            "number_tail ident 4",
            "language ident 4");

    PhoneResponse(Object[] values, Receipt receipt) {
        super(LAYOUT, values, receipt);
    }

    /** With BAD_FIELD and the like: name of the bad field; {@code card_low} when a new scratch card is due; otherwise blank. */
    public String detail() {
        return text(0);
    }

    /** Where the answer stands in the audit log; empty: nothing was recorded. */
    public OptionalInt entryShard() {
        return optional(1, 65535);
    }

    /** Position in that shard. */
    public long entrySeq() {
        return number(2);
    }

    /** Phone state; BLANK where there is nothing to tell. */
    public PhoneState phoneState() {
        return PhoneState.of((int) number(3));
    }

    /** Wrong codes until the token locks; empty where blank or hidden. */
    public OptionalInt remainingTries() {
        return optional(4, 255);
    }

    /** A time; empty: not locked, blank or hidden. */
    public Optional<Instant> lockedUntil() {
        return time(6);
    }

    /** Until then few scenes use the number, a time; empty: at once. */
    public Optional<Instant> usableFrom() {
        return time(7);
    }

    /** The last four digits of the phone number. */
    public String numberTail() {
        return text(8);
    }

    /** Of the texts, {@code zh} or {@code en}; in requests blank = the customer's or the channel's. */
    public String language() {
        return text(9);
    }
}
