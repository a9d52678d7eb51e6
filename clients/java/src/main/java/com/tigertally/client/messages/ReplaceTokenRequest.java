// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Put a token of the stock in the place of one of the customer's. */
public final class ReplaceTokenRequest extends Request<ReplaceTokenResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "ReplaceTokenRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "operator ident 16",
            "new_token ident 24",
            "reason text 48",
            "assign u8 1",
            "carry_pin u8 1",
            "- reserved 6",
            "otp digits 10 secret",
            "- pad 6",
            "- seal 32");

    /** REPLACE_TOKEN. */
    public ReplaceTokenRequest() {
        super(Transaction.REPLACE_TOKEN, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public ReplaceTokenRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public ReplaceTokenRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public ReplaceTokenRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public ReplaceTokenRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public ReplaceTokenRequest operator(String operator) {
        set(4, operator);
        return this;
    }

    /** @param newToken serial number of the token that takes the other's place; at most 24 characters */
    public ReplaceTokenRequest newToken(String newToken) {
        set(5, newToken);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public ReplaceTokenRequest reason(String reason) {
        set(6, reason);
        return this;
    }

    /** @param assign 1 = the new token waits for its activation; 0 = it can be used at once */
    public ReplaceTokenRequest assign(int assign) {
        set(7, Long.valueOf(assign));
        return this;
    }

    /** @param carryPin 1 = the old token's PIN becomes the new one's */
    public ReplaceTokenRequest carryPin(int carryPin) {
        set(8, Long.valueOf(carryPin));
        return this;
    }

    /** @param otp one-time code; BIND_TOKEN: may be blank; at most 10 characters */
    public ReplaceTokenRequest otp(Secret otp) {
        set(10, otp);
        return this;
    }

    /** The same from plain text; see {@link #otp(Secret)}. */
    public ReplaceTokenRequest otp(String otp) {
        return otp(Secret.of(otp));
    }

    @Override
    protected ReplaceTokenResponse response(Object[] values, Receipt receipt) {
        return new ReplaceTokenResponse(values, receipt);
    }
}
