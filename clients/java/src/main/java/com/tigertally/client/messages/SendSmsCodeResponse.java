// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** The code is on its way. */
public final class SendSmsCodeResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "SendSmsCodeResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "challenge ident 32",
            "message_id ident 32",
            "server_code ident 4",
            "remaining_tries u8 1 =255",
            "- reserved 3",
            "expires_at u64 8",
            "resend_at u64 8",
            "locked_until u64 8");

    SendSmsCodeResponse(Object[] values, Receipt receipt) {
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

    /** Id of what the answer answers; blank for answers without one. */
    public String challenge() {
        return text(3);
    }

    /** Id of a message, 32 hexadecimal digits. */
    public String messageId() {
        return text(4);
    }

    /** Server identification code: on the page and in the text. */
    public String serverCode() {
        return text(5);
    }

    /** Wrong codes until the token locks; empty where blank or hidden. */
    public OptionalInt remainingTries() {
        return optional(6, 255);
    }

    /** A time. */
    public Optional<Instant> expiresAt() {
        return time(8);
    }

    /** Before this another code is refused, a time. */
    public Optional<Instant> resendAt() {
        return time(9);
    }

    /** A time; empty: not locked, blank or hidden. */
    public Optional<Instant> lockedUntil() {
        return time(10);
    }
}
