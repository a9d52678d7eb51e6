// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Are {@code pin} and {@code otp} right for this user's token; both secret. Otherwise as VERIFY_OTP, whose answer it has. */
public final class VerifyPinOtpRequest extends Request<VerifyOtpResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifyPinOtpRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "end_user_address ident 40",
            "otp digits 10 secret",
            "pin digits 12 secret",
            "- pad 10",
            "- seal 32");

    /** VERIFY_PIN_OTP. */
    public VerifyPinOtpRequest() {
        super(Transaction.VERIFY_PIN_OTP, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public VerifyPinOtpRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public VerifyPinOtpRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public VerifyPinOtpRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifyPinOtpRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public VerifyPinOtpRequest endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    /** @param otp one-time code; BIND_TOKEN: may be blank; at most 10 characters */
    public VerifyPinOtpRequest otp(Secret otp) {
        set(5, otp);
        return this;
    }

    /** The same from plain text; see {@link #otp(Secret)}. */
    public VerifyPinOtpRequest otp(String otp) {
        return otp(Secret.of(otp));
    }

    /** @param pin the token's PIN; at most 12 characters */
    public VerifyPinOtpRequest pin(Secret pin) {
        set(6, pin);
        return this;
    }

    /** The same from plain text; see {@link #pin(Secret)}. */
    public VerifyPinOtpRequest pin(String pin) {
        return pin(Secret.of(pin));
    }

    @Override
    protected VerifyOtpResponse response(Object[] values, Receipt receipt) {
        return new VerifyOtpResponse(values, receipt);
    }
}
