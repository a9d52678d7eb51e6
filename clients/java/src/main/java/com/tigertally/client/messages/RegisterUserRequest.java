// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Make a user known. {@code operator}: the member of staff, if any; {@code name}, {@code mobile}: secret. */
public final class RegisterUserRequest extends Request<UserResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "RegisterUserRequest",
            "institution ident 12",
            "customer ident 32",
            "reference ident 32",
            "operator ident 16",
            "name text 64 secret",
            "mobile ident 20 secret",
            "- pad 12",
            "- seal 32");

    /** REGISTER_USER. */
    public RegisterUserRequest() {
        super(Transaction.REGISTER_USER, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public RegisterUserRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public RegisterUserRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public RegisterUserRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public RegisterUserRequest operator(String operator) {
        set(3, operator);
        return this;
    }

    /** @param name the customer's name; may be blank; at most 64 bytes */
    public RegisterUserRequest name(Secret name) {
        set(4, name);
        return this;
    }

    /** The same from plain text; see {@link #name(Secret)}. */
    public RegisterUserRequest name(String name) {
        return name(Secret.of(name));
    }

    /** @param mobile the customer's mobile number; may be blank; at most 20 characters */
    public RegisterUserRequest mobile(Secret mobile) {
        set(5, mobile);
        return this;
    }

    /** The same from plain text; see {@link #mobile(Secret)}. */
    public RegisterUserRequest mobile(String mobile) {
        return mobile(Secret.of(mobile));
    }

    @Override
    protected UserResponse response(Object[] values, Receipt receipt) {
        return new UserResponse(values, receipt);
    }
}
