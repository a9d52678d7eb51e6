// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.util.OptionalInt;

/** APPROVED or PIN_WRONG; never the PIN. */
public final class VerifyPinResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifyPinResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "remaining_tries u8 1 =255",
            "- reserved 5");

    VerifyPinResponse(Object[] values, Receipt receipt) {
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

    /** Wrong codes until the token locks; empty where blank or hidden. */
    public OptionalInt remainingTries() {
        return optional(3, 255);
    }
}
