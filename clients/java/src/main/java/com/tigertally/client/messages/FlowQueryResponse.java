// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** A flow as it stands. */
public final class FlowQueryResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "FlowQueryResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "flow ident 32",
            "flow_state u8 1",
            "failures u8 1",
            "- reserved 2",
            "began_channel u32 4",
            "began_at u64 8",
            "expires_at u64 8",
            "ended_at u64 8",
            "customer ident 32",
            "policy ident 32",
            "reference ident 32",
            "proven ident 104",
            "wanted ident 104",
            "expression text 192");

    FlowQueryResponse(Object[] values, Receipt receipt) {
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

    /** Refused tries so far; 255 = that many or more. */
    public int failures() {
        return (int) number(5);
    }

    /** The channel that began it. */
    public long beganChannel() {
        return number(7);
    }

    /** A time. */
    public Optional<Instant> beganAt() {
        return time(8);
    }

    /** A time. */
    public Optional<Instant> expiresAt() {
        return time(9);
    }

    /** A time; empty: not ended by a request. */
    public Optional<Instant> endedAt() {
        return time(10);
    }

    /** Customer number; with the institution it names a user. */
    public String customer() {
        return text(11);
    }

    /** Name of a flow policy; in answers blank where the caller's own expression was used. */
    public String policy() {
        return text(12);
    }

    /** The bank's own name for this; may be blank. */
    public String reference() {
        return text(13);
    }

    /** Factors proven so far, with commas between. */
    public String proven() {
        return text(14);
    }

    /** Factors that may be tried now, with commas between. */
    public String wanted() {
        return text(15);
    }

    /** What the flow asks for, see Flows. */
    public String expression() {
        return text(16);
    }
}
