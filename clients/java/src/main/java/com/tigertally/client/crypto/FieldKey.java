package com.tigertally.client.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One direction's field key: seals and opens the secret block of a frame in its place, without changing any size.
 *
 * <p>GCM: nonce = direction ‖ 0×3 ‖ sequence, the 64 bytes of the header as associated data, the tag in the trailer. CBC: IV =
 * E(direction ‖ 0×3 ‖ sequence ‖ 0×4), put into the trailer; it proves nothing by itself, so the frame's MAC must have been
 * checked first. A key seals in one direction only, and no sequence number twice. Not thread-safe; printing one shows nothing
 * of it.
 */
public final class FieldKey {
    private static final int BLOCK = 16;
    private static final int HEADER = 64;
    private static final int TRAILER = 32;

    private final SecretKeySpec aesKey;
    private final Cipher aes;
    private final Sm4 sm4;
    private final Gcm sm4Gcm;

    /**
     * @param cipher any but NONE
     * @param key of that cipher's length
     * @throws BadKeyException another length
     */
    public FieldKey(FieldCipher cipher, byte[] key) throws BadKeyException {
        if (cipher == FieldCipher.NONE || key.length != cipher.keyBytes()) {
            throw new BadKeyException("a field key does not fit its cipher");
        }
        if (cipher.isAes()) {
            aesKey = new SecretKeySpec(key, "AES");
            sm4 = null;
            sm4Gcm = null;
            try {
                aes = Cipher.getInstance("AES/GCM/NoPadding");
            } catch (GeneralSecurityException problem) {
                throw new IllegalStateException("this platform has no AES-GCM", problem);
            }
        } else {
            aesKey = null;
            aes = null;
            sm4 = new Sm4(key);
            sm4Gcm = cipher == FieldCipher.SM4_GCM ? new Gcm(sm4) : null;
        }
    }

    private static byte[] place(int length, int direction, long sequence) {
        byte[] block = new byte[length];
        block[0] = (byte) direction;
        Octets.put64(block, 4, sequence);
        return block;
    }

    /**
     * Seals a block in its place and writes the 32 bytes of the trailer behind it.
     *
     * @param frame begins with the finished header
     * @param at where the block begins
     * @param width of the block, a multiple of 16
     */
    public void seal(byte[] frame, int at, int width, int direction, long sequence) {
        Arrays.fill(frame, at + width, at + width + TRAILER, (byte) 0);
        if (aes != null) {
            aesSeal(frame, at, width, place(12, direction, sequence));
        } else if (sm4Gcm != null) {
            byte[] tag = sm4Gcm.seal(place(12, direction, sequence), frame, HEADER, frame, at, width);
            System.arraycopy(tag, 0, frame, at + width, BLOCK);
        } else {
            byte[] chain = initial(direction, sequence);
            System.arraycopy(chain, 0, frame, at + width, BLOCK);
            for (int next = at; next < at + width; next += BLOCK) {
                for (int i = 0; i < BLOCK; i++) {
                    chain[i] ^= frame[next + i];
                }
                sm4.encrypt(chain, 0, chain, 0);
                System.arraycopy(chain, 0, frame, next, BLOCK);
            }
        }
    }

    private void aesSeal(byte[] frame, int at, int width, byte[] nonce) {
        try {
            aes.init(Cipher.ENCRYPT_MODE, aesKey, new GCMParameterSpec(8 * BLOCK, nonce));
            aes.updateAAD(frame, 0, HEADER);
            byte[] sealed = aes.doFinal(frame, at, width);
            System.arraycopy(sealed, 0, frame, at, width + BLOCK);
        } catch (GeneralSecurityException problem) {
            throw new IllegalStateException("the platform's AES-GCM failed", problem);
        }
    }

    /**
     * Opens a block in its place and clears its trailer.
     *
     * @return false when it does not open; the frame is then worth nothing
     */
    public boolean open(byte[] frame, int at, int width, int direction, long sequence) {
        boolean good = Octets.zero(frame, at + width + BLOCK, TRAILER - BLOCK);
        if (aes != null) {
            good &= aesOpen(frame, at, width, place(12, direction, sequence));
        } else if (sm4Gcm != null) {
            byte[] nonce = place(12, direction, sequence);
            good &= sm4Gcm.open(nonce, frame, HEADER, frame, at, width, frame, at + width);
        } else {
            byte[] chain = initial(direction, sequence);
            good &= Octets.equal(chain, 0, frame, at + width, BLOCK);
            for (int next = at; next < at + width; next += BLOCK) {
                byte[] sealed = Arrays.copyOfRange(frame, next, next + BLOCK);
                sm4.decrypt(frame, next, frame, next);
                for (int i = 0; i < BLOCK; i++) {
                    frame[next + i] ^= chain[i];
                }
                chain = sealed;
            }
        }
        Arrays.fill(frame, at + width, at + width + TRAILER, (byte) 0);
        return good;
    }

    private boolean aesOpen(byte[] frame, int at, int width, byte[] nonce) {
        try {
            aes.init(Cipher.DECRYPT_MODE, aesKey, new GCMParameterSpec(8 * BLOCK, nonce));
            aes.updateAAD(frame, 0, HEADER);
            byte[] plain = aes.doFinal(frame, at, width + BLOCK);
            System.arraycopy(plain, 0, frame, at, width);
            return true;
        } catch (GeneralSecurityException problem) {
            return false;
        }
    }

    private byte[] initial(int direction, long sequence) {
        byte[] block = place(BLOCK, direction, sequence);
        sm4.encrypt(block, 0, block, 0);
        return block;
    }
}
