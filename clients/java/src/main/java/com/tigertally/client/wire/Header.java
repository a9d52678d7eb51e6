package com.tigertally.client.wire;

import com.tigertally.client.crypto.Octets;

/** The 64 bytes in front of every body, as they stand in a frame. Times and numbers as in {@code docs/PROTOCOL.md}. */
public final class Header {
    /** Bytes of a header. */
    public static final int BYTES = 64;
    /** Request, in {@link #kind}. */
    public static final int REQUEST = 1;
    /** Response. */
    public static final int RESPONSE = 2;
    /** Notify. */
    public static final int NOTIFY = 3;
    /** Reject. */
    public static final int REJECT = 4;
    /** Flag: the secret block is sealed. */
    public static final int SEALED = 1;
    /** Flag: this serial was sent before. */
    public static final int RETRY = 2;

    static final int MAGIC = 0x5454;
    static final int VERSION = 1;

    int totalLength;
    int transaction;
    int kind;
    int flags;
    int channel;
    long serial;
    long senderTime;
    int returnCode;
    int budgetMs;
    int keyGeneration;
    int suite;
    int fieldCipher;
    long sessionId;
    long sequence;
    int schema = 1;
    int businessDay;

    Header() {}

    static Header read(byte[] data, int at) {
        Header header = new Header();
        header.totalLength = Octets.u32(data, at + 4);
        header.transaction = Octets.u16(data, at + 8);
        header.kind = data[at + 10] & 0xff;
        header.flags = data[at + 11] & 0xff;
        header.channel = Octets.u32(data, at + 12);
        header.serial = Octets.u64(data, at + 16);
        header.senderTime = Octets.u64(data, at + 24);
        header.returnCode = Octets.u32(data, at + 32);
        header.budgetMs = Octets.u32(data, at + 36);
        header.keyGeneration = Octets.u16(data, at + 40);
        header.suite = data[at + 42] & 0xff;
        header.fieldCipher = data[at + 43] & 0xff;
        header.sessionId = Octets.u64(data, at + 44);
        header.sequence = Octets.u64(data, at + 52);
        header.schema = Octets.u16(data, at + 60);
        header.businessDay = Octets.u16(data, at + 62);
        return header;
    }

    void write(byte[] data) {
        Octets.put16(data, 0, MAGIC);
        data[2] = VERSION;
        data[3] = BYTES;
        Octets.put32(data, 4, totalLength);
        Octets.put16(data, 8, transaction);
        data[10] = (byte) kind;
        data[11] = (byte) flags;
        Octets.put32(data, 12, channel);
        Octets.put64(data, 16, serial);
        Octets.put64(data, 24, senderTime);
        Octets.put32(data, 32, returnCode);
        Octets.put32(data, 36, budgetMs);
        Octets.put16(data, 40, keyGeneration);
        data[42] = (byte) suite;
        data[43] = (byte) fieldCipher;
        Octets.put64(data, 44, sessionId);
        Octets.put64(data, 52, sequence);
        Octets.put16(data, 60, schema);
        Octets.put16(data, 62, businessDay);
    }

    /** What kind of frame. */
    public int kind() {
        return kind;
    }

    /** Transaction code; may be one that this version doesn't know. */
    public int transaction() {
        return transaction;
    }

    /** Version of the body's layout. */
    public int schema() {
        return schema;
    }

    /** {@link #SEALED}, {@link #RETRY}. */
    public int flags() {
        return flags;
    }

    /** The request's number; 0 in notifies. */
    public long serial() {
        return serial;
    }

    /** A response code; 0 in requests and notifies. */
    public int returnCode() {
        return returnCode;
    }

    /** Requests: time left; responses: how long to wait before asking again. Milliseconds. */
    public int budgetMs() {
        return budgetMs;
    }

    /** Days since 1970-01-01. */
    public int businessDay() {
        return businessDay;
    }

    /** From the greeting. */
    public long sessionId() {
        return sessionId;
    }

    /** Of this frame in its direction. */
    public long sequence() {
        return sequence;
    }

    /** Of the working keys. */
    public int keyGeneration() {
        return keyGeneration;
    }
}
