// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** How a token stands. A token of the stock is asked about without a customer. */
public final class QueryTokenRequest extends Request<QueryTokenResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QueryTokenRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24");

    /** QUERY_TOKEN. */
    public QueryTokenRequest() {
        super(Transaction.QUERY_TOKEN, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public QueryTokenRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public QueryTokenRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public QueryTokenRequest token(String token) {
        set(2, token);
        return this;
    }

    @Override
    protected QueryTokenResponse response(Object[] values, Receipt receipt) {
        return new QueryTokenResponse(values, receipt);
    }
}
