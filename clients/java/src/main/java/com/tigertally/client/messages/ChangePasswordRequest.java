// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** The user's own change: {@code password} is the one in force, {@code new_password} what shall be. */
public final class ChangePasswordRequest extends Request<PasswordResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "ChangePasswordRequest",
            "institution ident 12",
            "customer ident 32",
            "kind u8 1 =1",
            "- reserved 7",
            "slot ident 16",
            "reference ident 32",
            "end_user_address ident 40",
            "password text 128 secret",
            "new_password text 128 secret",
            "known text 96 secret",
            "- pad 16",
            "- seal 32");

    /** CHANGE_PASSWORD. */
    public ChangePasswordRequest() {
        super(Transaction.CHANGE_PASSWORD, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public ChangePasswordRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public ChangePasswordRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param kind password kind: password or PIN */
    public ChangePasswordRequest kind(PasswordKind kind) {
        set(2, Long.valueOf(kind.number()));
        return this;
    }

    /** @param slot which of several passwords of that kind; blank = the ordinary one; at most 16 characters */
    public ChangePasswordRequest slot(String slot) {
        set(4, slot);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public ChangePasswordRequest reference(String reference) {
        set(5, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public ChangePasswordRequest endUserAddress(String endUserAddress) {
        set(6, endUserAddress);
        return this;
    }

    /** @param password a password or PIN; RESET_PASSWORD: blank = one is made; at most 128 bytes */
    public ChangePasswordRequest password(Secret password) {
        set(7, password);
        return this;
    }

    /** The same from plain text; see {@link #password(Secret)}. */
    public ChangePasswordRequest password(String password) {
        return password(Secret.of(password));
    }

    /** @param newPassword the new password or PIN; in the answer the one that was made, or blank; at most 128 bytes */
    public ChangePasswordRequest newPassword(Secret newPassword) {
        set(8, newPassword);
        return this;
    }

    /** The same from plain text; see {@link #newPassword(Secret)}. */
    public ChangePasswordRequest newPassword(String newPassword) {
        return newPassword(Secret.of(newPassword));
    }

    /** @param known words and numbers that the bank knows of the user and that no password may be made of, separated by blanks; kept nowhere; may be blank; at most 96 bytes */
    public ChangePasswordRequest known(Secret known) {
        set(9, known);
        return this;
    }

    /** The same from plain text; see {@link #known(Secret)}. */
    public ChangePasswordRequest known(String known) {
        return known(Secret.of(known));
    }

    @Override
    protected PasswordResponse response(Object[] values, Receipt receipt) {
        return new PasswordResponse(values, receipt);
    }
}
