// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;
import java.util.OptionalInt;

/** {@code greeting}, secret: the user's own; an invented one, always the same, where there is none or no such user. */
public final class GetGreetingResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "GetGreetingResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "greeting text 96 secret",
            "- pad 16",
            "- seal 32");

    GetGreetingResponse(Object[] values, Receipt receipt) {
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

    /** The reserved greeting; SET_GREETING: blank takes it back. */
    public Secret greeting() {
        return secret(3);
    }
}
