// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Make the activation code, the customer's half, to be sent by another way than the first. */
public final class IssueActivationCodeRequest extends Request<IssueActivationCodeResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "IssueActivationCodeRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "operator ident 16");

    /** ISSUE_ACTIVATION_CODE. */
    public IssueActivationCodeRequest() {
        super(Transaction.ISSUE_ACTIVATION_CODE, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public IssueActivationCodeRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public IssueActivationCodeRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public IssueActivationCodeRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public IssueActivationCodeRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public IssueActivationCodeRequest operator(String operator) {
        set(4, operator);
        return this;
    }

    @Override
    protected IssueActivationCodeResponse response(Object[] values, Receipt receipt) {
        return new IssueActivationCodeResponse(values, receipt);
    }
}
