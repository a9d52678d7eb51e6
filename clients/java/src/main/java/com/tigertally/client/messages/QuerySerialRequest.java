// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** What became of a serial. {@code channel} 0: one's own; {@code business_day} 0: the header's. */
public final class QuerySerialRequest extends Request<QueryResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QuerySerialRequest",
            "channel u32 4",
            "business_day u16 2",
            "- reserved 2",
            "serial u64 8");

    /** QUERY_SERIAL. */
    public QuerySerialRequest() {
        super(Transaction.QUERY_SERIAL, LAYOUT);
    }

    /** @param channel channel the question is about; 0 = one's own */
    public QuerySerialRequest channel(long channel) {
        set(0, Long.valueOf(channel));
        return this;
    }

    /** @param businessDay business day the question is about; 0 = the header's */
    public QuerySerialRequest businessDay(int businessDay) {
        set(1, Long.valueOf(businessDay));
        return this;
    }

    /** @param serial serial the question is about */
    public QuerySerialRequest serial(long serial) {
        set(3, Long.valueOf(serial));
        return this;
    }

    @Override
    protected QueryResponse response(Object[] values, Receipt receipt) {
        return new QueryResponse(values, receipt);
    }
}
