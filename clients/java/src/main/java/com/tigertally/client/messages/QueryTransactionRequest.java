// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** How, when and over which text. Any channel of the institution may ask. */
public final class QueryTransactionRequest extends Request<QueryTransactionResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QueryTransactionRequest",
            "institution ident 12",
            "customer ident 32",
            "verification ident 32");

    /** QUERY_TRANSACTION_VERIFICATION. */
    public QueryTransactionRequest() {
        super(Transaction.QUERY_TRANSACTION_VERIFICATION, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public QueryTransactionRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public QueryTransactionRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param verification id of a transaction's verification, 32 hexadecimal digits; at most 32 characters */
    public QueryTransactionRequest verification(String verification) {
        set(2, verification);
        return this;
    }

    @Override
    protected QueryTransactionResponse response(Object[] values, Receipt receipt) {
        return new QueryTransactionResponse(values, receipt);
    }
}
