// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** As {@code BeginFlowRequest}, with the caller's own expression instead of a policy's. */
public final class BeginOwnFlowRequest extends Request<FlowResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "BeginOwnFlowRequest",
            "institution ident 12",
            "customer ident 32",
            "expression text 192",
            "deadline_s u32 4",
            "channel_1 u32 4",
            "channel_2 u32 4",
            "channel_3 u32 4",
            "channel_4 u32 4",
            "reference ident 32",
            "operator ident 16");

    /** BEGIN_OWN_FLOW. */
    public BeginOwnFlowRequest() {
        super(Transaction.BEGIN_OWN_FLOW, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public BeginOwnFlowRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public BeginOwnFlowRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param expression what the flow asks for, see Flows; at most 192 bytes */
    public BeginOwnFlowRequest expression(String expression) {
        set(2, expression);
        return this;
    }

    /** @param deadlineS the flow lapses after so many seconds; 0 = the policy's own */
    public BeginOwnFlowRequest deadlineS(long deadlineS) {
        set(3, Long.valueOf(deadlineS));
        return this;
    }

    /** @param channel1 a channel that may take steps beside the beginner; 0 = none */
    public BeginOwnFlowRequest channel1(long channel1) {
        set(4, Long.valueOf(channel1));
        return this;
    }

    /** @param channel2 as {@code channel_1} */
    public BeginOwnFlowRequest channel2(long channel2) {
        set(5, Long.valueOf(channel2));
        return this;
    }

    /** @param channel3 as {@code channel_1} */
    public BeginOwnFlowRequest channel3(long channel3) {
        set(6, Long.valueOf(channel3));
        return this;
    }

    /** @param channel4 as {@code channel_1} */
    public BeginOwnFlowRequest channel4(long channel4) {
        set(7, Long.valueOf(channel4));
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public BeginOwnFlowRequest reference(String reference) {
        set(8, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public BeginOwnFlowRequest operator(String operator) {
        set(9, operator);
        return this;
    }

    @Override
    protected FlowResponse response(Object[] values, Receipt receipt) {
        return new FlowResponse(values, receipt);
    }
}
