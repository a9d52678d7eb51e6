// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Is {@code otp} right for this user. */
public final class VerifyOtpRequest extends Request<VerifyOtpResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifyOtpRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "end_user_address ident 40",
            "otp digits 10 secret",
            "- pad 6",
            "- seal 32");

    /** VERIFY_OTP. */
    public VerifyOtpRequest() {
        super(Transaction.VERIFY_OTP, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public VerifyOtpRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public VerifyOtpRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public VerifyOtpRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifyOtpRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public VerifyOtpRequest endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    /** @param otp one-time code; BIND_TOKEN: may be blank; at most 10 characters */
    public VerifyOtpRequest otp(Secret otp) {
        set(5, otp);
        return this;
    }

    /** The same from plain text; see {@link #otp(Secret)}. */
    public VerifyOtpRequest otp(String otp) {
        return otp(Secret.of(otp));
    }

    @Override
    protected VerifyOtpResponse response(Object[] values, Receipt receipt) {
        return new VerifyOtpResponse(values, receipt);
    }
}
