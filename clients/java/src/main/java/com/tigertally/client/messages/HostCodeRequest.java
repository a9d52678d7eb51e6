// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** Let the server prove itself to the user: what would it answer to {@code question}, which the user's token shows? Its own question comes with the answer and may be answered by VERIFY_OCRA (RFC 6287 sections 7.2 and 7.4). The other fields as in {@code IssueOcraChallengeRequest}. */
public final class HostCodeRequest extends Request<HostCodeResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "HostCodeRequest",
            "institution ident 12",
            "customer ident 32",
            "token ident 24",
            "reference ident 32",
            "end_user_address ident 40",
            "question ident 64",
            "text_digest octets 32",
            "session text 512");

    /** HOST_CODE. */
    public HostCodeRequest() {
        super(Transaction.HOST_CODE, LAYOUT);
    }

    /** @param institution legal entity the user belongs to; at most 12 characters */
    public HostCodeRequest institution(String institution) {
        set(0, institution);
        return this;
    }

    /** @param customer customer number; with the institution it names a user; at most 32 characters */
    public HostCodeRequest customer(String customer) {
        set(1, customer);
        return this;
    }

    /** @param token serial number of a token; VERIFY_OTP: blank = the user's single active one; at most 24 characters */
    public HostCodeRequest token(String token) {
        set(2, token);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public HostCodeRequest reference(String reference) {
        set(3, reference);
        return this;
    }

    /** @param endUserAddress from where the customer came; may be blank; at most 40 characters */
    public HostCodeRequest endUserAddress(String endUserAddress) {
        set(4, endUserAddress);
        return this;
    }

    /** @param question what the token is asked, at most as long as its suite says; at most 64 characters */
    public HostCodeRequest question(String question) {
        set(5, question);
        return this;
    }

    /** @param textDigest SHA-256 of the text that the question stands for; zeros = none; 32 bytes */
    public HostCodeRequest textDigest(byte[] textDigest) {
        set(6, textDigest);
        return this;
    }

    /** @param session session information that the token mixes in; otherwise blank; at most 512 bytes */
    public HostCodeRequest session(String session) {
        set(7, session);
        return this;
    }

    @Override
    protected HostCodeResponse response(Object[] values, Receipt receipt) {
        return new HostCodeResponse(values, receipt);
    }
}
