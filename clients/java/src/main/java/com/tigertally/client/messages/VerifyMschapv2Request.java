// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** As VERIFY_OTP, the code hidden in an MS-CHAPv2 response (RFC 2759). */
public final class VerifyMschapv2Request extends Request<VerifyMschapv2Response> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifyMschapv2Request",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "end_user_address ident 40",
            "user_name text 64",
            "authenticator_challenge octets 16",
            "peer_challenge octets 16",
            "nt_response octets 24");

    /** VERIFY_MSCHAPV2. */
    public VerifyMschapv2Request() {
        super(Transaction.VERIFY_MSCHAPV2, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public VerifyMschapv2Request institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public VerifyMschapv2Request customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public VerifyMschapv2Request token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifyMschapv2Request reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public VerifyMschapv2Request endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    /** @param userName the name the peer computed its response with; at most 64 bytes */
    public VerifyMschapv2Request userName(String userName) {
        set(5, userName);
        return this;
    }

    /** @param authenticatorChallenge the challenge the peer was given; 16 bytes */
    public VerifyMschapv2Request authenticatorChallenge(byte[] authenticatorChallenge) {
        set(6, authenticatorChallenge);
        return this;
    }

    /** @param peerChallenge the peer's own challenge; 16 bytes */
    public VerifyMschapv2Request peerChallenge(byte[] peerChallenge) {
        set(7, peerChallenge);
        return this;
    }

    /** @param ntResponse the peer's response (RFC 2759); 24 bytes */
    public VerifyMschapv2Request ntResponse(byte[] ntResponse) {
        set(8, ntResponse);
        return this;
    }

    @Override
    protected VerifyMschapv2Response response(Object[] values, Receipt receipt) {
        return new VerifyMschapv2Response(values, receipt);
    }
}
