// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** A MAC of {@code data} under the current generation of {@code key}. */
public final class GenerateMacRequest extends Request<GenerateMacResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "GenerateMacRequest",
            "key ident 24",
            "reference ident 32",
            "mac_algorithm u8 1",
            "padding u8 1",
            "mac_length u8 1",
            "- reserved 3",
            "data_length u16 2",
            "data octets 1024 secret",
            "- pad 16",
            "- seal 32");

    /** GENERATE_MAC. */
    public GenerateMacRequest() {
        super(Transaction.GENERATE_MAC, LAYOUT);
    }

    /** @param key name of a key of the channel's own, or else its institution's; at most 24 characters */
    public GenerateMacRequest key(String key) {
        set(0, key);
        return this;
    }

    /** @param reference the bank's own name for this; may be blank; at most 32 characters */
    public GenerateMacRequest reference(String reference) {
        set(1, reference);
        return this;
    }

    /** @param macAlgorithm 1, 2, 3 of ISO/IEC 9797-1, 5 CMAC, 16 HMAC */
    public GenerateMacRequest macAlgorithm(int macAlgorithm) {
        set(2, Long.valueOf(macAlgorithm));
        return this;
    }

    /** @param padding method 1, 2 or 3 of ISO/IEC 9797-1; 0 with CMAC and HMAC */
    public GenerateMacRequest padding(int padding) {
        set(3, Long.valueOf(padding));
        return this;
    }

    /** @param macLength bytes of the MAC, from the left */
    public GenerateMacRequest macLength(int macLength) {
        set(4, Long.valueOf(macLength));
        return this;
    }

    /** @param dataLength bytes of {@code data} */
    public GenerateMacRequest dataLength(int dataLength) {
        set(6, Long.valueOf(dataLength));
        return this;
    }

    /** @param data left-justified, zeros behind; 1024 bytes */
    public GenerateMacRequest data(byte[] data) {
        set(7, data);
        return this;
    }

    @Override
    protected GenerateMacResponse response(Object[] values, Receipt receipt) {
        return new GenerateMacResponse(values, receipt);
    }
}
