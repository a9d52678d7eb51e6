// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** The current generation makes nothing more; what it made is still verified and deciphered. */
public final class RetireKeyRequest extends Request<KeyResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "RetireKeyRequest",
            "key ident 24",
            "key_purpose ident 16",
            "operator ident 16");

    /** RETIRE_KEY. */
    public RetireKeyRequest() {
        super(Transaction.RETIRE_KEY, LAYOUT);
    }

    /** @param key name of a key of the channel's own, or else its institution's; at most 24 characters */
    public RetireKeyRequest key(String key) {
        set(0, key);
        return this;
    }

    /** @param keyPurpose {@code mac}, {@code field}, {@code pin-block}, {@code pin-pvv}, {@code pin-offset}, {@code pin-verifier} or {@code transport}; at most 16 characters */
    public RetireKeyRequest keyPurpose(String keyPurpose) {
        set(1, keyPurpose);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public RetireKeyRequest operator(String operator) {
        set(2, operator);
        return this;
    }

    @Override
    protected KeyResponse response(Object[] values, Receipt receipt) {
        return new KeyResponse(values, receipt);
    }
}
