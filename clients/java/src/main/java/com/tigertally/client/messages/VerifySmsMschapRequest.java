// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** As {@code VerifySmsCodeRequest}, by MS-CHAPv2 (RFC 2759) in place of the code itself. */
public final class VerifySmsMschapRequest extends Request<VerifySmsMschapResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifySmsMschapRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "end_user_address ident 40",
            "challenge ident 32",
            "scene ident 16",
            "amount u64 8",
            "currency ident 4",
            "payee ident 36",
            "payee_name text 48",
            "purpose text 48",
            "free_fields text 160",
            "user_name ident 32",
            "authenticator_challenge octets 16",
            "peer_challenge octets 16",
            "nt_response octets 24");

    /** VERIFY_SMS_MSCHAP. */
    public VerifySmsMschapRequest() {
        super(Transaction.VERIFY_SMS_MSCHAP, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public VerifySmsMschapRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public VerifySmsMschapRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifySmsMschapRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public VerifySmsMschapRequest endUserAddress(String endUserAddress) {
        set(3, endUserAddress);
        return this;
    }

    /** @param challenge id of what the answer answers; blank for answers without one; at most 32 characters */
    public VerifySmsMschapRequest challenge(String challenge) {
        set(4, challenge);
        return this;
    }

    /** @param scene kind of act; blank: by amount and purpose {@code payment}, {@code confirm} or {@code login}; at most 16 characters */
    public VerifySmsMschapRequest scene(String scene) {
        set(5, scene);
        return this;
    }

    /** @param amount in the currency's smallest unit; 0 with a blank currency = none */
    public VerifySmsMschapRequest amount(long amount) {
        set(6, Long.valueOf(amount));
        return this;
    }

    /** @param currency three capital letters (ISO 4217); may be blank; at most 4 characters */
    public VerifySmsMschapRequest currency(String currency) {
        set(7, currency);
        return this;
    }

    /** @param payee the payee's account; may be blank; at most 36 characters */
    public VerifySmsMschapRequest payee(String payee) {
        set(8, payee);
        return this;
    }

    /** @param payeeName may be blank; at most 48 bytes */
    public VerifySmsMschapRequest payeeName(String payeeName) {
        set(9, payeeName);
        return this;
    }

    /** @param purpose what it is for, in the customer's words; may be blank; at most 48 bytes */
    public VerifySmsMschapRequest purpose(String purpose) {
        set(10, purpose);
        return this;
    }

    /** @param freeFields further fields, {@code name=value; name=value}; may be blank; at most 160 bytes */
    public VerifySmsMschapRequest freeFields(String freeFields) {
        set(11, freeFields);
        return this;
    }

    /** @param userName the name the peer computed its response with; at most 32 characters */
    public VerifySmsMschapRequest userName(String userName) {
        set(12, userName);
        return this;
    }

    /** @param authenticatorChallenge the challenge the peer was given; 16 bytes */
    public VerifySmsMschapRequest authenticatorChallenge(byte[] authenticatorChallenge) {
        set(13, authenticatorChallenge);
        return this;
    }

    /** @param peerChallenge the peer's own challenge; 16 bytes */
    public VerifySmsMschapRequest peerChallenge(byte[] peerChallenge) {
        set(14, peerChallenge);
        return this;
    }

    /** @param ntResponse the peer's response (RFC 2759); 24 bytes */
    public VerifySmsMschapRequest ntResponse(byte[] ntResponse) {
        set(15, ntResponse);
        return this;
    }

    @Override
    protected VerifySmsMschapResponse response(Object[] values, Receipt receipt) {
        return new VerifySmsMschapResponse(values, receipt);
    }
}
