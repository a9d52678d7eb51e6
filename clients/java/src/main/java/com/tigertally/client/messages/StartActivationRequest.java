// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Make the server's half of an assigned token's seed, for the QR code. */
public final class StartActivationRequest extends Request<StartActivationResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "StartActivationRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "operator ident 16",
            "valid_s u32 4",
            "- reserved 4");

    /** START_ACTIVATION. */
    public StartActivationRequest() {
        super(Transaction.START_ACTIVATION, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public StartActivationRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public StartActivationRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public StartActivationRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public StartActivationRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public StartActivationRequest operator(String operator) {
        set(4, operator);
        return this;
    }

    /** @param validS for so many seconds; 0 = a day */
    public StartActivationRequest validS(long validS) {
        set(5, Long.valueOf(validS));
        return this;
    }

    @Override
    protected StartActivationResponse response(Object[] values, Receipt receipt) {
        return new StartActivationResponse(values, receipt);
    }
}
