// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;
import java.util.OptionalInt;

/** The block and the generation of the new key. */
public final class TranslatePinResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "TranslatePinResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "key_generation u16 2",
            "- reserved 4",
            "pin_block octets 16 secret",
            "- pad 16",
            "- seal 32");

    TranslatePinResponse(Object[] values, Receipt receipt) {
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

    /** Generation of {@code key}; in requests 0 = the current one. */
    public int keyGeneration() {
        return (int) number(3);
    }

    /** 16 bytes in format 4; in others 8, zeros behind. */
    public byte[] pinBlock() {
        return octets(5);
    }
}
