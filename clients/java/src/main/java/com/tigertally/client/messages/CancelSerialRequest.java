// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Claim an unseen serial, so that it is refused when it arrives late. {@code business_day} 0: the header's. */
public final class CancelSerialRequest extends Request<QueryResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "CancelSerialRequest",
            "business_day u16 2",
            "- reserved 6",
            "serial u64 8",
            "operator ident 16",
            "reason text 48");

    /** CANCEL_SERIAL. */
    public CancelSerialRequest() {
        super(Transaction.CANCEL_SERIAL, LAYOUT);
    }

    /** @param businessDay business day the question is about; 0 = the header's */
    public CancelSerialRequest businessDay(int businessDay) {
        set(0, Long.valueOf(businessDay));
        return this;
    }

    /** @param serial serial the question is about */
    public CancelSerialRequest serial(long serial) {
        set(2, Long.valueOf(serial));
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public CancelSerialRequest operator(String operator) {
        set(3, operator);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public CancelSerialRequest reason(String reason) {
        set(4, reason);
        return this;
    }

    @Override
    protected QueryResponse response(Object[] values, Receipt receipt) {
        return new QueryResponse(values, receipt);
    }
}
