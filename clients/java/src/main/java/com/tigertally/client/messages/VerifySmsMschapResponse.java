// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** As {@code VerifySmsResponse}; {@code authenticator_response} ({@code S=} and 40 hexadecimal digits) proves to the peer that we know the code, and is blank unless approved. */
public final class VerifySmsMschapResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifySmsMschapResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "challenge ident 32",
            "remaining_tries u8 1 =255",
            "- reserved 7",
            "locked_until u64 8",
            "authenticator_response ident 42");

    VerifySmsMschapResponse(Object[] values, Receipt receipt) {
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

    /** Id of what the answer answers; blank for answers without one. */
    public String challenge() {
        return text(3);
    }

    /** Wrong codes until the token locks; empty where blank or hidden. */
    public OptionalInt remainingTries() {
        return optional(4, 255);
    }

    /** A time; empty: not locked, blank or hidden. */
    public Optional<Instant> lockedUntil() {
        return time(6);
    }

    /** {@code S=} and 40 hexadecimal digits; blank unless approved. */
    public String authenticatorResponse() {
        return text(7);
    }
}
