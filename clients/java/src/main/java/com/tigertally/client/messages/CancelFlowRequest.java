// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** End a flow: no later step counts. */
public final class CancelFlowRequest extends Request<FlowResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "CancelFlowRequest",
            "institution ident 12",
            "customer ident 32",
            "flow ident 32",
            "operator ident 16",
            "reason text 48");

    /** CANCEL_FLOW. */
    public CancelFlowRequest() {
        super(Transaction.CANCEL_FLOW, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public CancelFlowRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public CancelFlowRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param flow id of the flow, 32 hexadecimal digits; at most 32 characters */
    public CancelFlowRequest flow(String flow) {
        set(2, flow);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public CancelFlowRequest operator(String operator) {
        set(3, operator);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public CancelFlowRequest reason(String reason) {
        set(4, reason);
        return this;
    }

    @Override
    protected FlowResponse response(Object[] values, Receipt receipt) {
        return new FlowResponse(values, receipt);
    }
}
