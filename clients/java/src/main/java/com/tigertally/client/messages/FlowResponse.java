// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** Of beginning, stepping and cancelling. */
public final class FlowResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "FlowResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "flow ident 32",
            "flow_state u8 1",
            "token_state u8 1",
            "remaining_tries u8 1 =255",
            "- reserved 1",
            "factor_transaction u16 2",
            "- reserved 2",
            "factor_result u32 4",
            "factor ident 16",
            "token ident 24",
            "expires_at u64 8",
            "locked_until u64 8",
            "proven ident 104",
            "wanted ident 104",
            "authenticator_response ident 42",
            "- reserved 6",
            "question ident 64",
            "text_digest octets 32");

    FlowResponse(Object[] values, Receipt receipt) {
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

    /** Id of the flow, 32 hexadecimal digits. */
    public String flow() {
        return text(3);
    }

    /** Flow state; BLANK where there is no flow to tell about. */
    public FlowState flowState() {
        return FlowState.of((int) number(4));
    }

    /** Token state; BLANK where there is nothing to tell or policy hides it. */
    public TokenState tokenState() {
        return TokenState.of((int) number(5));
    }

    /** Wrong codes until the token locks; empty where blank or hidden. */
    public OptionalInt remainingTries() {
        return optional(6, 255);
    }

    /** Transaction code of the factor's own verification; BLANK = none or hidden. */
    public Transaction factorTransaction() {
        return Transaction.of((int) number(8));
    }

    /** Response code of the factor's own verification; BLANK = not looked at or hidden. */
    public ResponseCode factorResult() {
        return ResponseCode.of((int) number(10));
    }

    /** Name of a factor, see Flows. */
    public String factor() {
        return text(11);
    }

    /** Serial number of a token; VERIFY_OTP: blank = the user's single active one. */
    public String token() {
        return text(12);
    }

    /** A time. */
    public Optional<Instant> expiresAt() {
        return time(13);
    }

    /** A time; empty: not locked, blank or hidden. */
    public Optional<Instant> lockedUntil() {
        return time(14);
    }

    /** Factors proven so far, with commas between. */
    public String proven() {
        return text(15);
    }

    /** Factors that may be tried now, with commas between. */
    public String wanted() {
        return text(16);
    }

    /** {@code S=} and 40 hexadecimal digits; blank unless approved. */
    public String authenticatorResponse() {
        return text(17);
    }

    /** What the token is asked, at most as long as its suite says. */
    public String question() {
        return text(19);
    }

    /** SHA-256 of the text that the question stands for; zeros = none. */
    public byte[] textDigest() {
        return octets(20);
    }
}
