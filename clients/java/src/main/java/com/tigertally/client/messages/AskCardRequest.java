// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Which cells of the card shall the customer type in; fields as in {@code VerifyOtpRequest}. */
public final class AskCardRequest extends Request<AskCardResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "AskCardRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "end_user_address ident 40");

    /** ASK_CARD. */
    public AskCardRequest() {
        super(Transaction.ASK_CARD, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public AskCardRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public AskCardRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public AskCardRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public AskCardRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public AskCardRequest endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    @Override
    protected AskCardResponse response(Object[] values, Receipt receipt) {
        return new AskCardResponse(values, receipt);
    }
}
