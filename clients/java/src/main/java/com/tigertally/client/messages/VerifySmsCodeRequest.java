// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Is {@code otp} the code of this challenge and this transaction. Other fields as they were sent. */
public final class VerifySmsCodeRequest extends Request<VerifySmsResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifySmsCodeRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "end_user_address ident 40",
            "challenge ident 32",
            "scene ident 16",
            "amount u64 8",
            "currency ident 4",
            "payee ident 36",
            "payee_name text 48",
            "purpose text 48",
            "free_fields text 160",
            "otp digits 10 secret",
            "- pad 6",
            "- seal 32");

    /** VERIFY_SMS_CODE. */
    public VerifySmsCodeRequest() {
        super(Transaction.VERIFY_SMS_CODE, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public VerifySmsCodeRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public VerifySmsCodeRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifySmsCodeRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public VerifySmsCodeRequest endUserAddress(String endUserAddress) {
        set(3, endUserAddress);
        return this;
    }

    /** @param challenge id of what the answer answers; blank for answers without one; at most 32 characters */
    public VerifySmsCodeRequest challenge(String challenge) {
        set(4, challenge);
        return this;
    }

    /** @param scene kind of act; blank: by amount and purpose {@code payment}, {@code confirm} or {@code login}; at most 16 characters */
    public VerifySmsCodeRequest scene(String scene) {
        set(5, scene);
        return this;
    }

    /** @param amount in the currency's smallest unit; 0 with a blank currency = none */
    public VerifySmsCodeRequest amount(long amount) {
        set(6, Long.valueOf(amount));
        return this;
    }

    /** @param currency three capital letters (ISO 4217); may be blank; at most 4 characters */
    public VerifySmsCodeRequest currency(String currency) {
        set(7, currency);
        return this;
    }

    /** @param payee the payee's account; may be blank; at most 36 characters */
    public VerifySmsCodeRequest payee(String payee) {
        set(8, payee);
        return this;
    }

    /** @param payeeName may be blank; at most 48 bytes */
    public VerifySmsCodeRequest payeeName(String payeeName) {
        set(9, payeeName);
        return this;
    }

    /** @param purpose what it is for, in the customer's words; may be blank; at most 48 bytes */
    public VerifySmsCodeRequest purpose(String purpose) {
        set(10, purpose);
        return this;
    }

    /** @param freeFields further fields, {@code name=value; name=value}; may be blank; at most 160 bytes */
    public VerifySmsCodeRequest freeFields(String freeFields) {
        set(11, freeFields);
        return this;
    }

    /** @param otp one-time code; BIND_TOKEN: may be blank; at most 10 characters */
    public VerifySmsCodeRequest otp(Secret otp) {
        set(12, otp);
        return this;
    }

    /** The same from plain text; see {@link #otp(Secret)}. */
    public VerifySmsCodeRequest otp(String otp) {
        return otp(Secret.of(otp));
    }

    @Override
    protected VerifySmsResponse response(Object[] values, Receipt receipt) {
        return new VerifySmsResponse(values, receipt);
    }
}
