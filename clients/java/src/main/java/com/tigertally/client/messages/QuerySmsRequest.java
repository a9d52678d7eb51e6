// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** What became of a message. */
public final class QuerySmsRequest extends Request<QuerySmsResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QuerySmsRequest",
            "institution ident 12",
            "customer ident 32",
            "message_id ident 32");

    /** QUERY_SMS. */
    public QuerySmsRequest() {
        super(Transaction.QUERY_SMS, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public QuerySmsRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public QuerySmsRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param messageId id of a message, 32 hexadecimal digits; at most 32 characters */
    public QuerySmsRequest messageId(String messageId) {
        set(2, messageId);
        return this;
    }

    @Override
    protected QuerySmsResponse response(Object[] values, Receipt receipt) {
        return new QuerySmsResponse(values, receipt);
    }
}
