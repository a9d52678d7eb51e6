// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** Is {@code mac_value} the MAC of {@code data}; {@code key_generation} 0 = the current one. */
public final class VerifyMacRequest extends Request<VerifyMacResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "VerifyMacRequest",
            "key ident 24",
            "reference ident 32",
            "mac_algorithm u8 1",
            "padding u8 1",
            "mac_length u8 1",
            "- reserved 1",
            "key_generation u16 2",
            "data_length u16 2",
            "mac_value octets 32",
            "data octets 1024 secret",
            "- pad 16",
            "- seal 32");

    /** VERIFY_MAC. */
    public VerifyMacRequest() {
        super(Transaction.VERIFY_MAC, LAYOUT);
    }

    /** @param key name of a key of the channel's own, or else its institution's; at most 24 characters */
    public VerifyMacRequest key(String key) {
        set(0, key);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public VerifyMacRequest reference(String reference) {
        set(1, reference);
        return this;
    }

    /** @param macAlgorithm 1, 2, 3 of ISO/IEC 9797-1, 5 CMAC, 16 HMAC */
    public VerifyMacRequest macAlgorithm(int macAlgorithm) {
        set(2, Long.valueOf(macAlgorithm));
        return this;
    }

    /** @param padding method 1, 2 or 3 of ISO/IEC 9797-1; 0 with CMAC and HMAC */
    public VerifyMacRequest padding(int padding) {
        set(3, Long.valueOf(padding));
        return this;
    }

    /** @param macLength bytes of the MAC, from the left */
    public VerifyMacRequest macLength(int macLength) {
        set(4, Long.valueOf(macLength));
        return this;
    }

    /** @param keyGeneration generation of {@code key}; in requests 0 = the current one */
    public VerifyMacRequest keyGeneration(int keyGeneration) {
        set(6, Long.valueOf(keyGeneration));
        return this;
    }

    /** @param dataLength bytes of {@code data} */
    public VerifyMacRequest dataLength(int dataLength) {
        set(7, Long.valueOf(dataLength));
        return this;
    }

    /** @param macValue the MAC, left-justified, zeros behind; 32 bytes */
    public VerifyMacRequest macValue(byte[] macValue) {
        set(8, macValue);
        return this;
    }

    /** @param data left-justified, zeros behind; 1024 bytes */
    public VerifyMacRequest data(byte[] data) {
        set(9, data);
        return this;
    }

    @Override
    protected VerifyMacResponse response(Object[] values, Receipt receipt) {
        return new VerifyMacResponse(values, receipt);
    }
}
