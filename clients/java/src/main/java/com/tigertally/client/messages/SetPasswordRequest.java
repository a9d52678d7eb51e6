// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** The first password of a user: an operator answers for it, or a one-time code proves it. */
public final class SetPasswordRequest extends Request<PasswordResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "SetPasswordRequest",
            "institution ident 12",
            "customer ident 32",
            "kind u8 1 =1",
            "- reserved 7",
            "slot ident 16",
            "reference ident 32",
            "operator ident 16",
            "token ident 24",
            "password text 128 secret",
            "known text 96 secret",
            "otp digits 10 secret",
            "- pad 6",
            "- seal 32");

    /** SET_PASSWORD. */
    public SetPasswordRequest() {
        super(Transaction.SET_PASSWORD, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public SetPasswordRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public SetPasswordRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param kind password kind: password or PIN */
    public SetPasswordRequest kind(PasswordKind kind) {
        set(2, Long.valueOf(kind.number()));
        return this;
    }

    /** @param slot which of several passwords of that kind; blank = the ordinary one; at most 16 characters */
    public SetPasswordRequest slot(String slot) {
        set(4, slot);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public SetPasswordRequest reference(String reference) {
        set(5, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public SetPasswordRequest operator(String operator) {
        set(6, operator);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public SetPasswordRequest token(String token) {
        set(7, token);
        return this;
    }

    /** @param password a password or PIN; RESET_PASSWORD: blank = one is made; at most 128 bytes */
    public SetPasswordRequest password(Secret password) {
        set(8, password);
        return this;
    }

    /** The same from plain text; see {@link #password(Secret)}. */
    public SetPasswordRequest password(String password) {
        return password(Secret.of(password));
    }

    /** @param known words and numbers that the bank knows of the user and that no password may be made of, separated by blanks; kept nowhere; may be blank; at most 96 bytes */
    public SetPasswordRequest known(Secret known) {
        set(9, known);
        return this;
    }

    /** The same from plain text; see {@link #known(Secret)}. */
    public SetPasswordRequest known(String known) {
        return known(Secret.of(known));
    }

    /** @param otp one-time code; BIND_TOKEN: may be blank; at most 10 characters */
    public SetPasswordRequest otp(Secret otp) {
        set(10, otp);
        return this;
    }

    /** The same from plain text; see {@link #otp(Secret)}. */
    public SetPasswordRequest otp(String otp) {
        return otp(Secret.of(otp));
    }

    @Override
    protected PasswordResponse response(Object[] values, Receipt receipt) {
        return new PasswordResponse(values, receipt);
    }
}
