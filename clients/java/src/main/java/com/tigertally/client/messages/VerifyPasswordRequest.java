// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Is {@code password} right for this user. */
public final class VerifyPasswordRequest extends Request<PasswordResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifyPasswordRequest",
            "institution ident 12",
            "customer ident 32",
            "kind u8 1 =1",
            "- reserved 7",
            "slot ident 16",
            "reference ident 32",
            "end_user_address ident 40",
            "password text 128 secret",
            "- pad 16",
            "- seal 32");

    /** VERIFY_PASSWORD. */
    public VerifyPasswordRequest() {
        super(Transaction.VERIFY_PASSWORD, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public VerifyPasswordRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public VerifyPasswordRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param kind password kind: password or PIN */
    public VerifyPasswordRequest kind(PasswordKind kind) {
        set(2, Long.valueOf(kind.number()));
        return this;
    }

    /** @param slot which of several passwords of that kind; blank = the ordinary one; at most 16 characters */
    public VerifyPasswordRequest slot(String slot) {
        set(4, slot);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifyPasswordRequest reference(String reference) {
        set(5, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public VerifyPasswordRequest endUserAddress(String endUserAddress) {
        set(6, endUserAddress);
        return this;
    }

    /** @param password a password or PIN; RESET_PASSWORD: blank = one is made; at most 128 bytes */
    public VerifyPasswordRequest password(Secret password) {
        set(7, password);
        return this;
    }

    /** The same from plain text; see {@link #password(Secret)}. */
    public VerifyPasswordRequest password(String password) {
        return password(Secret.of(password));
    }

    @Override
    protected PasswordResponse response(Object[] values, Receipt receipt) {
        return new PasswordResponse(values, receipt);
    }
}
