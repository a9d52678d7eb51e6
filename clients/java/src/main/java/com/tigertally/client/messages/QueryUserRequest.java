// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** What is known of a user. */
public final class QueryUserRequest extends Request<QueryUserResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QueryUserRequest",
            "institution ident 12",
            "customer ident 32");

    /** QUERY_USER. */
    public QueryUserRequest() {
        super(Transaction.QUERY_USER, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public QueryUserRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public QueryUserRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    @Override
    protected QueryUserResponse response(Object[] values, Receipt receipt) {
        return new QueryUserResponse(values, receipt);
    }
}
