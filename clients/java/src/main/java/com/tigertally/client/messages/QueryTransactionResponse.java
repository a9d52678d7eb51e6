// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** A verification as it stands. */
public final class QueryTransactionResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QueryTransactionResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "verification ident 32",
            "verification_state u8 1",
            "- reserved 1",
            "text_version u16 2",
            "method ident 8",
            "began_channel u32 4",
            "operator ident 16",
            "reference ident 32",
            "act ident 16",
            "began_at u64 8",
            "expires_at u64 8",
            "ended_at u64 8",
            "confirmed_at u64 8",
            "confirmed_by ident 16",
            "reason text 48",
            "text_digest octets 32",
            "text text 800 secret",
            "- pad 16",
            "- seal 32");

    QueryTransactionResponse(Object[] values, Receipt receipt) {
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

    /** Id of a transaction's verification, 32 hexadecimal digits. */
    public String verification() {
        return text(3);
    }

    /** Verification state; BLANK where there is none to tell about. */
    public VerificationState verificationState() {
        return VerificationState.of((int) number(4));
    }

    /** Of the words that the text is made with. */
    public int textVersion() {
        return (int) number(6);
    }

    /** How it was verified; blank if it wasn't; transactions: {@code sms}, {@code ocra} or {@code service}. */
    public String method() {
        return text(7);
    }

    /** The channel that began it. */
    public long beganChannel() {
        return number(8);
    }

    /** Member of staff who asked; may be blank. */
    public String operator() {
        return text(9);
    }

    /** The bank's own name for this; may be blank. */
    public String reference() {
        return text(10);
    }

    /** What the transaction is: {@code transfer}, {@code payment}, {@code withdrawal}, {@code new_payee}, {@code limit}, {@code other}; see Transactions. */
    public String act() {
        return text(11);
    }

    /** A time. */
    public Optional<Instant> beganAt() {
        return time(12);
    }

    /** A time. */
    public Optional<Instant> expiresAt() {
        return time(13);
    }

    /** A time; empty: not ended by a request. */
    public Optional<Instant> endedAt() {
        return time(14);
    }

    /** A time; empty: not yet. */
    public Optional<Instant> confirmedAt() {
        return time(15);
    }

    /** Member of customer service who confirmed or refused; blank = none yet. */
    public String confirmedBy() {
        return text(16);
    }

    /** Why; may be blank. */
    public String reason() {
        return text(17);
    }

    /** SHA-256 of the text that the question stands for; zeros = none. */
    public byte[] textDigest() {
        return octets(18);
    }

    /** What the customer is shown and confirms. */
    public Secret text() {
        return secret(19);
    }
}
