package com.tigertally.client.wire;

import com.tigertally.client.crypto.MacKey;
import com.tigertally.client.crypto.Octets;

/** One whole frame as it came; nothing in it is proven yet. Printing one shows no bytes. */
public final class Frame {
    final Header header;
    final Layout layout;
    final byte[] raw;

    Frame(Header header, Layout layout, byte[] raw) {
        this.header = header;
        this.layout = layout;
        this.raw = raw;
    }

    /** Its header. */
    public Header header() {
        return header;
    }

    /** Layout of its body; null for rejects, which have none. */
    public Layout layout() {
        return layout;
    }

    /** All of its bytes. */
    public byte[] bytes() {
        return raw.clone();
    }

    boolean isSignedBy(MacKey key) {
        int length = raw.length - MacKey.MAC_BYTES;
        return key.verify(raw, length, raw, length);
    }

    boolean hasNoMac() {
        return Octets.zero(raw, raw.length - MacKey.MAC_BYTES, MacKey.MAC_BYTES);
    }
}
