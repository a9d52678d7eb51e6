// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** As VERIFY_OTP, the code hidden in a CHAP response (RFC 1994). */
public final class VerifyChapRequest extends Request<VerifyOtpResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifyChapRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "end_user_address ident 40",
            "identifier u8 1",
            "- reserved 7",
            "authenticator_challenge octets 16",
            "chap_response octets 16");

    /** VERIFY_CHAP. */
    public VerifyChapRequest() {
        super(Transaction.VERIFY_CHAP, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public VerifyChapRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public VerifyChapRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public VerifyChapRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifyChapRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public VerifyChapRequest endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    /** @param identifier of the CHAP packets */
    public VerifyChapRequest identifier(int identifier) {
        set(5, Long.valueOf(identifier));
        return this;
    }

    /** @param authenticatorChallenge the challenge the peer was given; 16 bytes */
    public VerifyChapRequest authenticatorChallenge(byte[] authenticatorChallenge) {
        set(7, authenticatorChallenge);
        return this;
    }

    /** @param chapResponse the peer's response (RFC 1994); 16 bytes */
    public VerifyChapRequest chapResponse(byte[] chapResponse) {
        set(8, chapResponse);
        return this;
    }

    @Override
    protected VerifyOtpResponse response(Object[] values, Receipt receipt) {
        return new VerifyOtpResponse(values, receipt);
    }
}
