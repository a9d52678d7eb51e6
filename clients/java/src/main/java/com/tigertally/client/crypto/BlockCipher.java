package com.tigertally.client.crypto;

/** A block cipher with its key, one block at a time. Not thread-safe; printing one shows nothing of its key. */
public interface BlockCipher {
    /** Bytes of a block. */
    int blockBytes();

    /** Enciphers one block; the two places may be the same. */
    void encrypt(byte[] from, int at, byte[] to, int toAt);

    /** Deciphers one block; the two places may be the same. */
    void decrypt(byte[] from, int at, byte[] to, int toAt);
}
