package com.tigertally.client.crypto;

import static com.tigertally.client.crypto.FieldCipher.AES_128_GCM;
import static com.tigertally.client.crypto.FieldCipher.AES_256_GCM;
import static com.tigertally.client.crypto.FieldCipher.NONE;
import static com.tigertally.client.crypto.FieldCipher.SM4_CBC;
import static com.tigertally.client.crypto.FieldCipher.SM4_GCM;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** The algorithms of a channel; nothing is negotiated. */
public enum Suite {
    /** HMAC-SHA256, AES key wrap. */
    INTL_HMAC(1, false, 32, 32, 32, NONE, AES_128_GCM, AES_256_GCM),
    /** AES-CMAC, AES key wrap. */
    INTL_CMAC(2, false, 16, 32, 32, NONE, AES_128_GCM, AES_256_GCM),
    /** HMAC-SM3, SM4 key wrap. */
    GM_HMAC(3, true, 32, 16, 32, NONE, SM4_GCM, SM4_CBC),
    /** SM4-CMAC, SM4 key wrap. */
    GM_CMAC(4, true, 16, 16, 32, NONE, SM4_GCM, SM4_CBC),
    /** X9.19, 3DES key wrap; for old front-ends. */
    LEGACY(5, false, 16, 16, 16, NONE, AES_128_GCM);

    /** Bytes of a check value. */
    public static final int CHECK_BYTES = 3;

    private static final byte[] CHECK_LABEL = ascii("tigertally check value");
    private static final byte[] REQUEST_LABEL = ascii("tigertally sign-on request");
    private static final byte[] RESPONSE_LABEL = ascii("tigertally sign-on response");
    private static final byte[] WRAP_LABEL = ascii("tigertally wrap");

    private final int number;
    private final boolean sm3;
    private final int macKeyBytes;
    private final int kekBytes;
    private final int masterKeyBytes;
    private final Set<FieldCipher> fieldCiphers;

