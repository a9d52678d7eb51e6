package com.tigertally.client.crypto;

/** HMAC (RFC 2104) over SM3. The key's two blocks are hashed once. Not thread-safe. */
public final class HmacSm3 {
    private final Sm3 inner = new Sm3();
    private final Sm3 outer = new Sm3();
    private final Sm3 work = new Sm3();

    /** @param key of any length */
    public HmacSm3(byte[] key) {
        byte[] short_ = key.length > Sm3.BLOCK_BYTES ? Sm3.digest(key) : key;
        byte[] pad = new byte[Sm3.BLOCK_BYTES];
        for (int i = 0; i < pad.length; i++) {
            pad[i] = (byte) ((i < short_.length ? short_[i] : 0) ^ 0x36);
        }
        inner.update(pad, 0, pad.length);
        for (int i = 0; i < pad.length; i++) {
            pad[i] ^= 0x36 ^ 0x5c;
        }
        outer.update(pad, 0, pad.length);
        Octets.wipe(pad);
    }

    /** The 32 bytes for {@code data[offset … offset + length)}. */
    public byte[] of(byte[] data, int offset, int length) {
        work.copyFrom(inner);
        work.update(data, offset, length);
        byte[] middle = work.digest();
        work.copyFrom(outer);
        work.update(middle, 0, middle.length);
        return work.digest();
    }
}
