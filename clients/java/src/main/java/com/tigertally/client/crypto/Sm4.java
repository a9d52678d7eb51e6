package com.tigertally.client.crypto;

/** The block cipher SM4 (GB/T 32907-2016): 16-byte blocks, 16-byte key. */
public final class Sm4 implements BlockCipher {
    /** Bytes of a block and of a key. */
    public static final int BLOCK_BYTES = 16;

    private static final String SBOX =
            "d690e9fecce13db716b614c228fb2c052b679a762abe04c3aa441326498606999c4250f491ef987a33540b43edcfac62"
                    + "e4b31ca9c908e89580df94fa758f3fa64707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35"
                    + "1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89eeabf8ad240c738b5a3f7f2cef96115a1"
                    + "e0ae5da49b341a55ad933230f58cb1e31df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51"
                    + "8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b08969974a0c96777e65b9f109c56ec684"
                    + "18f07dec3adc4d2079ee5f3ed7cb3948";
    private static final int[] FAMILY_KEY = {0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc};
    private static final int[] BOX = new int[256];
    /** The S-box and the linear map in one look-up; the other three bytes are rotations of this. */
    private static final int[] TABLE = new int[256];

    static {
        byte[] box = Octets.fromHex(SBOX);
        for (int i = 0; i < 256; i++) {
            int b = box[i] & 0xff;
            BOX[i] = b;
            TABLE[i] = linear(b << 24);
        }
    }

    private final int[] roundKeys = new int[32];

    /**
     * @param key 16 bytes
     * @throws BadKeyException another length
     */
    public Sm4(byte[] key) throws BadKeyException {
        if (key.length != BLOCK_BYTES) {
            throw new BadKeyException("an SM4 key has 16 bytes");
        }
        int[] k = new int[4];
        for (int i = 0; i < 4; i++) {
            k[i] = Octets.u32(key, 4 * i) ^ FAMILY_KEY[i];
        }
        for (int i = 0; i < 32; i++) {
            int x = k[1] ^ k[2] ^ k[3] ^ constant(i);
            int b = BOX[x >>> 24] << 24 | BOX[x >>> 16 & 255] << 16 | BOX[x >>> 8 & 255] << 8 | BOX[x & 255];
            roundKeys[i] = k[0] ^ b ^ Integer.rotateLeft(b, 13) ^ Integer.rotateLeft(b, 23);
            k[0] = k[1];
            k[1] = k[2];
            k[2] = k[3];
            k[3] = roundKeys[i];
        }
    }

    private static int constant(int round) {
        int word = 0;
        for (int j = 0; j < 4; j++) {
            word = word << 8 | (4 * round + j) * 7 & 255;
        }
        return word;
    }

    private static int linear(int b) {
        return b
                ^ Integer.rotateLeft(b, 2)
                ^ Integer.rotateLeft(b, 10)
                ^ Integer.rotateLeft(b, 18)
                ^ Integer.rotateLeft(b, 24);
    }

    @Override
    public int blockBytes() {
        return BLOCK_BYTES;
    }

    @Override
    public void encrypt(byte[] from, int at, byte[] to, int toAt) {
        run(from, at, to, toAt, 0, 1);
    }

    @Override
    public void decrypt(byte[] from, int at, byte[] to, int toAt) {
        run(from, at, to, toAt, 31, -1);
    }

    private void run(byte[] from, int at, byte[] to, int toAt, int first, int step) {
        int x0 = Octets.u32(from, at);
        int x1 = Octets.u32(from, at + 4);
        int x2 = Octets.u32(from, at + 8);
        int x3 = Octets.u32(from, at + 12);
        int[] keys = roundKeys;
        for (int i = 0, r = first; i < 32; i++, r += step) {
            int x = x1 ^ x2 ^ x3 ^ keys[r];
            int next = x0
                    ^ TABLE[x >>> 24]
                    ^ Integer.rotateRight(TABLE[x >>> 16 & 255], 8)
                    ^ Integer.rotateRight(TABLE[x >>> 8 & 255], 16)
                    ^ Integer.rotateRight(TABLE[x & 255], 24);
            x0 = x1;
            x1 = x2;
            x2 = x3;
            x3 = next;
        }
        Octets.put32(to, toAt, x3);
        Octets.put32(to, toAt + 4, x2);
        Octets.put32(to, toAt + 8, x1);
        Octets.put32(to, toAt + 12, x0);
    }
}
