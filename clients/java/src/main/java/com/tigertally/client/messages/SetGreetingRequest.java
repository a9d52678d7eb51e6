// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Keep {@code greeting}, secret, for the user; blank takes it back. */
public final class SetGreetingRequest extends Request<SetGreetingResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "SetGreetingRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "operator ident 16",
            "greeting text 96 secret",
            "- pad 16",
            "- seal 32");

    /** SET_GREETING. */
    public SetGreetingRequest() {
        super(Transaction.SET_GREETING, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public SetGreetingRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public SetGreetingRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public SetGreetingRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public SetGreetingRequest operator(String operator) {
        set(3, operator);
        return this;
    }

    /** @param greeting the reserved greeting; SET_GREETING: blank takes it back; at most 96 bytes */
    public SetGreetingRequest greeting(Secret greeting) {
        set(4, greeting);
        return this;
    }

    /** The same from plain text; see {@link #greeting(Secret)}. */
    public SetGreetingRequest greeting(String greeting) {
        return greeting(Secret.of(greeting));
    }

    @Override
    protected SetGreetingResponse response(Object[] values, Receipt receipt) {
        return new SetGreetingResponse(values, receipt);
    }
}
