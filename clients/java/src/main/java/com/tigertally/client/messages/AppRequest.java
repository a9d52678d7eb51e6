// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** REMOVE_APP_KEY. */
public final class AppRequest extends Request<AppResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "AppRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "operator ident 16",
            "app ident 24",
            "reason text 48");

    /** REMOVE_APP_KEY. */
    public AppRequest() {
        super(Transaction.REMOVE_APP_KEY, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public AppRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public AppRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public AppRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public AppRequest operator(String operator) {
        set(3, operator);
        return this;
    }

    /** @param app name of the customer's app; SEND_SMS_CODE: blank = the code stands in the text; at most 24 characters */
    public AppRequest app(String app) {
        set(4, app);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public AppRequest reason(String reason) {
        set(5, reason);
        return this;
    }

    @Override
    protected AppResponse response(Object[] values, Receipt receipt) {
        return new AppResponse(values, receipt);
    }
}