    Suite(int number, boolean sm3, int macKeyBytes, int kekBytes, int masterKeyBytes, FieldCipher... ciphers) {
        this.number = number;
        this.sm3 = sm3;
        this.macKeyBytes = macKeyBytes;
        this.kekBytes = kekBytes;
        this.masterKeyBytes = masterKeyBytes;
        this.fieldCiphers = Collections.unmodifiableSet(EnumSet.copyOf(Arrays.asList(ciphers)));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** On the wire. */
    public int number() {
        return number;
    }

    /** Bytes of a MAC key. */
    public int macKeyBytes() {
        return macKeyBytes;
    }

    /** Bytes of a channel master key. */
    public int masterKeyBytes() {
        return masterKeyBytes;
    }

    /** The field ciphers that a channel of this suite may have. */
    public Set<FieldCipher> fieldCiphers() {
        return fieldCiphers;
    }

    private Hmac kdf(byte[] key) {
        return sm3 ? Hmac.sm3(key) : Hmac.sha256(key);
    }

    /**
     * A MAC key, ready for use.
     *
     * @throws BadKeyException not of this suite's kind
     */
    public MacKey macKey(byte[] key) throws BadKeyException {
        if (key.length != macKeyBytes) {
            throw new BadKeyException("a MAC key of this suite has " + macKeyBytes + " bytes");
        }
        switch (this) {
            case INTL_HMAC:
            case GM_HMAC:
                return kdf(key).asMacKey();
            case INTL_CMAC:
                return new Cmac(PlatformCipher.aes(key));
            case GM_CMAC:
                return new Cmac(new Sm4(key));
            default:
                return new RetailMac(key);
        }
    }

    /**
     * Refuses what is no channel master key of this suite.
     *
     * @throws BadKeyException that
     */
    public void checkMasterKey(byte[] key) throws BadKeyException {
        if (key.length != masterKeyBytes) {
            throw new BadKeyException("the channel master key of this suite has " + masterKeyBytes + " bytes");
        }
        if (this == LEGACY) {
            RetailMac.halves(key);
        }
    }

    /** Three bytes by which people compare a channel master key. */
    public byte[] masterKeyCheckValue(byte[] key) throws BadKeyException {
        checkMasterKey(key);
        return this == LEGACY ? desCheck(key) : hmacCheck(key);
    }

    /** Three bytes by which two parties see that they hold the same MAC key. */
    public byte[] macKeyCheckValue(byte[] key) throws BadKeyException {
        switch (this) {
            case INTL_HMAC:
            case GM_HMAC:
                return hmacCheck(key);
            case INTL_CMAC:
                return cmacCheck(PlatformCipher.aes(key));
            case GM_CMAC:
                return cmacCheck(new Sm4(key));
            default:
                return desCheck(key);
        }
    }

    private byte[] hmacCheck(byte[] key) {
        return Arrays.copyOf(kdf(key).of(CHECK_LABEL, CHECK_LABEL.length), CHECK_BYTES);
    }

    private static byte[] desCheck(byte[] key) throws BadKeyException {
        byte[] block = new byte[8];
        PlatformCipher.twoKey3Des(key).encrypt(block, 0, block, 0);
        return Arrays.copyOf(block, CHECK_BYTES);
    }

    static byte[] cmacCheck(BlockCipher cipher) {
        byte[] tag = new byte[MacKey.MAC_BYTES];
        new Cmac(cipher).tag(new byte[16], 16, tag, 0);
        return Arrays.copyOf(tag, CHECK_BYTES);
    }

    /** The MAC key of the sign-on request, or of its response. */
    public MacKey signOnKey(byte[] master, boolean response, int channel, byte[] serverNonce, long session)
            throws BadKeyException {
        byte[] context = new byte[4 + serverNonce.length + 8];
        Octets.put32(context, 0, channel);
        System.arraycopy(serverNonce, 0, context, 4, serverNonce.length);
        Octets.put64(context, context.length - 8, session);
        byte[] key = kdf(master).derive(response ? RESPONSE_LABEL : REQUEST_LABEL, context, macKeyBytes);
        MacKey made = macKey(key);
        Octets.wipe(key);
        return made;
    }

    /** The key that wraps the working keys of one generation of one session. */
    public byte[] wrappingKey(
            byte[] master, int channel, byte[] clientNonce, byte[] serverNonce, long session, int generation) {
        byte[] context = new byte[4 + clientNonce.length + serverNonce.length + 10];
        Octets.put32(context, 0, channel);
        System.arraycopy(clientNonce, 0, context, 4, clientNonce.length);
        System.arraycopy(serverNonce, 0, context, 4 + clientNonce.length, serverNonce.length);
        Octets.put64(context, context.length - 10, session);
        Octets.put16(context, context.length - 2, generation);
        return kdf(master).derive(WRAP_LABEL, context, kekBytes);
    }

    /** A working key wrapped under {@code kek}. */
    public byte[] wrap(byte[] kek, byte[] plain) throws BadKeyException {
        if (this == LEGACY) {
            return twoBlocks(kek, plain, true);
        }
        return KeyWrap.wrap(wrappingCipher(kek), plain);
    }

    /**
     * The inverse of {@link #wrap}; 3DES has no integrity of its own, so check values must follow.
     *
     * @throws BadKeyException wrong length or, except for 3DES, not wrapped under {@code kek}
     */
    public byte[] unwrap(byte[] kek, byte[] wrapped) throws BadKeyException {
        if (this == LEGACY) {
            return twoBlocks(kek, wrapped, false);
        }
        return KeyWrap.unwrap(wrappingCipher(kek), wrapped);
    }

    /** How long a key of so many bytes is when wrapped. */
    public int wrappedBytes(int length) {
        return this == LEGACY ? length : length + 8;
    }

    private BlockCipher wrappingCipher(byte[] kek) throws BadKeyException {
        return sm3 ? new Sm4(kek) : PlatformCipher.aes(kek);
    }

    private static byte[] twoBlocks(byte[] kek, byte[] from, boolean encrypt) throws BadKeyException {
        if (from.length != 16) {
            throw new BadKeyException("the 3DES wrap carries 16-byte keys only");
        }
        PlatformCipher cipher = PlatformCipher.twoKey3Des(kek);
        byte[] to = new byte[16];
        for (int at = 0; at < 16; at += 8) {
            if (encrypt) {
                cipher.encrypt(from, at, to, at);
            } else {
                cipher.decrypt(from, at, to, at);
            }
        }
        return to;
    }
}
