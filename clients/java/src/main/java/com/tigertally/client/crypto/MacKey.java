package com.tigertally.client.crypto;

/** A key that makes and checks the 16 bytes at the end of a frame. Not thread-safe; printing one shows nothing of its key. */
public abstract class MacKey {
    /** Bytes of a MAC on the wire. */
    public static final int MAC_BYTES = 16;

    MacKey() {}

    /** Writes the 16 bytes for {@code data[0 … length)} to {@code to} at {@code at}. */
    public abstract void tag(byte[] data, int length, byte[] to, int at);

    /** Whether the 16 bytes at {@code at} are right for {@code data[0 … length)}; compared in constant time. */
    public final boolean verify(byte[] data, int length, byte[] tag, int at) {
        byte[] right = new byte[MAC_BYTES];
        tag(data, length, right, 0);
        return Octets.equal(right, 0, tag, at, MAC_BYTES);
    }
}
