// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** The text, and what the customer is to do. */
public final class BeginTransactionResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "BeginTransactionResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "verification ident 32",
            "text_version u16 2",
            "remaining_tries u8 1 =255",
            "- reserved 5",
            "locked_until u64 8",
            "expires_at u64 8",
            "resend_at u64 8",
            "server_code ident 4",
            "message_id ident 32",
            "token ident 24",
            "question ident 64",
            "text_digest octets 32",
            "text text 800 secret",
            "- pad 16",
            "- seal 32");

    BeginTransactionResponse(Object[] values, Receipt receipt) {
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

    /** Of the words that the text is made with. */
    public int textVersion() {
        return (int) number(4);
    }

    /** Wrong codes until the token locks; empty where blank or hidden. */
    public OptionalInt remainingTries() {
        return optional(5, 255);
    }

    /** A time; empty: not locked, blank or hidden. */
    public Optional<Instant> lockedUntil() {
        return time(7);
    }

    /** A time. */
    public Optional<Instant> expiresAt() {
        return time(8);
    }

    /** Before this another code is refused, a time. */
    public Optional<Instant> resendAt() {
        return time(9);
    }

    /** Server identification code: on the page and in the text. */
    public String serverCode() {
        return text(10);
    }

    /** Id of a message, 32 hexadecimal digits. */
    public String messageId() {
        return text(11);
    }

    /** Serial number of a token; VERIFY_OTP: blank = the user's single active one. */
    public String token() {
        return text(12);
    }

    /** What the token is asked, at most as long as its suite says. */
    public String question() {
        return text(13);
    }

    /** SHA-256 of the text that the question stands for; zeros = none. */
    public byte[] textDigest() {
        return octets(14);
    }

    /** What the customer is shown and confirms. */
    public Secret text() {
        return secret(15);
    }
}
