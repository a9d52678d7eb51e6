// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Send the customer a warning in the bank's own words; {@code words} hold no code and no link. */
public final class SendSmsWarningRequest extends Request<SendSmsWarningResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "SendSmsWarningRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "operator ident 16",
            "language ident 4",
            "- reserved 4",
            "words text 180");

    /** SEND_SMS_WARNING. */
    public SendSmsWarningRequest() {
        super(Transaction.SEND_SMS_WARNING, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public SendSmsWarningRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public SendSmsWarningRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public SendSmsWarningRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public SendSmsWarningRequest operator(String operator) {
        set(3, operator);
        return this;
    }

    /** @param language of the texts, {@code zh} or {@code en}; in requests blank = the customer's or the channel's; at most 4 characters */
    public SendSmsWarningRequest language(String language) {
        set(4, language);
        return this;
    }

    /** @param words the bank's own words; at most 180 bytes */
    public SendSmsWarningRequest words(String words) {
        set(6, words);
        return this;
    }

    @Override
    protected SendSmsWarningResponse response(Object[] values, Receipt receipt) {
        return new SendSmsWarningResponse(values, receipt);
    }
}
