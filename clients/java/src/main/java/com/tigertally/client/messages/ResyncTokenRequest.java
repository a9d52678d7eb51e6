// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Find a token that drifted, by two codes that follow one another; both secret. */
public final class ResyncTokenRequest extends Request<TokenResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "ResyncTokenRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "operator ident 16",
            "otp_1 digits 10 secret",
            "otp_2 digits 10 secret",
            "- pad 12",
            "- seal 32");

    /** RESYNC_TOKEN. */
    public ResyncTokenRequest() {
        super(Transaction.RESYNC_TOKEN, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public ResyncTokenRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public ResyncTokenRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public ResyncTokenRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public ResyncTokenRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public ResyncTokenRequest operator(String operator) {
        set(4, operator);
        return this;
    }

    /** @param otp1 a one-time code; at most 10 characters */
    public ResyncTokenRequest otp1(Secret otp1) {
        set(5, otp1);
        return this;
    }

    /** The same from plain text; see {@link #otp1(Secret)}. */
    public ResyncTokenRequest otp1(String otp1) {
        return otp1(Secret.of(otp1));
    }

    /** @param otp2 the code right after it; at most 10 characters */
    public ResyncTokenRequest otp2(Secret otp2) {
        set(6, otp2);
        return this;
    }

    /** The same from plain text; see {@link #otp2(Secret)}. */
    public ResyncTokenRequest otp2(String otp2) {
        return otp2(Secret.of(otp2));
    }

    @Override
    protected TokenResponse response(Object[] values, Receipt receipt) {
        return new TokenResponse(values, receipt);
    }
}
