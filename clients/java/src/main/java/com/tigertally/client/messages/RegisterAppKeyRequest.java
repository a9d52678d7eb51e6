// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** The key under which codes are sealed for one of the customer's apps; replaces an older one. */
public final class RegisterAppKeyRequest extends Request<AppResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "RegisterAppKeyRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "operator ident 16",
            "app ident 24",
            "algorithm ident 8",
            "app_key ident 64 secret",
            "- pad 16",
            "- seal 32");

    /** REGISTER_APP_KEY. */
    public RegisterAppKeyRequest() {
        super(Transaction.REGISTER_APP_KEY, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public RegisterAppKeyRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public RegisterAppKeyRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public RegisterAppKeyRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public RegisterAppKeyRequest operator(String operator) {
        set(3, operator);
        return this;
    }

    /** @param app name of the customer's app; SEND_SMS_CODE: blank = the code stands in the text; at most 24 characters */
    public RegisterAppKeyRequest app(String app) {
        set(4, app);
        return this;
    }

    /** @param algorithm {@code sm4-gcm} or {@code aes-gcm}; at most 8 characters */
    public RegisterAppKeyRequest algorithm(String algorithm) {
        set(5, algorithm);
        return this;
    }

    /** @param appKey the app's key, 32 or 64 hexadecimal digits; at most 64 characters */
    public RegisterAppKeyRequest appKey(Secret appKey) {
        set(6, appKey);
        return this;
    }

    /** The same from plain text; see {@link #appKey(Secret)}. */
    public RegisterAppKeyRequest appKey(String appKey) {
        return appKey(Secret.of(appKey));
    }

    @Override
    protected AppResponse response(Object[] values, Receipt receipt) {
        return new AppResponse(values, receipt);
    }
}
