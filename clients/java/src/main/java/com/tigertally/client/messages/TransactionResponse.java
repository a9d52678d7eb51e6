// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** Of confirming and completing. */
public final class TransactionResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "TransactionResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "verification ident 32",
            "verification_state u8 1",
            "remaining_tries u8 1 =255",
            "text_version u16 2",
            "- reserved 4",
            "method ident 8",
            "token ident 24",
            "locked_until u64 8",
            "expires_at u64 8",
            "text_digest octets 32");

    TransactionResponse(Object[] values, Receipt receipt) {
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

    /** Wrong codes until the token locks; empty where blank or hidden. */
    public OptionalInt remainingTries() {
        return optional(5, 255);
    }

    /** Of the words that the text is made with. */
    public int textVersion() {
        return (int) number(6);
    }

    /** How it was verified; blank if it wasn't; transactions: {@code sms}, {@code ocra} or {@code service}. */
    public String method() {
        return text(8);
    }

    /** Serial number of a token; VERIFY_OTP: blank = the user's single active one. */
    public String token() {
        return text(9);
    }

    /** A time; empty: not locked, blank or hidden. */
    public Optional<Instant> lockedUntil() {
        return time(10);
    }

    /** A time. */
    public Optional<Instant> expiresAt() {
        return time(11);
    }

    /** SHA-256 of the text that the question stands for; zeros = none. */
    public byte[] textDigest() {
        return octets(12);
    }
}
