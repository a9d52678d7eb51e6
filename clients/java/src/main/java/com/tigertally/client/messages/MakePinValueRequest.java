// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** What is kept in place of the PIN in the block, under the current generation of {@code pin_key}. */
public final class MakePinValueRequest extends Request<MakePinValueResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "MakePinValueRequest",
            "key ident 24",
            "pin_key ident 24",
            "reference ident 32",
            "pin_format u8 1",
            "pin_method u8 1",
            "pin_index u8 1",
            "- reserved 3",
            "key_generation u16 2",
            "account digits 19 secret",
            "pin_block octets 16 secret",
            "- pad 13",
            "- seal 32");

    /** MAKE_PIN_VALUE. */
    public MakePinValueRequest() {
        super(Transaction.MAKE_PIN_VALUE, LAYOUT);
    }

    /** @param key name of a key of the channel's own, or else its institution's; at most 24 characters */
    public MakePinValueRequest key(String key) {
        set(0, key);
        return this;
    }

    /** @param pinKey name of the key that the PIN is verified with; at most 24 characters */
    public MakePinValueRequest pinKey(String pinKey) {
        set(1, pinKey);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public MakePinValueRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param pinFormat format of the PIN block, ISO 9564-1: 0, 3 or 4 */
    public MakePinValueRequest pinFormat(int pinFormat) {
        set(3, Long.valueOf(pinFormat));
        return this;
    }

    /** @param pinMethod 1 VISA PVV, 2 IBM 3624 offset, 3 keyed verifier */
    public MakePinValueRequest pinMethod(int pinMethod) {
        set(4, Long.valueOf(pinMethod));
        return this;
    }

    /** @param pinIndex index of the key in the PVV, 0 to 9; otherwise 0 */
    public MakePinValueRequest pinIndex(int pinIndex) {
        set(5, Long.valueOf(pinIndex));
        return this;
    }

    /** @param keyGeneration generation of {@code key}; in requests 0 = the current one */
    public MakePinValueRequest keyGeneration(int keyGeneration) {
        set(7, Long.valueOf(keyGeneration));
        return this;
    }

    /** @param account account number, 13 to 19 digits with the check digit; at most 19 characters */
    public MakePinValueRequest account(Secret account) {
        set(8, account);
        return this;
    }

    /** The same from plain text; see {@link #account(Secret)}. */
    public MakePinValueRequest account(String account) {
        return account(Secret.of(account));
    }

    /** @param pinBlock 16 bytes in format 4; in others 8, zeros behind; 16 bytes */
    public MakePinValueRequest pinBlock(byte[] pinBlock) {
        set(9, pinBlock);
        return this;
    }

    @Override
    protected MakePinValueResponse response(Object[] values, Receipt receipt) {
        return new MakePinValueResponse(values, receipt);
    }
}
