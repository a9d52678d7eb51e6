// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** A new generation of a key of one's own, brought in a key block under {@code transport_key}; purpose and algorithm are the block's. */
public final class ImportKeyRequest extends Request<KeyResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "ImportKeyRequest",
            "key ident 24",
            "transport_key ident 24",
            "operator ident 16",
            "check_value ident 8",
            "key_block ident 512");

    /** IMPORT_KEY. */
    public ImportKeyRequest() {
        super(Transaction.IMPORT_KEY, LAYOUT);
    }

    /** @param key name of a key of the channel's own, or else its institution's; at most 24 characters */
    public ImportKeyRequest key(String key) {
        set(0, key);
        return this;
    }

    /** @param transportKey name of the key that a key block is under; may be blank in ISSUE_KEY; at most 24 characters */
    public ImportKeyRequest transportKey(String transportKey) {
        set(1, transportKey);
        return this;
    }

    /** @param operator member of staff who asked; may be blank; at most 16 characters */
    public ImportKeyRequest operator(String operator) {
        set(2, operator);
        return this;
    }

    /** @param checkValue six hexadecimal digits; in IMPORT_KEY may be blank; at most 8 characters */
    public ImportKeyRequest checkValue(String checkValue) {
        set(3, checkValue);
        return this;
    }

    /** @param keyBlock key block of ANSI X9.143, see Key blocks; in answers blank unless asked for; at most 512 characters */
    public ImportKeyRequest keyBlock(String keyBlock) {
        set(4, keyBlock);
        return this;
    }

    @Override
    protected KeyResponse response(Object[] values, Receipt receipt) {
        return new KeyResponse(values, receipt);
    }
}
