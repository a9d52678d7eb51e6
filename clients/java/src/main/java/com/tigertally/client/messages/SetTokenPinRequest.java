// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Set or change a token's PIN. */
public final class SetTokenPinRequest extends Request<TokenResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "SetTokenPinRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "end_user_address ident 40",
            "operator ident 16",
            "reason text 48",
            "pin digits 12 secret",
            "new_pin digits 12 secret",
            "- pad 8",
            "- seal 32");

    /** SET_TOKEN_PIN. */
    public SetTokenPinRequest() {
        super(Transaction.SET_TOKEN_PIN, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public SetTokenPinRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public SetTokenPinRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public SetTokenPinRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public SetTokenPinRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public SetTokenPinRequest endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public SetTokenPinRequest operator(String operator) {
        set(5, operator);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public SetTokenPinRequest reason(String reason) {
        set(6, reason);
        return this;
    }

    /** @param pin the token's PIN; at most 12 characters */
    public SetTokenPinRequest pin(Secret pin) {
        set(7, pin);
        return this;
    }

    /** The same from plain text; see {@link #pin(Secret)}. */
    public SetTokenPinRequest pin(String pin) {
        return pin(Secret.of(pin));
    }

    /** @param newPin 4 to 12 digits; at most 12 characters */
    public SetTokenPinRequest newPin(Secret newPin) {
        set(8, newPin);
        return this;
    }

    /** The same from plain text; see {@link #newPin(Secret)}. */
    public SetTokenPinRequest newPin(String newPin) {
        return newPin(Secret.of(newPin));
    }

    @Override
    protected TokenResponse response(Object[] values, Receipt receipt) {
        return new TokenResponse(values, receipt);
    }
}
