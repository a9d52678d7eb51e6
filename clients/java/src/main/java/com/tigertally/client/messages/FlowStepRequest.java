// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Try one factor of a flow. */
public final class FlowStepRequest extends Request<FlowResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "FlowStepRequest",
            "institution ident 12",
            "customer ident 32",
            "flow ident 32",
            "factor ident 16",
            "end_user_address ident 40",
            "factor_schema u16 2 =1",
            "- reserved 6",
            "factor_body octets 1008 secret",
            "- pad 16",
            "- seal 32");

    /** FLOW_STEP. */
    public FlowStepRequest() {
        super(Transaction.FLOW_STEP, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public FlowStepRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public FlowStepRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param flow id of the flow, 32 hexadecimal digits; at most 32 characters */
    public FlowStepRequest flow(String flow) {
        set(2, flow);
        return this;
    }

    /** @param factor name of a factor, see Flows; at most 16 characters */
    public FlowStepRequest factor(String factor) {
        set(3, factor);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public FlowStepRequest endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    /** @param factorSchema layout version of the enclosed body */
    public FlowStepRequest factorSchema(int factorSchema) {
        set(5, Long.valueOf(factorSchema));
        return this;
    }

    /** @param factorBody the body of the factor's own request, unsealed, zeros after it; see Flows; 1008 bytes */
    public FlowStepRequest factorBody(byte[] factorBody) {
        set(7, factorBody);
        return this;
    }

    @Override
    protected FlowResponse response(Object[] values, Receipt receipt) {
        return new FlowResponse(values, receipt);
    }
}
