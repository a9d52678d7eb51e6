package com.tigertally.client.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC over SHA-256 (the platform's) or SM3, and the key derivation that stands on it. */
public final class Hmac {
    private final Mac sha256;
    private final HmacSm3 sm3;

    private Hmac(Mac sha256, HmacSm3 sm3) {
        this.sha256 = sha256;
        this.sm3 = sm3;
    }

    /** HMAC-SHA256 with this key. */
    public static Hmac sha256(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return new Hmac(mac, null);
        } catch (GeneralSecurityException problem) {
            throw new IllegalStateException("this platform has no HMAC-SHA256", problem);
        }
    }

    /** HMAC-SM3 with this key. */
    public static Hmac sm3(byte[] key) {
        return new Hmac(null, new HmacSm3(key));
    }

    /** The 32 bytes for {@code data[0 … length)}. */
    public byte[] of(byte[] data, int length) {
        if (sm3 != null) {
            return sm3.of(data, 0, length);
        }
        sha256.update(data, 0, length);
        return sha256.doFinal();
    }

    /**
     * Key derivation by NIST SP 800-108r1 §4.1: blocks HMAC(key, i ‖ label ‖ 0 ‖ context ‖ bits).
     *
     * @param label ASCII
     * @param length bytes wanted
     */
    public byte[] derive(byte[] label, byte[] context, int length) {
        byte[] input = new byte[4 + label.length + 1 + context.length + 4];
        System.arraycopy(label, 0, input, 4, label.length);
        System.arraycopy(context, 0, input, 4 + label.length + 1, context.length);
        Octets.put32(input, input.length - 4, 8 * length);
        byte[] out = new byte[length];
        for (int made = 0, i = 1; made < length; i++) {
            Octets.put32(input, 0, i);
            byte[] block = of(input, input.length);
            int taken = Math.min(block.length, length - made);
            System.arraycopy(block, 0, out, made, taken);
            made += taken;
        }
        return out;
    }

    /** This as a frame's MAC: the left 16 of the 32 bytes. */
    public MacKey asMacKey() {
        return new MacKey() {
            @Override
            public void tag(byte[] data, int length, byte[] to, int at) {
                System.arraycopy(of(data, length), 0, to, at, MAC_BYTES);
            }
        };
    }
}
