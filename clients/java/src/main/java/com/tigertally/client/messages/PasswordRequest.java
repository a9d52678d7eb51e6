// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** QUERY_PASSWORD, UNLOCK_PASSWORD, DISABLE_PASSWORD or ENABLE_PASSWORD: the header's code says which. */
public final class PasswordRequest extends Request<PasswordResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "PasswordRequest",
            "institution ident 12",
            "customer ident 32",
            "kind u8 1 =1",
            "- reserved 7",
            "slot ident 16",
            "reference ident 32",
            "operator ident 16",
            "reason text 48");

    private PasswordRequest(Transaction transaction) {
        super(transaction, LAYOUT);
    }

    /** QUERY_PASSWORD. */
    public static PasswordRequest queryPassword() {
        return new PasswordRequest(Transaction.QUERY_PASSWORD);
    }

    /** UNLOCK_PASSWORD. */
    public static PasswordRequest unlockPassword() {
        return new PasswordRequest(Transaction.UNLOCK_PASSWORD);
    }

    /** DISABLE_PASSWORD. */
    public static PasswordRequest disablePassword() {
        return new PasswordRequest(Transaction.DISABLE_PASSWORD);
    }

    /** ENABLE_PASSWORD. */
    public static PasswordRequest enablePassword() {
        return new PasswordRequest(Transaction.ENABLE_PASSWORD);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public PasswordRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public PasswordRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param kind password kind: password or PIN */
    public PasswordRequest kind(PasswordKind kind) {
        set(2, Long.valueOf(kind.number()));
        return this;
    }

    /** @param slot which of several passwords of that kind; blank = the ordinary one; at most 16 characters */
    public PasswordRequest slot(String slot) {
        set(4, slot);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public PasswordRequest reference(String reference) {
        set(5, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public PasswordRequest operator(String operator) {
        set(6, operator);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public PasswordRequest reason(String reason) {
        set(7, reason);
        return this;
    }

    @Override
    protected PasswordResponse response(Object[] values, Receipt receipt) {
        return new PasswordResponse(values, receipt);
    }
}
