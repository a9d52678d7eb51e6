// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Begin a flow that a policy of the bank describes. */
public final class BeginFlowRequest extends Request<FlowResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "BeginFlowRequest",
            "institution ident 12",
            "customer ident 32",
            "policy ident 32",
            "deadline_s u32 4",
            "channel_1 u32 4",
            "channel_2 u32 4",
            "channel_3 u32 4",
            "channel_4 u32 4",
            "reference ident 32",
            "operator ident 16");

    /** BEGIN_FLOW. */
    public BeginFlowRequest() {
        super(Transaction.BEGIN_FLOW, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public BeginFlowRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public BeginFlowRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param policy name of a flow policy; in answers blank where the caller's own expression was used; at most 32 characters */
    public BeginFlowRequest policy(String policy) {
        set(2, policy);
        return this;
    }

    /** @param deadlineS the flow lapses after so many seconds; 0 = the policy's own */
    public BeginFlowRequest deadlineS(long deadlineS) {
        set(3, Long.valueOf(deadlineS));
        return this;
    }

    /** @param channel1 a channel that may take steps beside the beginner; 0 = none */
    public BeginFlowRequest channel1(long channel1) {
        set(4, Long.valueOf(channel1));
        return this;
    }

    /** @param channel2 as {@code channel_1} */
    public BeginFlowRequest channel2(long channel2) {
        set(5, Long.valueOf(channel2));
        return this;
    }

    /** @param channel3 as {@code channel_1} */
    public BeginFlowRequest channel3(long channel3) {
        set(6, Long.valueOf(channel3));
        return this;
    }

    /** @param channel4 as {@code channel_1} */
    public BeginFlowRequest channel4(long channel4) {
        set(7, Long.valueOf(channel4));
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public BeginFlowRequest reference(String reference) {
        set(8, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public BeginFlowRequest operator(String operator) {
        set(9, operator);
        return this;
    }

    @Override
    protected FlowResponse response(Object[] values, Receipt receipt) {
        return new FlowResponse(values, receipt);
    }
}
