// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;
import java.time.Instant;

/** Compose the text of a transaction and have it confirmed. */
public final class BeginTransactionRequest extends Request<BeginTransactionResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "BeginTransactionRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "end_user_address ident 40",
            "operator ident 16",
            "method ident 8",
            "token ident 24",
            "app ident 24",
            "lasts_s u32 4",
            "act ident 16",
            "language ident 4",
            "currency ident 4",
            "sum ident 24",
            "payee ident 36",
            "payee_name text 96",
            "bank text 72",
            "purpose text 96",
            "ordered_at u64 8");

    /** BEGIN_TRANSACTION_VERIFICATION. */
    public BeginTransactionRequest() {
        super(Transaction.BEGIN_TRANSACTION_VERIFICATION, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public BeginTransactionRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public BeginTransactionRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public BeginTransactionRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public BeginTransactionRequest endUserAddress(String endUserAddress) {
        set(3, endUserAddress);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public BeginTransactionRequest operator(String operator) {
        set(4, operator);
        return this;
    }

    /** @param method how it was verified; blank if it wasn't; transactions: {@code sms}, {@code ocra} or {@code service}; at most 8 characters */
    public BeginTransactionRequest method(String method) {
        set(5, method);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public BeginTransactionRequest token(String token) {
        set(6, token);
        return this;
    }

    /** @param app name of the customer's app; SEND_SMS_CODE: blank = the code stands in the text; at most 24 characters */
    public BeginTransactionRequest app(String app) {
        set(7, app);
        return this;
    }

    /** @param lastsS so many seconds to complete it; 0 = 600 */
    public BeginTransactionRequest lastsS(long lastsS) {
        set(8, Long.valueOf(lastsS));
        return this;
    }

    /** @param act what the transaction is: {@code transfer}, {@code payment}, {@code withdrawal}, {@code new_payee}, {@code limit}, {@code other}; see Transactions; at most 16 characters */
    public BeginTransactionRequest act(String act) {
        set(9, act);
        return this;
    }

    /** @param language of the texts, {@code zh} or {@code en}; in requests blank = the customer's or the channel's; at most 4 characters */
    public BeginTransactionRequest language(String language) {
        set(10, language);
        return this;
    }

    /** @param currency three capital letters (ISO 4217); may be blank; at most 4 characters */
    public BeginTransactionRequest currency(String currency) {
        set(11, currency);
        return this;
    }

    /** @param sum amount as a decimal number, {@code 1234.50}; blank = none; at most 24 characters */
    public BeginTransactionRequest sum(String sum) {
        set(12, sum);
        return this;
    }

    /** @param payee the payee's account; may be blank; at most 36 characters */
    public BeginTransactionRequest payee(String payee) {
        set(13, payee);
        return this;
    }

    /** @param payeeName may be blank; at most 96 bytes */
    public BeginTransactionRequest payeeName(String payeeName) {
        set(14, payeeName);
        return this;
    }

    /** @param bank the payee's bank; may be blank; at most 72 bytes */
    public BeginTransactionRequest bank(String bank) {
        set(15, bank);
        return this;
    }

    /** @param purpose what it is for, in the customer's words; may be blank; at most 96 bytes */
    public BeginTransactionRequest purpose(String purpose) {
        set(16, purpose);
        return this;
    }

    /** @param orderedAt when the customer ordered it, ms since the epoch; 0 = now */
    public BeginTransactionRequest orderedAt(Instant orderedAt) {
        set(17, Long.valueOf(orderedAt.toEpochMilli()));
        return this;
    }

    @Override
    protected BeginTransactionResponse response(Object[] values, Receipt receipt) {
        return new BeginTransactionResponse(values, receipt);
    }
}
