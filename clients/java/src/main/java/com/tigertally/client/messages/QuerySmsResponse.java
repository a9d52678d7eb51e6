// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** The message as it stands. */
public final class QuerySmsResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QuerySmsResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "message_state u8 1",
            "attempts u8 1",
            "- reserved 6",
            "purpose_word ident 24",
            "queued_at u64 8",
            "expires_at u64 8",
            "delivery_reason text 32");

    QuerySmsResponse(Object[] values, Receipt receipt) {
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

    /** Message state; BLANK = no such message of this user. */
    public MessageState messageState() {
        return MessageState.of((int) number(3));
    }

    /** How often it was handed to a gateway. */
    public int attempts() {
        return (int) number(4);
    }

    /** What the message is: a scene, or the name of a notice. */
    public String purposeWord() {
        return text(6);
    }

    /** A time. */
    public Optional<Instant> queuedAt() {
        return time(7);
    }

    /** A time. */
    public Optional<Instant> expiresAt() {
        return time(8);
    }

    /** What gateway or network said; may be blank. */
    public String deliveryReason() {
        return text(9);
    }
}
