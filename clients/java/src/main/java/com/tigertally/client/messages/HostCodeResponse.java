// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** The server's question and its answer to the user's; {@code host_code} is secret. */
public final class HostCodeResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "HostCodeResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "token ident 24",
            "challenge ident 32",
            "question ident 64",
            "expires_at u64 8",
            "host_code ident 128 secret",
            "- pad 16",
            "- seal 32");

    HostCodeResponse(Object[] values, Receipt receipt) {
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

    /** Serial number of a token; VERIFY_OTP: blank = the user's single active one. */
    public String token() {
        return text(3);
    }

    /** Id of what the answer answers; blank for answers without one. */
    public String challenge() {
        return text(4);
    }

    /** What the token is asked, at most as long as its suite says. */
    public String question() {
        return text(5);
    }

    /** A time. */
    public Optional<Instant> expiresAt() {
        return time(6);
    }

    /** What the token must show, too, or the server is a false one. */
    public Secret hostCode() {
        return secret(7);
    }
}
