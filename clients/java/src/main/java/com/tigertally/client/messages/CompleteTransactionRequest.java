// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;
import java.time.Instant;

/** Was this transaction, as it is now to be executed, confirmed?. */
public final class CompleteTransactionRequest extends Request<TransactionResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "CompleteTransactionRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "end_user_address ident 40",
            "verification ident 32",
            "method ident 8",
            "act ident 16",
            "language ident 4",
            "currency ident 4",
            "sum ident 24",
            "payee ident 36",
            "payee_name text 96",
            "bank text 72",
            "purpose text 96",
            "ordered_at u64 8",
            "proof ident 128 secret",
            "pin digits 12 secret",
            "- pad 4",
            "- seal 32");

    /** COMPLETE_TRANSACTION_VERIFICATION. */
    public CompleteTransactionRequest() {
        super(Transaction.COMPLETE_TRANSACTION_VERIFICATION, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public CompleteTransactionRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public CompleteTransactionRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public CompleteTransactionRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public CompleteTransactionRequest endUserAddress(String endUserAddress) {
        set(3, endUserAddress);
        return this;
    }

    /** @param verification id of a transaction's verification, 32 hexadecimal digits; at most 32 characters */
    public CompleteTransactionRequest verification(String verification) {
        set(4, verification);
        return this;
    }

    /** @param method how it was verified; blank if it wasn't; transactions: {@code sms}, {@code ocra} or {@code service}; at most 8 characters */
    public CompleteTransactionRequest method(String method) {
        set(5, method);
        return this;
    }

    /** @param act what the transaction is: {@code transfer}, {@code payment}, {@code withdrawal}, {@code new_payee}, {@code limit}, {@code other}; see Transactions; at most 16 characters */
    public CompleteTransactionRequest act(String act) {
        set(6, act);
        return this;
    }

    /** @param language of the texts, {@code zh} or {@code en}; in requests blank = the customer's or the channel's; at most 4 characters */
    public CompleteTransactionRequest language(String language) {
        set(7, language);
        return this;
    }

    /** @param currency three capital letters (ISO 4217); may be blank; at most 4 characters */
    public CompleteTransactionRequest currency(String currency) {
        set(8, currency);
        return this;
    }

    /** @param sum amount as a decimal number, {@code 1234.50}; blank = none; at most 24 characters */
    public CompleteTransactionRequest sum(String sum) {
        set(9, sum);
        return this;
    }

    /** @param payee the payee's account; may be blank; at most 36 characters */
    public CompleteTransactionRequest payee(String payee) {
        set(10, payee);
        return this;
    }

    /** @param payeeName may be blank; at most 96 bytes */
    public CompleteTransactionRequest payeeName(String payeeName) {
        set(11, payeeName);
        return this;
    }

    /** @param bank the payee's bank; may be blank; at most 72 bytes */
    public CompleteTransactionRequest bank(String bank) {
        set(12, bank);
        return this;
    }

    /** @param purpose what it is for, in the customer's words; may be blank; at most 96 bytes */
    public CompleteTransactionRequest purpose(String purpose) {
        set(13, purpose);
        return this;
    }

    /** @param orderedAt when the customer ordered it, ms since the epoch; 0 = now */
    public CompleteTransactionRequest orderedAt(Instant orderedAt) {
        set(14, Long.valueOf(orderedAt.toEpochMilli()));
        return this;
    }

    /** @param proof the code by SMS, or what the token shows; blank with customer service; at most 128 characters */
    public CompleteTransactionRequest proof(Secret proof) {
        set(15, proof);
        return this;
    }

    /** The same from plain text; see {@link #proof(Secret)}. */
    public CompleteTransactionRequest proof(String proof) {
        return proof(Secret.of(proof));
    }

    /** @param pin the token's PIN; at most 12 characters */
    public CompleteTransactionRequest pin(Secret pin) {
        set(16, pin);
        return this;
    }

    /** The same from plain text; see {@link #pin(Secret)}. */
    public CompleteTransactionRequest pin(String pin) {
        return pin(Secret.of(pin));
    }

    @Override
    protected TransactionResponse response(Object[] values, Receipt receipt) {
        return new TransactionResponse(values, receipt);
    }
}
