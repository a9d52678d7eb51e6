// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** An operator's: the user has forgotten it. Blank {@code password}: one is made and answered. */
public final class ResetPasswordRequest extends Request<ResetPasswordResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "ResetPasswordRequest",
            "institution ident 12",
            "customer ident 32",
            "kind u8 1 =1",
            "- reserved 7",
            "slot ident 16",
            "reference ident 32",
            "operator ident 16",
            "reason text 48",
            "password text 128 secret",
            "known text 96 secret",
            "- pad 16",
            "- seal 32");

    /** RESET_PASSWORD. */
    public ResetPasswordRequest() {
        super(Transaction.RESET_PASSWORD, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public ResetPasswordRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public ResetPasswordRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param kind password kind: password or PIN */
    public ResetPasswordRequest kind(PasswordKind kind) {
        set(2, Long.valueOf(kind.number()));
        return this;
    }

    /** @param slot which of several passwords of that kind; blank = the ordinary one; at most 16 characters */
    public ResetPasswordRequest slot(String slot) {
        set(4, slot);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public ResetPasswordRequest reference(String reference) {
        set(5, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public ResetPasswordRequest operator(String operator) {
        set(6, operator);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public ResetPasswordRequest reason(String reason) {
        set(7, reason);
        return this;
    }

    /** @param password a password or PIN; RESET_PASSWORD: blank = one is made; at most 128 bytes */
    public ResetPasswordRequest password(Secret password) {
        set(8, password);
        return this;
    }

    /** The same from plain text; see {@link #password(Secret)}. */
    public ResetPasswordRequest password(String password) {
        return password(Secret.of(password));
    }

    /** @param known words and numbers that the bank knows of the user and that no password may be made of, separated by blanks; kept nowhere; may be blank; at most 96 bytes */
    public ResetPasswordRequest known(Secret known) {
        set(9, known);
        return this;
    }

    /** The same from plain text; see {@link #known(Secret)}. */
    public ResetPasswordRequest known(String known) {
        return known(Secret.of(known));
    }

    @Override
    protected ResetPasswordResponse response(Object[] values, Receipt receipt) {
        return new ResetPasswordResponse(values, receipt);
    }
}
