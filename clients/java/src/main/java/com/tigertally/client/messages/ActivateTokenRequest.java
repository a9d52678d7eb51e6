// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Begin to use an assigned token: {@code otp}, its first code, proves that it is in the right hands. */
public final class ActivateTokenRequest extends Request<TokenResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "ActivateTokenRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "operator ident 16",
            "otp digits 10 secret",
            "activation_code ident 24 secret",
            "- pad 14",
            "- seal 32");

    /** ACTIVATE_TOKEN. */
    public ActivateTokenRequest() {
        super(Transaction.ACTIVATE_TOKEN, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public ActivateTokenRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public ActivateTokenRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public ActivateTokenRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public ActivateTokenRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public ActivateTokenRequest operator(String operator) {
        set(4, operator);
        return this;
    }

    /** @param otp one-time code; BIND_TOKEN: may be blank; at most 10 characters */
    public ActivateTokenRequest otp(Secret otp) {
        set(5, otp);
        return this;
    }

    /** The same from plain text; see {@link #otp(Secret)}. */
    public ActivateTokenRequest otp(String otp) {
        return otp(Secret.of(otp));
    }

    /** @param activationCode of a token on a mobile phone; otherwise blank; at most 24 characters */
    public ActivateTokenRequest activationCode(Secret activationCode) {
        set(6, activationCode);
        return this;
    }

    /** The same from plain text; see {@link #activationCode(Secret)}. */
    public ActivateTokenRequest activationCode(String activationCode) {
        return activationCode(Secret.of(activationCode));
    }

    @Override
    protected TokenResponse response(Object[] values, Receipt receipt) {
        return new TokenResponse(values, receipt);
    }
}
