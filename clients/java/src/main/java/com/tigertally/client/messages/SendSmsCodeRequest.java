// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Send the customer a code for this transaction. */
public final class SendSmsCodeRequest extends Request<SendSmsCodeResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "SendSmsCodeRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "end_user_address ident 40",
            "language ident 4",
            "app ident 24",
            "scene ident 16",
            "amount u64 8",
            "currency ident 4",
            "payee ident 36",
            "payee_name text 48",
            "purpose text 48",
            "free_fields text 160");

    /** SEND_SMS_CODE. */
    public SendSmsCodeRequest() {
        super(Transaction.SEND_SMS_CODE, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public SendSmsCodeRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public SendSmsCodeRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public SendSmsCodeRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public SendSmsCodeRequest endUserAddress(String endUserAddress) {
        set(3, endUserAddress);
        return this;
    }

    /** @param language of the texts, {@code zh} or {@code en}; in requests blank = the customer's or the channel's; at most 4 characters */
    public SendSmsCodeRequest language(String language) {
        set(4, language);
        return this;
    }

    /** @param app name of the customer's app; SEND_SMS_CODE: blank = the code stands in the text; at most 24 characters */
    public SendSmsCodeRequest app(String app) {
        set(5, app);
        return this;
    }

    /** @param scene kind of act; blank: by amount and purpose {@code payment}, {@code confirm} or {@code login}; at most 16 characters */
    public SendSmsCodeRequest scene(String scene) {
        set(6, scene);
        return this;
    }

    /** @param amount in the currency's smallest unit; 0 with a blank currency = none */
    public SendSmsCodeRequest amount(long amount) {
        set(7, Long.valueOf(amount));
        return this;
    }

    /** @param currency three capital letters (ISO 4217); may be blank; at most 4 characters */
    public SendSmsCodeRequest currency(String currency) {
        set(8, currency);
        return this;
    }

    /** @param payee the payee's account; may be blank; at most 36 characters */
    public SendSmsCodeRequest payee(String payee) {
        set(9, payee);
        return this;
    }

    /** @param payeeName may be blank; at most 48 bytes */
    public SendSmsCodeRequest payeeName(String payeeName) {
        set(10, payeeName);
        return this;
    }

    /** @param purpose what it is for, in the customer's words; may be blank; at most 48 bytes */
    public SendSmsCodeRequest purpose(String purpose) {
        set(11, purpose);
        return this;
    }

    /** @param freeFields further fields, {@code name=value; name=value}; may be blank; at most 160 bytes */
    public SendSmsCodeRequest freeFields(String freeFields) {
        set(12, freeFields);
        return this;
    }

    @Override
    protected SendSmsCodeResponse response(Object[] values, Receipt receipt) {
        return new SendSmsCodeResponse(values, receipt);
    }
}
