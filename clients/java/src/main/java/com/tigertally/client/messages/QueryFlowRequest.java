// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** How far a flow is, and its outcome. Any channel of the institution may ask. */
public final class QueryFlowRequest extends Request<FlowQueryResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QueryFlowRequest",
            "institution ident 12",
            "customer ident 32",
            "flow ident 32");

    /** QUERY_FLOW. */
    public QueryFlowRequest() {
        super(Transaction.QUERY_FLOW, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public QueryFlowRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public QueryFlowRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param flow id of the flow, 32 hexadecimal digits; at most 32 characters */
    public QueryFlowRequest flow(String flow) {
        set(2, flow);
        return this;
    }

    @Override
    protected FlowQueryResponse response(Object[] values, Receipt receipt) {
        return new FlowQueryResponse(values, receipt);
    }
}
