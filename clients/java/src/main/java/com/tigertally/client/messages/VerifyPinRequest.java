// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Is the PIN in the block the one that {@code pin_value} was made of. */
public final class VerifyPinRequest extends Request<VerifyPinResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifyPinRequest",
            "key ident 24",
            "pin_key ident 24",
            "reference ident 32",
            "pin_format u8 1",
            "pin_method u8 1",
            "pin_index u8 1",
            "- reserved 1",
            "key_generation u16 2",
            "pin_key_generation u16 2",
            "account digits 19 secret",
            "pin_block octets 16 secret",
            "pin_value ident 64 secret",
            "- pad 13",
            "- seal 32");

    /** VERIFY_PIN. */
    public VerifyPinRequest() {
        super(Transaction.VERIFY_PIN, LAYOUT);
    }

    /** @param key name of a key of the channel's own, or else its institution's; at most 24 characters */
    public VerifyPinRequest key(String key) {
        set(0, key);
        return this;
    }

    /** @param pinKey name of the key that the PIN is verified with; at most 24 characters */
    public VerifyPinRequest pinKey(String pinKey) {
        set(1, pinKey);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifyPinRequest reference(String reference) {
        set(2, reference);
        return this;
    }

    /** @param pinFormat format of the PIN block, ISO 9564-1: 0, 3 or 4 */
    public VerifyPinRequest pinFormat(int pinFormat) {
        set(3, Long.valueOf(pinFormat));
        return this;
    }

    /** @param pinMethod 1 VISA PVV, 2 IBM 3624 offset, 3 keyed verifier */
    public VerifyPinRequest pinMethod(int pinMethod) {
        set(4, Long.valueOf(pinMethod));
        return this;
    }

    /** @param pinIndex index of the key in the PVV, 0 to 9; otherwise 0 */
    public VerifyPinRequest pinIndex(int pinIndex) {
        set(5, Long.valueOf(pinIndex));
        return this;
    }

    /** @param keyGeneration generation of {@code key}; in requests 0 = the current one */
    public VerifyPinRequest keyGeneration(int keyGeneration) {
        set(7, Long.valueOf(keyGeneration));
        return this;
    }

    /** @param pinKeyGeneration generation of {@code pin_key}; in requests 0 = the current one */
    public VerifyPinRequest pinKeyGeneration(int pinKeyGeneration) {
        set(8, Long.valueOf(pinKeyGeneration));
        return this;
    }

    /** @param account account number, 13 to 19 digits with the check digit; at most 19 characters */
    public VerifyPinRequest account(Secret account) {
        set(9, account);
        return this;
    }

    /** The same from plain text; see {@link #account(Secret)}. */
    public VerifyPinRequest account(String account) {
        return account(Secret.of(account));
    }

    /** @param pinBlock 16 bytes in format 4; in others 8, zeros behind; 16 bytes */
    public VerifyPinRequest pinBlock(byte[] pinBlock) {
        set(10, pinBlock);
        return this;
    }

    /** @param pinValue PVV, offset, or verifier in hexadecimal; at most 64 characters */
    public VerifyPinRequest pinValue(Secret pinValue) {
        set(11, pinValue);
        return this;
    }

    /** The same from plain text; see {@link #pinValue(Secret)}. */
    public VerifyPinRequest pinValue(String pinValue) {
        return pinValue(Secret.of(pinValue));
    }

    @Override
    protected VerifyPinResponse response(Object[] values, Receipt receipt) {
        return new VerifyPinResponse(values, receipt);
    }
}
