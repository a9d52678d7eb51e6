package com.tigertally.client.crypto;

/** What seals the secret fields of a channel. */
public enum FieldCipher {
    /** Nothing: the fields travel in the clear, inside TLS one hopes. */
    NONE(0, 0),
    /** AES-128 in GCM. */
    AES_128_GCM(1, 16),
    /** AES-256 in GCM. */
    AES_256_GCM(2, 32),
    /** SM4 in GCM. */
    SM4_GCM(3, 16),
    /** SM4 in CBC. */
    SM4_CBC(4, 16);

    private final int number;
    private final int keyBytes;

    FieldCipher(int number, int keyBytes) {
        this.number = number;
        this.keyBytes = keyBytes;
    }

    /** On the wire. */
    public int number() {
        return number;
    }

    /** Bytes of a field key; 0 for none. */
    public int keyBytes() {
        return keyBytes;
    }

    boolean isAes() {
        return this == AES_128_GCM || this == AES_256_GCM;
    }

    /** The key's check value: the first 3 bytes of CMAC over 16 zero bytes. */
    byte[] checkValue(byte[] key) throws BadKeyException {
        return Suite.cmacCheck(isAes() ? PlatformCipher.aes(key) : new Sm4(key));
    }
}
