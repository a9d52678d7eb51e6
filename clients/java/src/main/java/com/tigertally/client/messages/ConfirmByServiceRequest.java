// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Customer service has read the text to the customer. */
public final class ConfirmByServiceRequest extends Request<TransactionResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "ConfirmByServiceRequest",
            "institution ident 12",
            "customer ident 32",
            "verification ident 32",
            "reference ident 32",
            "operator ident 16",
            "verdict ident 8",
            "reason text 48",
            "text_digest octets 32");

    /** CONFIRM_BY_SERVICE. */
    public ConfirmByServiceRequest() {
        super(Transaction.CONFIRM_BY_SERVICE, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public ConfirmByServiceRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public ConfirmByServiceRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param verification id of a transaction's verification, 32 hexadecimal digits; at most 32 characters */
    public ConfirmByServiceRequest verification(String verification) {
        set(2, verification);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public ConfirmByServiceRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public ConfirmByServiceRequest operator(String operator) {
        set(4, operator);
        return this;
    }

    /** @param verdict {@code confirm} or {@code refuse}; at most 8 characters */
    public ConfirmByServiceRequest verdict(String verdict) {
        set(5, verdict);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public ConfirmByServiceRequest reason(String reason) {
        set(6, reason);
        return this;
    }

    /** @param textDigest SHA-256 of the text that the question stands for; zeros = none; 32 bytes */
    public ConfirmByServiceRequest textDigest(byte[] textDigest) {
        set(7, textDigest);
        return this;
    }

    @Override
    protected TransactionResponse response(Object[] values, Receipt receipt) {
        return new TransactionResponse(values, receipt);
    }
}
