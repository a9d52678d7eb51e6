// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** {@code plain} under the current generation of {@code key}. */
public final class EncipherFieldRequest extends Request<EncipherFieldResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "EncipherFieldRequest",
            "key ident 24",
            "reference ident 32",
            "context ident 64",
            "mode u8 1",
            "- reserved 5",
            "plain_length u16 2",
            "plain octets 512 secret",
            "- pad 16",
            "- seal 32");

    /** ENCIPHER_FIELD. */
    public EncipherFieldRequest() {
        super(Transaction.ENCIPHER_FIELD, LAYOUT);
    }

    /** @param key name of a key of the channel's own, or else its institution's; at most 24 characters */
    public EncipherFieldRequest key(String key) {
        set(0, key);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public EncipherFieldRequest reference(String reference) {
        set(1, reference);
        return this;
    }

    /** @param context what the field belongs to, bound to it by GCM; otherwise blank; at most 64 characters */
    public EncipherFieldRequest context(String context) {
        set(2, context);
        return this;
    }

    /** @param mode 1 GCM, 2 CBC, 3 ECB */
    public EncipherFieldRequest mode(int mode) {
        set(3, Long.valueOf(mode));
        return this;
    }

    /** @param plainLength bytes of {@code plain} */
    public EncipherFieldRequest plainLength(int plainLength) {
        set(5, Long.valueOf(plainLength));
        return this;
    }

    /** @param plain the field in the clear, left-justified, zeros behind; 512 bytes */
    public EncipherFieldRequest plain(byte[] plain) {
        set(6, plain);
        return this;
    }

    @Override
    protected EncipherFieldResponse response(Object[] values, Receipt receipt) {
        return new EncipherFieldResponse(values, receipt);
    }
}
