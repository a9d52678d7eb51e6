package com.tigertally.client.crypto;

import java.util.Arrays;

/** CMAC (RFC 4493, NIST SP 800-38B) over any cipher with 16-byte blocks. Not thread-safe. */
public final class Cmac extends MacKey {
    private static final int BLOCK = 16;

    private final BlockCipher cipher;
    private final byte[] whole = new byte[BLOCK];
    private final byte[] cut = new byte[BLOCK];
    private final byte[] state = new byte[BLOCK];

    /** @param cipher with its key */
    public Cmac(BlockCipher cipher) {
        if (cipher.blockBytes() != BLOCK) {
            throw new IllegalArgumentException("CMAC is used with 16-byte blocks here");
        }
        this.cipher = cipher;
        cipher.encrypt(whole, 0, whole, 0);
        twice(whole, whole);
        twice(whole, cut);
    }

    /** Doubling in GF(2^128). */
    private static void twice(byte[] from, byte[] to) {
        int reduce = -(from[0] >> 7 & 1) & 0x87;
        for (int i = 0; i < BLOCK; i++) {
            int next = i + 1 < BLOCK ? from[i + 1] >> 7 & 1 : 0;
            to[i] = (byte) (from[i] << 1 | next);
        }
        to[BLOCK - 1] ^= (byte) reduce;
    }

    @Override
    public void tag(byte[] data, int length, byte[] to, int at) {
        Arrays.fill(state, (byte) 0);
        int left = length;
        int from = 0;
        for (; left > BLOCK; left -= BLOCK, from += BLOCK) {
            mix(data, from, BLOCK);
            cipher.encrypt(state, 0, state, 0);
        }
        mix(data, from, left);
        byte[] last = left == BLOCK ? whole : cut;
        if (left < BLOCK) {
            state[left] ^= (byte) 0x80;
        }
        mix(last, 0, BLOCK);
        cipher.encrypt(state, 0, state, 0);
        System.arraycopy(state, 0, to, at, MAC_BYTES);
    }

    private void mix(byte[] data, int from, int count) {
        for (int i = 0; i < count; i++) {
            state[i] ^= data[from + i];
        }
    }
}
