// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** A token as it stands; times are milliseconds since the epoch, 0 = none. */
public final class QueryTokenResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QueryTokenResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "token ident 24",
            "token_state u8 1",
            "remaining_tries u8 1 =255",
            "- reserved 6",
            "locked_until u64 8",
            "token_type ident 32",
            "replaced_by ident 24",
            "cells_left u16 2 =65535",
            "- reserved 6",
            "valid_from u64 8",
            "valid_to u64 8",
            "activation_until u64 8",
            "emergency_until u64 8");

    QueryTokenResponse(Object[] values, Receipt receipt) {
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

    /** Token state; BLANK where there is nothing to tell or policy hides it. */
    public TokenState tokenState() {
        return TokenState.of((int) number(4));
    }

    /** Wrong codes until the token locks; empty where blank or hidden. */
    public OptionalInt remainingTries() {
        return optional(5, 255);
    }

    /** A time; empty: not locked, blank or hidden. */
    public Optional<Instant> lockedUntil() {
        return time(7);
    }

    /** Name of the token's type. */
    public String tokenType() {
        return text(8);
    }

    /** Serial number of the token that took its place; may be blank. */
    public String replacedBy() {
        return text(9);
    }

    /** Unused cells of a scratch card; empty: it is none. */
    public OptionalInt cellsLeft() {
        return optional(10, 65535);
    }

    /** A time. */
    public Optional<Instant> validFrom() {
        return time(12);
    }

    /** A time. */
    public Optional<Instant> validTo() {
        return time(13);
    }

    /** Until when the token can be activated, a time; empty: none waits. */
    public Optional<Instant> activationUntil() {
        return time(14);
    }

    /** Until when an emergency code stands in, a time; empty: none. */
    public Optional<Instant> emergencyUntil() {
        return time(15);
    }
}
