// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** A key without its bytes; {@code key_block} only where one was asked for. */
public final class KeyResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "KeyResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "key_generation u16 2",
            "- reserved 4",
            "key_algorithm ident 16",
            "key_state ident 24",
            "check_value ident 8",
            "key_expires_at u64 8",
            "key_block ident 512");

    KeyResponse(Object[] values, Receipt receipt) {
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

    /** Generation of {@code key}; in requests 0 = the current one. */
    public int keyGeneration() {
        return (int) number(3);
    }

    /** {@code 3des-168}, {@code aes-128}, {@code aes-192}, {@code aes-256}, {@code sm4}, {@code aes-128-pair}, {@code sm4-pair}, {@code hmac-sha256}, {@code hmac-sm3}; by configuration {@code des}, {@code 3des-112}. */
    public String keyAlgorithm() {
        return text(5);
    }

    /** {@code pre-active}, {@code current}, {@code old}, {@code compromised} or {@code destroyed}. */
    public String keyState() {
        return text(6);
    }

    /** Six hexadecimal digits; in IMPORT_KEY may be blank. */
    public String checkValue() {
        return text(7);
    }

    /** End of its crypto period, a time. */
    public Optional<Instant> keyExpiresAt() {
        return time(8);
    }

    /** Key block of ANSI X9.143, see Key blocks; in answers blank unless asked for. */
    public String keyBlock() {
        return text(9);
    }
}
