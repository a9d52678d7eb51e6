// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** BIND_PHONE or CHANGE_PHONE: the header's code says which. */
public final class PhoneRequest extends Request<PhoneResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "PhoneRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "operator ident 16",
            "language ident 4",
            "- reserved 4",
            "mobile ident 20 secret",
            "- pad 12",
            "- seal 32");

    private PhoneRequest(Transaction transaction) {
        super(transaction, LAYOUT);
    }

    /** BIND_PHONE. */
    public static PhoneRequest bindPhone() {
        return new PhoneRequest(Transaction.BIND_PHONE);
    }

    /** CHANGE_PHONE. */
    public static PhoneRequest changePhone() {
        return new PhoneRequest(Transaction.CHANGE_PHONE);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public PhoneRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public PhoneRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public PhoneRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public PhoneRequest operator(String operator) {
        set(3, operator);
        return this;
    }

    /** @param language of the texts, {@code zh} or {@code en}; in requests blank = the customer's or the channel's; at most 4 characters */
    public PhoneRequest language(String language) {
        set(4, language);
        return this;
    }

    /** @param mobile the customer's mobile number; may be blank; at most 20 characters */
    public PhoneRequest mobile(Secret mobile) {
        set(6, mobile);
        return this;
    }

    /** The same from plain text; see {@link #mobile(Secret)}. */
    public PhoneRequest mobile(String mobile) {
        return mobile(Secret.of(mobile));
    }

    @Override
    protected PhoneResponse response(Object[] values, Receipt receipt) {
        return new PhoneResponse(values, receipt);
    }
}
