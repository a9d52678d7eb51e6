// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** A new generation of a key of one's own, made by the server; with a {@code transport_key} the answer carries it in a key block, without one it never leaves. */
public final class IssueKeyRequest extends Request<KeyResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "IssueKeyRequest",
            "key ident 24",
            "key_purpose ident 16",
            "key_algorithm ident 16",
            "transport_key ident 24",
            "operator ident 16");

    /** ISSUE_KEY. */
    public IssueKeyRequest() {
        super(Transaction.ISSUE_KEY, LAYOUT);
    }

    /** @param key name of a key of the channel's own, or else its institution's; at most 24 characters */
    public IssueKeyRequest key(String key) {
        set(0, key);
        return this;
    }

    /** @param keyPurpose {@code mac}, {@code field}, {@code pin-block}, {@code pin-pvv}, {@code pin-offset}, {@code pin-verifier} or {@code transport}; at most 16 characters */
    public IssueKeyRequest keyPurpose(String keyPurpose) {
        set(1, keyPurpose);
        return this;
    }

    /** @param keyAlgorithm {@code 3des-168}, {@code aes-128}, {@code aes-192}, {@code aes-256}, {@code sm4}, {@code aes-128-pair}, {@code sm4-pair}, {@code hmac-sha256}, {@code hmac-sm3}; by configuration {@code des}, {@code 3des-112}; at most 16 characters */
    public IssueKeyRequest keyAlgorithm(String keyAlgorithm) {
        set(2, keyAlgorithm);
        return this;
    }

    /** @param transportKey name of the key that a key block is under; may be blank in ISSUE_KEY; at most 24 characters */
    public IssueKeyRequest transportKey(String transportKey) {
        set(3, transportKey);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public IssueKeyRequest operator(String operator) {
        set(4, operator);
        return this;
    }

    @Override
    protected KeyResponse response(Object[] values, Receipt receipt) {
        return new KeyResponse(values, receipt);
    }
}
