// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code uri}, secret: the otpauth:// URI with the half; {@code expires_at}: ms since the epoch. */
public final class StartActivationResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "StartActivationResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "token ident 24",
            "token_state u8 1",
            "- reserved 7",
            "expires_at u64 8",
            "uri ident 304 secret",
            "- pad 16",
            "- seal 32");

    StartActivationResponse(Object[] values, Receipt receipt) {
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

    /** Token state; BLANK where there is nothing to tell or policy hides it. */
    public TokenState tokenState() {
        return TokenState.of((int) number(4));
    }

    /** A time. */
    public Optional<Instant> expiresAt() {
        return time(6);
    }

    /** Otpauth:// URI with the server's half of the seed; see Mobile tokens. */
    public Secret uri() {
        return secret(7);
    }
}
