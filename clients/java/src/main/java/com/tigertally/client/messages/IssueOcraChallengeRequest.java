// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Ask a question that the user's token is to answer. */
public final class IssueOcraChallengeRequest extends Request<IssueOcraChallengeResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "IssueOcraChallengeRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "end_user_address ident 40",
            "question ident 64",
            "text_digest octets 32",
            "session text 512");

    /** ISSUE_OCRA_CHALLENGE. */
    public IssueOcraChallengeRequest() {
        super(Transaction.ISSUE_OCRA_CHALLENGE, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public IssueOcraChallengeRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public IssueOcraChallengeRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public IssueOcraChallengeRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public IssueOcraChallengeRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public IssueOcraChallengeRequest endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    /** @param question what the token is asked, at most as long as its suite says; at most 64 characters */
    public IssueOcraChallengeRequest question(String question) {
        set(5, question);
        return this;
    }

    /** @param textDigest SHA-256 of the text that the question stands for; zeros = none; 32 bytes */
    public IssueOcraChallengeRequest textDigest(byte[] textDigest) {
        set(6, textDigest);
        return this;
    }

    /** @param session session information that the token mixes in; otherwise blank; at most 512 bytes */
    public IssueOcraChallengeRequest session(String session) {
        set(7, session);
        return this;
    }

    @Override
    protected IssueOcraChallengeResponse response(Object[] values, Receipt receipt) {
        return new IssueOcraChallengeResponse(values, receipt);
    }
}
