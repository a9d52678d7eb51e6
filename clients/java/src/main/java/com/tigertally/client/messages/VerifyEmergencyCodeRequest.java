// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Is {@code otp} the emergency code of a lost token; fields as in {@code VerifyOtpRequest}. */
public final class VerifyEmergencyCodeRequest extends Request<VerifyEmergencyCodeResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifyEmergencyCodeRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "end_user_address ident 40",
            "otp digits 10 secret",
            "- pad 6",
            "- seal 32");

    /** VERIFY_EMERGENCY_CODE. */
    public VerifyEmergencyCodeRequest() {
        super(Transaction.VERIFY_EMERGENCY_CODE, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public VerifyEmergencyCodeRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public VerifyEmergencyCodeRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public VerifyEmergencyCodeRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifyEmergencyCodeRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public VerifyEmergencyCodeRequest endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    /** @param otp one-time code; BIND_TOKEN: may be blank; at most 10 characters */
    public VerifyEmergencyCodeRequest otp(Secret otp) {
        set(5, otp);
        return this;
    }

    /** The same from plain text; see {@link #otp(Secret)}. */
    public VerifyEmergencyCodeRequest otp(String otp) {
        return otp(Secret.of(otp));
    }

    @Override
    protected VerifyEmergencyCodeResponse response(Object[] values, Receipt receipt) {
        return new VerifyEmergencyCodeResponse(values, receipt);
    }
}
