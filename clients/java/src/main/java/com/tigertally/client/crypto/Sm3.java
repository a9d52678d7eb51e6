package com.tigertally.client.crypto;

/** The hash SM3 (GB/T 32905-2016): 32 bytes. Not thread-safe. */
public final class Sm3 {
    /** Bytes of a digest. */
    public static final int DIGEST_BYTES = 32;
    /** Bytes of a block. */
    public static final int BLOCK_BYTES = 64;

    private static final int[] INITIAL = {
        0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e
    };
    private static final int[] TURNED = new int[64];

    static {
        for (int j = 0; j < 64; j++) {
            TURNED[j] = Integer.rotateLeft(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32);
        }
    }

    private final int[] state = new int[8];
    private final int[] words = new int[68];
    private final byte[] block = new byte[BLOCK_BYTES];
    private int filled;
    private long length;

    /** A hash of nothing yet. */
    public Sm3() {
        reset();
    }

    /** Begins anew. */
    public void reset() {
        System.arraycopy(INITIAL, 0, state, 0, 8);
        filled = 0;
        length = 0;
    }

    /** Takes the state of {@code other}, so that a common beginning is hashed once. */
    void copyFrom(Sm3 other) {
        System.arraycopy(other.state, 0, state, 0, 8);
        System.arraycopy(other.block, 0, block, 0, BLOCK_BYTES);
        filled = other.filled;
        length = other.length;
    }

    /** Adds bytes. */
    public void update(byte[] data, int offset, int count) {
        length += count;
        int at = offset;
        int left = count;
        if (filled > 0) {
            int taken = Math.min(left, BLOCK_BYTES - filled);
            System.arraycopy(data, at, block, filled, taken);
            filled += taken;
            at += taken;
            left -= taken;
            if (filled < BLOCK_BYTES) {
                return;
            }
            compress(block, 0);
            filled = 0;
        }
        while (left >= BLOCK_BYTES) {
            compress(data, at);
            at += BLOCK_BYTES;
            left -= BLOCK_BYTES;
        }
        System.arraycopy(data, at, block, 0, left);
        filled = left;
    }

    /** The digest; the object begins anew. */
    public byte[] digest() {
        long bits = length * 8;
        block[filled++] = (byte) 0x80;
        if (filled > 56) {
            java.util.Arrays.fill(block, filled, BLOCK_BYTES, (byte) 0);
            compress(block, 0);
            filled = 0;
        }
        java.util.Arrays.fill(block, filled, 56, (byte) 0);
        Octets.put64(block, 56, bits);
        compress(block, 0);
        byte[] out = new byte[DIGEST_BYTES];
        for (int i = 0; i < 8; i++) {
            Octets.put32(out, 4 * i, state[i]);
        }
        reset();
        return out;
    }

    /** The digest of {@code data}. */
    public static byte[] digest(byte[] data) {
        Sm3 hash = new Sm3();
        hash.update(data, 0, data.length);
        return hash.digest();
    }

    private void compress(byte[] data, int at) {
        int[] w = words;
        for (int j = 0; j < 16; j++) {
            w[j] = Octets.u32(data, at + 4 * j);
        }
        for (int j = 16; j < 68; j++) {
            int x = w[j - 16] ^ w[j - 9] ^ Integer.rotateLeft(w[j - 3], 15);
            int p1 = x ^ Integer.rotateLeft(x, 15) ^ Integer.rotateLeft(x, 23);
            w[j] = p1 ^ Integer.rotateLeft(w[j - 13], 7) ^ w[j - 6];
        }
        int[] s = state;
        int a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
        for (int j = 0; j < 64; j++) {
            int turned = Integer.rotateLeft(a, 12);
            int ss1 = Integer.rotateLeft(turned + e + TURNED[j], 7);
            int ff = j < 16 ? a ^ b ^ c : a & b | a & c | b & c;
            int gg = j < 16 ? e ^ f ^ g : e & f | ~e & g;
            int tt1 = ff + d + (ss1 ^ turned) + (w[j] ^ w[j + 4]);
            int tt2 = gg + h + ss1 + w[j];
            d = c;
            c = Integer.rotateLeft(b, 9);
            b = a;
            a = tt1;
            h = g;
            g = Integer.rotateLeft(f, 19);
            f = e;
            e = tt2 ^ Integer.rotateLeft(tt2, 9) ^ Integer.rotateLeft(tt2, 17);
        }
        s[0] ^= a;
        s[1] ^= b;
        s[2] ^= c;
        s[3] ^= d;
        s[4] ^= e;
        s[5] ^= f;
        s[6] ^= g;
        s[7] ^= h;
    }
}
