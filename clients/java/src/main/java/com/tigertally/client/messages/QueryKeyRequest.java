// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** What is known of a key of one's own; {@code key_generation} 0 = the current one. */
public final class QueryKeyRequest extends Request<KeyResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "QueryKeyRequest",
            "key ident 24",
            "key_purpose ident 16",
            "key_generation u16 2",
            "- reserved 6");

    /** QUERY_KEY. */
    public QueryKeyRequest() {
        super(Transaction.QUERY_KEY, LAYOUT);
    }

    /** @param key name of a key of the channel's own, or else its institution's; at most 24 characters */
    public QueryKeyRequest key(String key) {
        set(0, key);
        return this;
    }

    /** @param keyPurpose {@code mac}, {@code field}, {@code pin-block}, {@code pin-pvv}, {@code pin-offset}, {@code pin-verifier} or {@code transport}; at most 16 characters */
    public QueryKeyRequest keyPurpose(String keyPurpose) {
        set(1, keyPurpose);
        return this;
    }

    /** @param keyGeneration generation of {@code key}; in requests 0 = the current one */
    public QueryKeyRequest keyGeneration(int keyGeneration) {
        set(2, Long.valueOf(keyGeneration));
        return this;
    }

    @Override
    protected KeyResponse response(Object[] values, Receipt receipt) {
        return new KeyResponse(values, receipt);
    }
}
