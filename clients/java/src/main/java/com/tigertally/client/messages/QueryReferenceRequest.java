// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** What became of the bank's own reference. Other fields as in {@code QuerySerialRequest}. */
public final class QueryReferenceRequest extends Request<QueryResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QueryReferenceRequest",
            "channel u32 4",
            "business_day u16 2",
            "- reserved 2",
            "reference ident 32");

    /** QUERY_REFERENCE. */
    public QueryReferenceRequest() {
        super(Transaction.QUERY_REFERENCE, LAYOUT);
    }

    /** @param channel channel the question is about; 0 = one's own */
    public QueryReferenceRequest channel(long channel) {
        set(0, Long.valueOf(channel));
        return this;
    }

    /** @param businessDay business day the question is about; 0 = the header's */
    public QueryReferenceRequest businessDay(int businessDay) {
        set(1, Long.valueOf(businessDay));
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public QueryReferenceRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    @Override
    protected QueryResponse response(Object[] values, Receipt receipt) {
        return new QueryResponse(values, receipt);
    }
}
