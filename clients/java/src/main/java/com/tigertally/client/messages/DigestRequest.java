// Made from the protocol's registry by `make generate`; not to be edited.
package com.tigertally.client.messages;

import com.tigertally.client.Receipt;
import com.tigertally.client.Request;
import com.tigertally.client.Secret;
import com.tigertally.client.wire.Layout;

/** A digest of {@code data}, without a key. */
public final class DigestRequest extends Request<DigestResponse> {
    /** The body on the wire. */
    public static final Layout LAYOUT = Layout.of(
            "DigestRequest",
            "digest_algorithm u8 1",
            "- reserved 5",
            "data_length u16 2",
            "data octets 1024 secret",
            "- pad 16",
            "- seal 32");

    /** DIGEST. */
    public DigestRequest() {
        super(Transaction.DIGEST, LAYOUT);
    }

    /** @param digestAlgorithm 1 SHA-256, 2 SHA-384, 3 SHA-512, 4 SM3; by configuration 5 SHA-1 */
    public DigestRequest digestAlgorithm(int digestAlgorithm) {
        set(0, Long.valueOf(digestAlgorithm));
        return this;
    }

    /** @param dataLength bytes of {@code data} */
    public DigestRequest dataLength(int dataLength) {
        set(2, Long.valueOf(dataLength));
        return this;
    }

    /** @param data left-justified, zeros behind; 1024 bytes */
    public DigestRequest data(byte[] data) {
        set(3, data);
        return this;
    }

    @Override
    protected DigestResponse response(Object[] values, Receipt receipt) {
        return new DigestResponse(values, receipt);
    }
}
