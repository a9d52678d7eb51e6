// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Close a user whose tokens are all unbound. */
public final class CloseUserRequest extends Request<UserResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "CloseUserRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "operator ident 16",
            "reason text 48");

    /** CLOSE_USER. */
    public CloseUserRequest() {
        super(Transaction.CLOSE_USER, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public CloseUserRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public CloseUserRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public CloseUserRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public CloseUserRequest operator(String operator) {
        set(3, operator);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public CloseUserRequest reason(String reason) {
        set(4, reason);
        return this;
    }

    @Override
    protected UserResponse response(Object[] values, Receipt receipt) {
        return new UserResponse(values, receipt);
    }
}
