// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** What to show to whoever says to be this user. */
public final class GetGreetingRequest extends Request<GetGreetingResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "GetGreetingRequest",
            "institution ident 12",
            "customer ident 32");

    /** GET_GREETING. */
    public GetGreetingRequest() {
        super(Transaction.GET_GREETING, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public GetGreetingRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public GetGreetingRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    @Override
    protected GetGreetingResponse response(Object[] values, Receipt receipt) {
        return new GetGreetingResponse(values, receipt);
    }
}
