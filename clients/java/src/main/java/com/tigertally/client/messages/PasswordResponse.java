// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** The password afterwards; each field blank where there is nothing to tell or policy hides it. */
public final class PasswordResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "PasswordResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "kind u8 1",
            "password_state u8 1",
            "remaining_tries u8 1 =255",
            "- reserved 5",
            "locked_until u64 8",
            "changed_at u64 8",
            "expires_at u64 8");

    PasswordResponse(Object[] values, Receipt receipt) {
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

    /** Password kind: password or PIN. */
    public PasswordKind kind() {
        return PasswordKind.of((int) number(3));
    }

    /** Password state; BLANK where there is nothing to tell or policy hides it. */
    public PasswordState passwordState() {
        return PasswordState.of((int) number(4));
    }

    /** Wrong codes until the token locks; empty where blank or hidden. */
    public OptionalInt remainingTries() {
        return optional(5, 255);
    }

    /** A time; empty: not locked, blank or hidden. */
    public Optional<Instant> lockedUntil() {
        return time(7);
    }

    /** When it was set, a time; empty: blank or hidden. */
    public Optional<Instant> changedAt() {
        return time(8);
    }

    /** A time. */
    public Optional<Instant> expiresAt() {
        return time(9);
    }
}
