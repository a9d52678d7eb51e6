package com.tigertally.client.crypto;

import java.util.Arrays;

/** Key wrapping by RFC 3394 over any cipher with 16-byte blocks: AES-KW, and the same over SM4. */
public final class KeyWrap {
    private static final long CHECK = 0xa6a6a6a6a6a6a6a6L; // RFC 3394 §2.2.3.1
    private static final int ROUNDS = 6;
    private static final int HALF = 8;

    private KeyWrap() {}

    /** {@code plain}, a multiple of 8 bytes and at least 16, wrapped; 8 bytes longer. */
    public static byte[] wrap(BlockCipher cipher, byte[] plain) {
        int n = plain.length / HALF;
        byte[] out = new byte[plain.length + HALF];
        System.arraycopy(plain, 0, out, HALF, plain.length);
        byte[] work = new byte[2 * HALF];
        long a = CHECK;
        for (int step = 1; step <= ROUNDS * n; step++) {
            int at = HALF + (step - 1) % n * HALF;
            Octets.put64(work, 0, a);
            System.arraycopy(out, at, work, HALF, HALF);
            cipher.encrypt(work, 0, work, 0);
            a = Octets.u64(work, 0) ^ step;
            System.arraycopy(work, HALF, out, at, HALF);
        }
        Octets.put64(out, 0, a);
        return out;
    }

    /**
     * The inverse of {@link #wrap}.
     *
     * @throws BadKeyException another length, or not wrapped under this key
     */
    public static byte[] unwrap(BlockCipher cipher, byte[] wrapped) throws BadKeyException {
        int n = wrapped.length / HALF - 1;
        if (wrapped.length % HALF != 0 || n < 2) {
            throw new BadKeyException("a wrapped key has the wrong length");
        }
        byte[] out = Arrays.copyOfRange(wrapped, HALF, wrapped.length);
        byte[] work = new byte[2 * HALF];
        long a = Octets.u64(wrapped, 0);
        for (int step = ROUNDS * n; step >= 1; step--) {
            int at = (step - 1) % n * HALF;
            Octets.put64(work, 0, a ^ step);
            System.arraycopy(out, at, work, HALF, HALF);
            cipher.decrypt(work, 0, work, 0);
            a = Octets.u64(work, 0);
            System.arraycopy(work, HALF, out, at, HALF);
        }
        if (a != CHECK) {
            Octets.wipe(out);
            throw new BadKeyException("a wrapped key does not open");
        }
        return out;
    }
}
