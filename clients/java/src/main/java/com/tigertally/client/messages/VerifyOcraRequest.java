// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Is {@code answer} right. */
public final class VerifyOcraRequest extends Request<VerifyOcraResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifyOcraRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "end_user_address ident 40",
            "challenge ident 32",
            "question ident 64",
            "session text 512",
            "answer ident 128 secret",
            "pin digits 12 secret",
            "- pad 4",
            "- seal 32");

    /** VERIFY_OCRA. */
    public VerifyOcraRequest() {
        super(Transaction.VERIFY_OCRA, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public VerifyOcraRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public VerifyOcraRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public VerifyOcraRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifyOcraRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public VerifyOcraRequest endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    /** @param challenge id of what the answer answers; blank for answers without one; at most 32 characters */
    public VerifyOcraRequest challenge(String challenge) {
        set(5, challenge);
        return this;
    }

    /** @param question what the token is asked, at most as long as its suite says; at most 64 characters */
    public VerifyOcraRequest question(String question) {
        set(6, question);
        return this;
    }

    /** @param session session information that the token mixes in; otherwise blank; at most 512 bytes */
    public VerifyOcraRequest session(String session) {
        set(7, session);
        return this;
    }

    /** @param answer what the token shows; at most 128 characters */
    public VerifyOcraRequest answer(Secret answer) {
        set(8, answer);
        return this;
    }

    /** The same from plain text; see {@link #answer(Secret)}. */
    public VerifyOcraRequest answer(String answer) {
        return answer(Secret.of(answer));
    }

    /** @param pin the token's PIN; at most 12 characters */
    public VerifyOcraRequest pin(Secret pin) {
        set(9, pin);
        return this;
    }

    /** The same from plain text; see {@link #pin(Secret)}. */
    public VerifyOcraRequest pin(String pin) {
        return pin(Secret.of(pin));
    }

    @Override
    protected VerifyOcraResponse response(Object[] values, Receipt receipt) {
        return new VerifyOcraResponse(values, receipt);
    }
}
