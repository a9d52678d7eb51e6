// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Give the customer a code that stands in for a lost token. */
public final class IssueEmergencyCodeRequest extends Request<IssueEmergencyCodeResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "IssueEmergencyCodeRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "operator ident 16",
            "reason text 48",
            "uses u8 1",
            "- reserved 3",
            "valid_s u32 4");

    /** ISSUE_EMERGENCY_CODE. */
    public IssueEmergencyCodeRequest() {
        super(Transaction.ISSUE_EMERGENCY_CODE, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public IssueEmergencyCodeRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public IssueEmergencyCodeRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public IssueEmergencyCodeRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public IssueEmergencyCodeRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public IssueEmergencyCodeRequest operator(String operator) {
        set(4, operator);
        return this;
    }

    /** @param reason why; may be blank; at most 48 bytes */
    public IssueEmergencyCodeRequest reason(String reason) {
        set(5, reason);
        return this;
    }

    /** @param uses how often the code may be used; 0 = 3 */
    public IssueEmergencyCodeRequest uses(int uses) {
        set(6, Long.valueOf(uses));
        return this;
    }

    /** @param validS for so many seconds; 0 = a day */
    public IssueEmergencyCodeRequest validS(long validS) {
        set(8, Long.valueOf(validS));
        return this;
    }

    @Override
    protected IssueEmergencyCodeResponse response(Object[] values, Receipt receipt) {
        return new IssueEmergencyCodeResponse(values, receipt);
    }
}
