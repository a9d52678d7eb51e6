// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;
import java.util.OptionalInt;

/** The field in the clear; NOT_DECIPHERED says no reason. */
public final class DecipherFieldResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "DecipherFieldResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "key_generation u16 2",
            "plain_length u16 2",
            "- reserved 2",
            "plain octets 512 secret",
            "- pad 16",
            "- seal 32");

    DecipherFieldResponse(Object[] values, Receipt receipt) {
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

    /** Bytes of {@code plain}. */
    public int plainLength() {
        return (int) number(4);
    }

    /** The field in the clear, left-justified, zeros behind. */
    public byte[] plain() {
        return octets(6);
    }
}
