// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Bind a token to a user; {@code otp}, secret, proves possession and may be blank. */
public final class BindTokenRequest extends Request<TokenResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "BindTokenRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "operator ident 16",
            "otp digits 10 secret",
            "- pad 6",
            "- seal 32");

    /** BIND_TOKEN. */
    public BindTokenRequest() {
        super(Transaction.BIND_TOKEN, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public BindTokenRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public BindTokenRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public BindTokenRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public BindTokenRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public BindTokenRequest operator(String operator) {
        set(4, operator);
        return this;
    }

    /** @param otp one-time code; BIND_TOKEN: may be blank; at most 10 characters */
    public BindTokenRequest otp(Secret otp) {
        set(5, otp);
        return this;
    }

    /** The same from plain text; see {@link #otp(Secret)}. */
    public BindTokenRequest otp(String otp) {
        return otp(Secret.of(otp));
    }

    @Override
    protected TokenResponse response(Object[] values, Receipt receipt) {
        return new TokenResponse(values, receipt);
    }
}
