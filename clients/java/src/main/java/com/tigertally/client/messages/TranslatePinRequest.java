// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** A PIN block under another key, in another format, of the same account number. */
public final class TranslatePinRequest extends Request<TranslatePinResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "TranslatePinRequest",
            "key ident 24",
            "new_key ident 24",
            "reference ident 32",
            "pin_format u8 1",
            "new_format u8 1",
            "key_generation u16 2",
            "- reserved 4",
            "account digits 19 secret",
            "pin_block octets 16 secret",
            "- pad 13",
            "- seal 32");

    /** TRANSLATE_PIN. */
    public TranslatePinRequest() {
        super(Transaction.TRANSLATE_PIN, LAYOUT);
    }

    /** @param key name of a key of the channel's own, or else its institution's; at most 24 characters */
    public TranslatePinRequest key(String key) {
        set(0, key);
        return this;
    }

    /** @param newKey name of the key that the PIN block shall be under; at most 24 characters */
    public TranslatePinRequest newKey(String newKey) {
        set(1, newKey);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public TranslatePinRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param pinFormat format of the PIN block, ISO 9564-1: 0, 3 or 4 */
    public TranslatePinRequest pinFormat(int pinFormat) {
        set(3, Long.valueOf(pinFormat));
        return this;
    }

    /** @param newFormat format that the PIN block shall have */
    public TranslatePinRequest newFormat(int newFormat) {
        set(4, Long.valueOf(newFormat));
        return this;
    }

    /** @param keyGeneration generation of {@code key}; in requests 0 = the current one */
    public TranslatePinRequest keyGeneration(int keyGeneration) {
        set(5, Long.valueOf(keyGeneration));
        return this;
    }

    /** @param account account number, 13 to 19 digits with the check digit; at most 19 characters */
    public TranslatePinRequest account(Secret account) {
        set(7, account);
        return this;
    }

    /** The same from plain text; see {@link #account(Secret)}. */
    public TranslatePinRequest account(String account) {
        return account(Secret.of(account));
    }

    /** @param pinBlock 16 bytes in format 4; in others 8, zeros behind; 16 bytes */
    public TranslatePinRequest pinBlock(byte[] pinBlock) {
        set(8, pinBlock);
        return this;
    }

    @Override
    protected TranslatePinResponse response(Object[] values, Receipt receipt) {
        return new TranslatePinResponse(values, receipt);
    }
}
