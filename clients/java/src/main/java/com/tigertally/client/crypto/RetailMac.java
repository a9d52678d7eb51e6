package com.tigertally.client.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The retail MAC, ANSI X9.19 = ISO/IEC 9797-1 algorithm 3 with padding method 1: DES-CBC with K1, the last block deciphered
 * with K2 and enciphered with K1. 8 bytes stand left, 8 zero bytes right. Not thread-safe.
 */
public final class RetailMac extends MacKey {
    private static final int BLOCK = 8;
    /** DES ignores the lowest bit of each key byte (parity). */
    private static final long KEY_BITS = 0xfefefefefefefefeL;

    private final Cipher chain;
    private final PlatformCipher second;
    private final PlatformCipher first;

    /**
     * @param key 16 bytes, K1 and K2
     * @throws BadKeyException another length, or K1 = K2
     */
    public RetailMac(byte[] key) throws BadKeyException {
        byte[][] halves = halves(key);
        try {
            chain = Cipher.getInstance("DES/CBC/NoPadding");
            chain.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(halves[0], "DES"), new IvParameterSpec(new byte[BLOCK]));
        } catch (GeneralSecurityException problem) {
            throw new IllegalStateException("this platform has no DES", problem);
        }
        first = PlatformCipher.des(halves[0]);
        second = PlatformCipher.des(halves[1]);
    }

    static byte[][] halves(byte[] key) throws BadKeyException {
        if (key.length != 2 * BLOCK) {
            throw new BadKeyException("a two-key 3DES key has 16 bytes");
        }
        if (((Octets.u64(key, 0) ^ Octets.u64(key, BLOCK)) & KEY_BITS) == 0) {
            throw new BadKeyException("the halves of a two-key 3DES key must differ");
        }
        return new byte[][] {Arrays.copyOf(key, BLOCK), Arrays.copyOfRange(key, BLOCK, 2 * BLOCK)};
    }

    @Override
    public void tag(byte[] data, int length, byte[] to, int at) {
        int padded = Math.max(BLOCK, (length + BLOCK - 1) / BLOCK * BLOCK);
        byte[] work = Arrays.copyOf(data, padded);
        Arrays.fill(work, length, padded, (byte) 0);
        byte[] mac = new byte[BLOCK];
        try {
            chain.doFinal(work, 0, padded, work, 0); // resets to the zero IV
        } catch (GeneralSecurityException problem) {
            throw new IllegalStateException("the platform's DES failed", problem);
        }
        System.arraycopy(work, padded - BLOCK, mac, 0, BLOCK);
        second.decrypt(mac, 0, mac, 0);
        first.encrypt(mac, 0, mac, 0);
        Arrays.fill(to, at, at + MAC_BYTES, (byte) 0);
        System.arraycopy(mac, 0, to, at, BLOCK);
    }
}
