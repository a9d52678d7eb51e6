package com.tigertally.client.crypto;

import java.util.Arrays;

/** GCM (NIST SP 800-38D) over SM4, nonces of 12 bytes. The product table is made once for each key. Not thread-safe. */
final class Gcm {
    private static final int BLOCK = 16;
    /** What is left over when four bits fall out of the field at the low end. */
    private static final long[] REDUCTION = new long[16];

    static {
        for (int i = 0; i < 16; i++) {
            long value = 0;
            for (int bit = 0; bit < 4; bit++) {
                if ((i >> bit & 1) != 0) {
                    value ^= 0xe100000000000000L >>> 3 - bit;
                }
            }
            REDUCTION[i] = value;
        }
    }

    private final BlockCipher cipher;
    private final long[] high = new long[16];
    private final long[] low = new long[16];
    private final byte[] counter = new byte[BLOCK];
    private final byte[] stream = new byte[BLOCK];
    private long hashHigh;
    private long hashLow;

    Gcm(BlockCipher cipher) {
        this.cipher = cipher;
        byte[] h = new byte[BLOCK];
        cipher.encrypt(h, 0, h, 0);
        long vh = Octets.u64(h, 0);
        long vl = Octets.u64(h, 8);
        for (int i = 8; i > 0; i >>= 1) {
            high[i] = vh;
            low[i] = vl;
            long out = vl & 1;
            vl = vl >>> 1 | vh << 63;
            vh = vh >>> 1 ^ (-out & 0xe100000000000000L);
        }
        for (int i = 2; i < 16; i <<= 1) {
            for (int j = 1; j < i; j++) {
                high[i + j] = high[i] ^ high[j];
                low[i + j] = low[i] ^ low[j];
            }
        }
    }

    /** Enciphers or deciphers {@code data} in place. */
    private void crypt(byte[] nonce, byte[] data, int at, int length) {
        start(nonce, 1);
        for (int done = 0; done < length; done += BLOCK) {
            Octets.put32(counter, 12, Octets.u32(counter, 12) + 1);
            cipher.encrypt(counter, 0, stream, 0);
            int count = Math.min(BLOCK, length - done);
            for (int i = 0; i < count; i++) {
                data[at + done + i] ^= stream[i];
            }
        }
    }

    private void start(byte[] nonce, int number) {
        System.arraycopy(nonce, 0, counter, 0, 12);
        Octets.put32(counter, 12, number);
    }

    private byte[] tag(byte[] nonce, byte[] header, int headerLength, byte[] data, int at, int length) {
        hashHigh = 0;
        hashLow = 0;
        absorb(header, 0, headerLength);
        absorb(data, at, length);
        mix(8L * headerLength, 8L * length);
        start(nonce, 1);
        byte[] tag = new byte[BLOCK];
        cipher.encrypt(counter, 0, tag, 0);
        Octets.put64(tag, 0, Octets.u64(tag, 0) ^ hashHigh);
        Octets.put64(tag, 8, Octets.u64(tag, 8) ^ hashLow);
        return tag;
    }

    private void absorb(byte[] data, int at, int length) {
        int end = at + length;
        int next = at;
        for (; next + BLOCK <= end; next += BLOCK) {
            mix(Octets.u64(data, next), Octets.u64(data, next + 8));
        }
        if (next < end) {
            byte[] last = new byte[BLOCK];
            System.arraycopy(data, next, last, 0, end - next);
            mix(Octets.u64(last, 0), Octets.u64(last, 8));
        }
    }

    private void mix(long dataHigh, long dataLow) {
        long xh = hashHigh ^ dataHigh;
        long xl = hashLow ^ dataLow;
        long zh = 0;
        long zl = 0;
        for (int i = 0; i < 32; i++) {
            int nibble = (int) ((i < 16 ? xl >>> 4 * i : xh >>> 4 * (i - 16)) & 15);
            int out = (int) zl & 15;
            zl = zl >>> 4 | zh << 60;
            zh = zh >>> 4 ^ REDUCTION[out];
            zh ^= high[nibble];
            zl ^= low[nibble];
        }
        hashHigh = zh;
        hashLow = zl;
    }

    /** Enciphers in place; the 16-byte tag. */
    byte[] seal(byte[] nonce, byte[] header, int headerLength, byte[] data, int at, int length) {
        crypt(nonce, data, at, length);
        return tag(nonce, header, headerLength, data, at, length);
    }

    /** Deciphers in place if the tag is right; else changes nothing. */
    boolean open(byte[] nonce, byte[] header, int headerLength, byte[] data, int at, int length, byte[] tag, int tagAt) {
        byte[] right = tag(nonce, header, headerLength, data, at, length);
        boolean good = Octets.equal(right, 0, tag, tagAt, BLOCK);
        if (good) {
            crypt(nonce, data, at, length);
        }
        Arrays.fill(right, (byte) 0);
        return good;
    }
}
