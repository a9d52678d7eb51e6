package com.tigertally.client.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES, or DES in its three-key and two-key forms, by the platform (JCE), one block at a time.
 *
 * <p>ECB is only a way to reach the bare cipher: key wrap, check values and MACs are built from it; nothing of a message is
 * ever enciphered with it.
 */
public final class PlatformCipher implements BlockCipher {
    private final Cipher encryptor;
    private final Cipher decryptor;
    private final int blockBytes;

    private PlatformCipher(String algorithm, byte[] key, int blockBytes) {
        this.blockBytes = blockBytes;
        try {
            SecretKeySpec spec = new SecretKeySpec(key, algorithm);
            encryptor = Cipher.getInstance(algorithm + "/ECB/NoPadding");
            encryptor.init(Cipher.ENCRYPT_MODE, spec);
            decryptor = Cipher.getInstance(algorithm + "/ECB/NoPadding");
            decryptor.init(Cipher.DECRYPT_MODE, spec);
        } catch (GeneralSecurityException problem) {
            throw new IllegalStateException("this platform has no usable " + algorithm, problem);
        }
    }

    /** AES with a key of 16, 24 or 32 bytes. */
    public static PlatformCipher aes(byte[] key) {
        return new PlatformCipher("AES", key, 16);
    }

    /** Single DES, a part of the retail MAC. */
    static PlatformCipher des(byte[] key) {
        return new PlatformCipher("DES", key, 8);
    }

    /**
     * Two-key triple DES: encipher with K1, decipher with K2, encipher with K1.
     *
     * @throws BadKeyException not 16 bytes, or the halves are equal, which would be single DES
     */
    public static PlatformCipher twoKey3Des(byte[] key) throws BadKeyException {
        byte[][] halves = RetailMac.halves(key);
        byte[] whole = Octets.join(halves[0], halves[1], halves[0]);
        PlatformCipher cipher = new PlatformCipher("DESede", whole, 8);
        Octets.wipe(whole);
        return cipher;
    }

    @Override
    public int blockBytes() {
        return blockBytes;
    }

    @Override
    public void encrypt(byte[] from, int at, byte[] to, int toAt) {
        run(encryptor, from, at, to, toAt);
    }

    @Override
    public void decrypt(byte[] from, int at, byte[] to, int toAt) {
        run(decryptor, from, at, to, toAt);
    }

    private void run(Cipher cipher, byte[] from, int at, byte[] to, int toAt) {
        try {
            cipher.update(from, at, blockBytes, to, toAt);
        } catch (GeneralSecurityException problem) {
            throw new IllegalStateException("the platform's cipher failed", problem);
        }
    }
}
