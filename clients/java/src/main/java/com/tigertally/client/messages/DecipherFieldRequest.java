// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.wire.Layout;

/** The inverse; {@code key_generation} as the enciphering told it, 0 = the current one. */
public final class DecipherFieldRequest extends Request<DecipherFieldResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "DecipherFieldRequest",
            "key ident 24",
            "reference ident 32",
            "context ident 64",
            "mode u8 1",
            "- reserved 3",
            "key_generation u16 2",
            "cipher_length u16 2",
            "ciphertext octets 544");

    /** DECIPHER_FIELD. */
    public DecipherFieldRequest() {
        super(Transaction.DECIPHER_FIELD, LAYOUT);
    }

    /** @param key name of a key of the channel's own, or else its institution's; at most 24 characters */
    public DecipherFieldRequest key(String key) {
        set(0, key);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public DecipherFieldRequest reference(String reference) {
        set(1, reference);
        return this;
    }

    /** @param context what the field belongs to, bound to it by GCM; otherwise blank; at most 64 characters */
    public DecipherFieldRequest context(String context) {
        set(2, context);
        return this;
    }

    /** @param mode 1 GCM, 2 CBC, 3 ECB */
    public DecipherFieldRequest mode(int mode) {
        set(3, Long.valueOf(mode));
        return this;
    }

    /** @param keyGeneration generation of {@code key}; in requests 0 = the current one */
    public DecipherFieldRequest keyGeneration(int keyGeneration) {
        set(5, Long.valueOf(keyGeneration));
        return this;
    }

    /** @param cipherLength bytes of {@code ciphertext} */
    public DecipherFieldRequest cipherLength(int cipherLength) {
        set(6, Long.valueOf(cipherLength));
        return this;
    }

    /** @param ciphertext nonce or IV, ciphertext, tag; left-justified, zeros behind; 544 bytes */
    public DecipherFieldRequest ciphertext(byte[] ciphertext) {
        set(7, ciphertext);
        return this;
    }

    @Override
    protected DecipherFieldResponse response(Object[] values, Receipt receipt) {
        return new DecipherFieldResponse(values, receipt);
    }
}
