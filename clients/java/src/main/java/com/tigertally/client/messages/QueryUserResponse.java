// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Response;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** A user, the number of tokens, and the first eight of them. */
public final class QueryUserResponse extends Response {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QueryUserResponse",
            "detail ident 32",
            "entry_shard u16 2 =65535",
            "entry_seq u64 8",
            "user_state u8 1",
            "token_count u8 1",
            "- reserved 6",
            "registered_at u64 8",
            "token_1 ident 24",
            "token_1_state u8 1",
            "token_2 ident 24",
            "token_2_state u8 1",
            "token_3 ident 24",
            "token_3_state u8 1",
            "token_4 ident 24",
            "token_4_state u8 1",
            "token_5 ident 24",
            "token_5_state u8 1",
            "token_6 ident 24",
            "token_6_state u8 1",
            "token_7 ident 24",
            "token_7_state u8 1",
            "token_8 ident 24",
            "token_8_state u8 1",
            "name text 64 secret",
            "mobile ident 20 secret",
            "- pad 12",
            "- seal 32");

    QueryUserResponse(Object[] values, Receipt receipt) {
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

    /** User state, or BLANK where there is nothing to tell. */
    public UserState userState() {
        return UserState.of((int) number(3));
    }

    /** How many tokens the user has; the first eight follow. */
    public int tokenCount() {
        return (int) number(4);
    }

    /** A time. */
    public Optional<Instant> registeredAt() {
        return time(6);
    }

    /** Serial number of a token; blank when fewer. */
    public String token1() {
        return text(7);
    }

    /** Token state. */
    public TokenState token1State() {
        return TokenState.of((int) number(8));
    }

    /** Serial number of a token; blank when fewer. */
    public String token2() {
        return text(9);
    }

    /** Token state. */
    public TokenState token2State() {
        return TokenState.of((int) number(10));
    }

    /** Serial number of a token; blank when fewer. */
    public String token3() {
        return text(11);
    }

    /** Token state. */
    public TokenState token3State() {
        return TokenState.of((int) number(12));
    }

    /** Serial number of a token; blank when fewer. */
    public String token4() {
        return text(13);
    }

    /** Token state. */
    public TokenState token4State() {
        return TokenState.of((int) number(14));
    }

    /** Serial number of a token; blank when fewer. */
    public String token5() {
        return text(15);
    }

    /** Token state. */
    public TokenState token5State() {
        return TokenState.of((int) number(16));
    }

    /** Serial number of a token; blank when fewer. */
    public String token6() {
        return text(17);
    }

    /** Token state. */
    public TokenState token6State() {
        return TokenState.of((int) number(18));
    }

    /** Serial number of a token; blank when fewer. */
    public String token7() {
        return text(19);
    }

    /** Token state. */
    public TokenState token7State() {
        return TokenState.of((int) number(20));
    }

    /** Serial number of a token; blank when fewer. */
    public String token8() {
        return text(21);
    }

    /** Token state. */
    public TokenState token8State() {
        return TokenState.of((int) number(22));
    }

    /** The customer's name; may be blank. */
    public Secret name() {
        return secret(23);
    }

    /** The customer's mobile number; may be blank. */
    public Secret mobile() {
        return secret(24);
    }
}
