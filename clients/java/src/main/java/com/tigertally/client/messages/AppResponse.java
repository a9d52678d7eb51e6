// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.util.OptionalInt;

/** {@code app_count}: how many apps of the customer's have a key now. */
public final class AppResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "AppResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "app ident 24",
            "app_count u8 1",
            "- reserved 7");

    AppResponse(Object[] values, Receipt receipt) {
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

    /** Name of the customer's app; SEND_SMS_CODE: blank = the code stands in the text. */
    public String app() {
        return text(3);
    }

    /** How many apps have a key now. */
    public int appCount() {
        return (int) number(4);
    }
}
