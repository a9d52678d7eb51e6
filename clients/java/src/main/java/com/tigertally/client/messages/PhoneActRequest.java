// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** CANCEL_PHONE_CHANGE, UNBIND_PHONE, UNLOCK_SMS or QUERY_PHONE: the header's code says which. */
public final class PhoneActRequest extends Request<PhoneResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "PhoneActRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "operator ident 16",
            "reason text 48");

    private PhoneActRequest(Transaction transaction) {
        super(transaction, LAYOUT);
    }

    /** CANCEL_PHONE_CHANGE. */
    public static PhoneActRequest cancelPhoneChange() {
        return new PhoneActRequest(Transaction.CANCEL_PHONE_CHANGE);
    }

    /** UNBIND_PHONE. */
    public static PhoneActRequest unbindPhone() {
        return new PhoneActRequest(Transaction.UNBIND_PHONE);
    }

    /** QUERY_PHONE. */
    public static PhoneActRequest queryPhone() {
        return new PhoneActRequest(Transaction.QUERY_PHONE);
    }

    /** UNLOCK_SMS. */
    public static PhoneActRequest unlockSms() {
        return new PhoneActRequest(Transaction.UNLOCK_SMS);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public PhoneActRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public PhoneActRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public PhoneActRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public PhoneActRequest operator(String operator) {
        set(3, operator);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public PhoneActRequest reason(String reason) {
        set(4, reason);
        return this;
    }

    @Override
    protected PhoneResponse response(Object[] values, Receipt receipt) {
        return new PhoneResponse(values, receipt);
    }
}
