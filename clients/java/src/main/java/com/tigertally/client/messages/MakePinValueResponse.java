// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;
import java.util.OptionalInt;

/** PVV, offset or verifier, to be kept with {@code pin_key_generation}. */
public final class MakePinValueResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "MakePinValueResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "pin_key_generation u16 2",
            "- reserved 4",
            "pin_value ident 64 secret",
            "- pad 16",
            "- seal 32");

    MakePinValueResponse(Object[] values, Receipt receipt) {
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

    /** Generation of {@code pin_key}; in requests 0 = the current one. */
    public int pinKeyGeneration() {
        return (int) number(3);
    }

    /** PVV, offset, or verifier in hexadecimal. */
    public Secret pinValue() {
        return secret(5);
    }
}
