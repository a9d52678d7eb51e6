// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** UNBIND_TOKEN, ENABLE_TOKEN, DISABLE_TOKEN, UNLOCK_TOKEN, REPORT_LOSS, WITHDRAW_LOSS, VOID_TOKEN, RESTORE_TOKEN or ASSIGN_TOKEN: the header's code says which. VOID_TOKEN and RESTORE_TOKEN of a token without an owner name no customer. */
public final class TokenRequest extends Request<TokenResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "TokenRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "operator ident 16",
            "reason text 48");

    private TokenRequest(Transaction transaction) {
        super(transaction, LAYOUT);
    }

    /** UNBIND_TOKEN. */
    public static TokenRequest unbindToken() {
        return new TokenRequest(Transaction.UNBIND_TOKEN);
    }

    /** ENABLE_TOKEN. */
    public static TokenRequest enableToken() {
        return new TokenRequest(Transaction.ENABLE_TOKEN);
    }

    /** DISABLE_TOKEN. */
    public static TokenRequest disableToken() {
        return new TokenRequest(Transaction.DISABLE_TOKEN);
    }

    /** UNLOCK_TOKEN. */
    public static TokenRequest unlockToken() {
        return new TokenRequest(Transaction.UNLOCK_TOKEN);
    }

    /** REPORT_LOSS. */
    public static TokenRequest reportLoss() {
        return new TokenRequest(Transaction.REPORT_LOSS);
    }

    /** WITHDRAW_LOSS. */
    public static TokenRequest withdrawLoss() {
        return new TokenRequest(Transaction.WITHDRAW_LOSS);
    }

    /** VOID_TOKEN. */
    public static TokenRequest voidToken() {
        return new TokenRequest(Transaction.VOID_TOKEN);
    }

    /** RESTORE_TOKEN. */
    public static TokenRequest restoreToken() {
        return new TokenRequest(Transaction.RESTORE_TOKEN);
    }

    /** ASSIGN_TOKEN. */
    public static TokenRequest assignToken() {
        return new TokenRequest(Transaction.ASSIGN_TOKEN);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public TokenRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public TokenRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public TokenRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public TokenRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public TokenRequest operator(String operator) {
        set(4, operator);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public TokenRequest reason(String reason) {
        set(5, reason);
        return this;
    }

    @Override
    protected TokenResponse response(Object[] values, Receipt receipt) {
        return new TokenResponse(values, receipt);
    }
}
