// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Does {@code answer} stand in the cells that were asked for; it is secret. */
public final class VerifyCardRequest extends Request<VerifyCardResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifyCardRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "end_user_address ident 40",
            "challenge ident 32",
            "answer digits 16 secret",
            "- pad 16",
            "- seal 32");

    /** VERIFY_CARD. */
    public VerifyCardRequest() {
        super(Transaction.VERIFY_CARD, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public VerifyCardRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public VerifyCardRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public VerifyCardRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifyCardRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public VerifyCardRequest endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    /** @param challenge id of what the answer answers; blank for answers without one; at most 32 characters */
    public VerifyCardRequest challenge(String challenge) {
        set(5, challenge);
        return this;
    }

    /** @param answer what the token shows; at most 16 characters */
    public VerifyCardRequest answer(Secret answer) {
        set(6, answer);
        return this;
    }

    /** The same from plain text; see {@link #answer(Secret)}. */
    public VerifyCardRequest answer(String answer) {
        return answer(Secret.of(answer));
    }

    @Override
    protected VerifyCardResponse response(Object[] values, Receipt receipt) {
        return new VerifyCardResponse(values, receipt);
    }
}
