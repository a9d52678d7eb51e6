package com.tigertally.client.wire;

import com.tigertally.client.crypto.Cmac;
import com.tigertally.client.crypto.FieldCipher;
import com.tigertally.client.crypto.PlatformCipher;
import com.tigertally.client.crypto.Sm4;
import com.tigertally.client.crypto.Suite;
import java.util.Arrays;

/** Check values of working keys, as a server makes them. */
final class CheckValues {
    private CheckValues() {}

    static byte[] of(Suite suite, FieldCipher cipher, int slot, byte[] key) throws Exception {
        if (slot < 2) {
            return suite.macKeyCheckValue(key);
        }
        boolean aes = cipher == FieldCipher.AES_128_GCM || cipher == FieldCipher.AES_256_GCM;
        byte[] tag = new byte[16];
        new Cmac(aes ? PlatformCipher.aes(key) : new Sm4(key)).tag(new byte[16], 16, tag, 0);
        return Arrays.copyOf(tag, 3);
    }
}
