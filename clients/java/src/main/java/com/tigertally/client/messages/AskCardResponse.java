// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** The question; {@code detail} is {@code card_low} when a new card is due. */
public final class AskCardResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "AskCardResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "token ident 24",
            "challenge ident 32",
            "cells ident 40",
            "cell_digits u8 1",
            "- reserved 1",
            "cells_left u16 2 =65535",
            "- reserved 4",
            "expires_at u64 8");

    AskCardResponse(Object[] values, Receipt receipt) {
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

    /** Serial number of a token; VERIFY_OTP: blank = the user's single active one. */
    public String token() {
        return text(3);
    }

    /** Id of what the answer answers; blank for answers without one. */
    public String challenge() {
        return text(4);
    }

    /** Coordinates with commas between, to be typed in this order; B7 = row B, column 7. */
    public String cells() {
        return text(5);
    }

    /** Digits in one cell. */
    public int cellDigits() {
        return (int) number(6);
    }

    /** Unused cells of a scratch card; empty: it is none. */
    public OptionalInt cellsLeft() {
        return optional(8, 65535);
    }

    /** A time. */
    public Optional<Instant> expiresAt() {
        return time(10);
    }
}
