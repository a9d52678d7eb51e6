package com.tigertally.client.crypto;

import java.util.Arrays;

/** Numbers in byte arrays, big-endian, and comparisons whose time tells nothing. */
public final class Octets {
    private static final char[] DIGITS = "0123456789abcdef".toCharArray();

    private Octets() {}

    /** The unsigned 16-bit number at {@code at}. */
    public static int u16(byte[] data, int at) {
        return (data[at] & 0xff) << 8 | data[at + 1] & 0xff;
    }

    /** The 32-bit number at {@code at}; unsigned ones come as Java's int. */
    public static int u32(byte[] data, int at) {
        return u16(data, at) << 16 | u16(data, at + 2);
    }

    /** The 64-bit number at {@code at}; unsigned ones come as Java's long. */
    public static long u64(byte[] data, int at) {
        return (long) u32(data, at) << 32 | u32(data, at + 4) & 0xffffffffL;
    }

    /** Writes the low 16 bits of {@code value}. */
    public static void put16(byte[] data, int at, int value) {
        data[at] = (byte) (value >>> 8);
        data[at + 1] = (byte) value;
    }

    /** Writes 32 bits. */
    public static void put32(byte[] data, int at, int value) {
        put16(data, at, value >>> 16);
        put16(data, at + 2, value);
    }

    /** Writes 64 bits. */
    public static void put64(byte[] data, int at, long value) {
        put32(data, at, (int) (value >>> 32));
        put32(data, at + 4, (int) value);
    }

    /** Whether two runs of bytes are the same; takes the same time wherever they differ. */
    public static boolean equal(byte[] a, int atA, byte[] b, int atB, int length) {
        int difference = 0;
        for (int i = 0; i < length; i++) {
            difference |= a[atA + i] ^ b[atB + i];
        }
        return difference == 0;
    }

    /** Whether a run holds zeros only. */
    public static boolean zero(byte[] data, int at, int length) {
        int seen = 0;
        for (int i = at; i < at + length; i++) {
            seen |= data[i];
        }
        return seen == 0;
    }

    /** Arrays one after another. */
    public static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }

    /** Overwrites a key that is no longer needed. */
    public static void wipe(byte[] secret) {
        if (secret != null) {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** Lower-case hexadecimal digits. */
    public static String hex(byte[] data) {
        StringBuilder text = new StringBuilder(2 * data.length);
        for (byte octet : data) {
            text.append(DIGITS[octet >> 4 & 15]).append(DIGITS[octet & 15]);
        }
        return text.toString();
    }

    /**
     * Bytes of hexadecimal digits, of either case.
     *
     * @throws IllegalArgumentException it is not that; the message doesn't repeat the text
     */
    public static byte[] fromHex(String text) {
        byte[] data = new byte[text.length() / 2];
        boolean good = text.length() % 2 == 0;
        for (int i = 0; i < data.length && good; i++) {
            int high = Character.digit(text.charAt(2 * i), 16);
            int low = Character.digit(text.charAt(2 * i + 1), 16);
            good = high >= 0 && low >= 0 && text.charAt(2 * i) < 128 && text.charAt(2 * i + 1) < 128;
            data[i] = (byte) (high << 4 | low);
        }
        if (!good) {
            throw new IllegalArgumentException("not hexadecimal digits");
        }
        return data;
    }
}
