package com.tigertally.client.crypto;

import java.util.Arrays;

/** One generation of a session's working keys. {@link #wipe()} when they have been made into objects. */
public final class WorkingKeys {
    /** Bytes of a wrapped key's place on the wire, zero-padded. */
    public static final int SLOT_BYTES = 40;

    /** A working key as it travels. */
    public static final class Slot {
        private final byte[] wrapped;
        private final int length;
        private final byte[] check;

        /**
         * @param wrapped 40 bytes
         * @param length of the key itself
         * @param check its check value
         */
        public Slot(byte[] wrapped, int length, byte[] check) {
            this.wrapped = wrapped;
            this.length = length;
            this.check = check;
        }

        private boolean isEmpty() {
            return length == 0 && Octets.zero(wrapped, 0, wrapped.length) && Octets.zero(check, 0, check.length);
        }
    }

    private final byte[][] keys;

    private WorkingKeys(byte[][] keys) {
        this.keys = keys;
    }

    /**
     * Opens and checks the four slots of a sign-on or key-change response, in their order on the wire.
     *
     * @throws BadKeyException a slot has another length than the suite's, does not open, has a wrong check value, or serves both
     *     directions
     */
    public static WorkingKeys unwrap(Suite suite, FieldCipher cipher, byte[] kek, Slot... slots)
            throws BadKeyException {
        byte[][] keys = new byte[4][];
        for (int i = 0; i < 4; i++) {
            keys[i] = open(suite, i < 2 ? null : cipher, kek, slots[i]);
        }
        WorkingKeys working = new WorkingKeys(keys);
        if (same(keys[0], keys[1]) || keys[2].length > 0 && same(keys[2], keys[3])) {
            working.wipe();
            throw new BadKeyException("a working key would serve both directions");
        }
        return working;
    }

    private static byte[] open(Suite suite, FieldCipher cipher, byte[] kek, Slot slot) throws BadKeyException {
        if (cipher == FieldCipher.NONE) {
            if (!slot.isEmpty()) {
                throw new BadKeyException("a field key's place must be empty");
            }
            return new byte[0];
        }
        int length = cipher == null ? suite.macKeyBytes() : cipher.keyBytes();
        int used = suite.wrappedBytes(length);
        if (slot.length != length || !Octets.zero(slot.wrapped, used, SLOT_BYTES - used)) {
            throw new BadKeyException("a working key has the wrong length");
        }
        byte[] key = suite.unwrap(kek, Arrays.copyOf(slot.wrapped, used));
        byte[] check = cipher == null ? suite.macKeyCheckValue(key) : cipher.checkValue(key);
        if (!Octets.equal(check, 0, slot.check, 0, Suite.CHECK_BYTES)) {
            throw new BadKeyException("a working key has the wrong check value");
        }
        return key;
    }

    private static boolean same(byte[] a, byte[] b) {
        return Octets.equal(a, 0, b, 0, a.length);
    }

    /** MACs of the client's frames. */
    public byte[] macRequest() {
        return keys[0];
    }

    /** MACs of the server's frames. */
    public byte[] macResponse() {
        return keys[1];
    }

    /** Seals the client's secret fields; empty when the channel seals nothing. */
    public byte[] fieldRequest() {
        return keys[2];
    }

    /** Seals the server's secret fields; empty when the channel seals nothing. */
    public byte[] fieldResponse() {
        return keys[3];
    }

    /** Overwrites them. */
    public void wipe() {
        for (byte[] key : keys) {
            Octets.wipe(key);
        }
    }
}
