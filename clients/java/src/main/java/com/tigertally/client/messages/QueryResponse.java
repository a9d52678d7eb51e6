// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** The earlier request, as recorded. */
public final class QueryResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QueryResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "of_state u8 1",
            "- reserved 1",
            "of_transaction u16 2",
            "of_result u32 4",
            "of_time u64 8",
            "of_serial u64 8",
            "of_shard u16 2 =65535",
            "- reserved 6",
            "of_seq u64 8",
            "method ident 16",
            "token ident 24",
            "customer ident 32",
            "reference ident 32");

    QueryResponse(Object[] values, Receipt receipt) {
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

    /** Query state. */
    public QueryState ofState() {
        return QueryState.of((int) number(3));
    }

    /** Transaction code of the recorded request; BLANK = blank. */
    public Transaction ofTransaction() {
        return Transaction.of((int) number(5));
    }

    /** Its response code. */
    public ResponseCode ofResult() {
        return ResponseCode.of((int) number(6));
    }

    /** When it was recorded, a time. */
    public Optional<Instant> ofTime() {
        return time(7);
    }

    /** Its serial. */
    public long ofSerial() {
        return number(8);
    }

    /** Its place in the audit log; empty: none. */
    public OptionalInt ofShard() {
        return optional(9, 65535);
    }

    /** Position in that shard. */
    public long ofSeq() {
        return number(11);
    }

    /** How it was verified; blank if it wasn't; transactions: {@code sms}, {@code ocra} or {@code service}. */
    public String method() {
        return text(12);
    }

    /** Serial number of a token; VERIFY_OTP: blank = the user's single active one. */
    public String token() {
        return text(13);
    }

    /** Customer number; with the institution it names a user. */
    public String customer() {
        return text(14);
    }

    /** The bank's own name for this; may be blank. */
    public String reference() {
        return text(15);
    }
}
