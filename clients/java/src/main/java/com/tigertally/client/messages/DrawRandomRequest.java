// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** {@code octet_count} unpredictable octets, 1 to 256. */
public final class DrawRandomRequest extends Request<DrawRandomResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "DrawRandomRequest",
            "octet_count u16 2",
            "- reserved 6");

    /** DRAW_RANDOM. */
    public DrawRandomRequest() {
        super(Transaction.DRAW_RANDOM, LAYOUT);
    }

    /** @param octetCount 1 to 256 */
    public DrawRandomRequest octetCount(int octetCount) {
        set(0, Long.valueOf(octetCount));
        return this;
    }

    @Override
    protected DrawRandomResponse response(Object[] values, Receipt receipt) {
        return new DrawRandomResponse(values, receipt);
    }
}
