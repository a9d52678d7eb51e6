package com.tigertally.client.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tigertally.client.Blocks;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Published values of the algorithms. */
class PublishedVectorsTest {
    private static byte[] hex(String text) {
        return Octets.fromHex(text.replace(" ", ""));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> rows(String file, String name) {
        return (List<Map<String, Object>>) ((Map<String, Object>) Blocks.json(file)).get(name);
    }

    @Test
    void sm3OfGbt32905() {
        for (Map<String, Object> row : rows("sm3_sm4_basic.json", "sm3")) {
            byte[] message = ((String) row.get("msg_ascii")).getBytes(StandardCharsets.US_ASCII);
            assertEquals(row.get("digest"), Octets.hex(Sm3.digest(message)));
        }
    }

    @Test
    void sm3InPiecesIsTheSame() {
        Random random = new Random(3);
        byte[] data = new byte[300];
        random.nextBytes(data);
        for (int length = 0; length < data.length; length++) {
            Sm3 hash = new Sm3();
            int at = 0;
            while (at < length) {
                int piece = 1 + random.nextInt(length - at);
                hash.update(data, at, piece);
                at += piece;
            }
            assertEquals(Octets.hex(Sm3.digest(Arrays.copyOf(data, length))), Octets.hex(hash.digest()));
        }
    }

    @Test
    void sm4OfGbt32907() throws Exception {
        for (Map<String, Object> row : rows("sm3_sm4_basic.json", "sm4_ecb")) {
            Sm4 cipher = new Sm4(hex((String) row.get("key")));
            byte[] block = hex((String) row.get("pt"));
            long times = row.containsKey("iterations") ? (Long) row.get("iterations") : 1;
            for (long i = 0; i < times; i++) {
                cipher.encrypt(block, 0, block, 0);
            }
            assertEquals(row.get("ct"), Octets.hex(block));
            if (times == 1) {
                cipher.decrypt(block, 0, block, 0);
                assertEquals(row.get("pt"), Octets.hex(block));
            }
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void sm4Cmac() throws Exception {
        Map<String, Object> file = (Map<String, Object>) Blocks.json("sm4_cmac.json");
        Cmac mac = new Cmac(new Sm4(hex((String) file.get("key"))));
        for (Map<String, Object> row : rows("sm4_cmac.json", "tests")) {
            byte[] message = hex((String) row.get("msg"));
            byte[] tag = new byte[16];
            mac.tag(message, message.length, tag, 0);
            assertEquals(row.get("tag"), Octets.hex(tag));
        }
    }

    @Test
    void aesCmacOfRfc4493() {
        byte[] message = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52ef"
                + "f69f2445df4f9b17ad2b417be66c3710");
        String[][] rows = {
            {"0", "bb1d6929e95937287fa37d129b756746"},
            {"16", "070a16b46b4d4144f79bdd9dd04a287c"},
            {"40", "dfa66747de9ae63030ca32611497c827"},
            {"64", "51f0bebf7e3b9d92fc49741779363cfe"},
        };
        Cmac mac = new Cmac(PlatformCipher.aes(hex("2b7e151628aed2a6abf7158809cf4f3c")));
        for (String[] row : rows) {
            byte[] tag = new byte[16];
            mac.tag(message, Integer.parseInt(row[0]), tag, 0);
            assertEquals(row[1], Octets.hex(tag));
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void retailMac() throws Exception {
        Map<String, Object> file = (Map<String, Object>) Blocks.json("x919_retail_mac.json");
        RetailMac mac = new RetailMac(hex((String) file.get("k1") + file.get("k2")));
        int seen = 0;
        for (Map<String, Object> row : rows("x919_retail_mac.json", "tests")) {
            if ((Long) row.get("pad") == 1) {
                byte[] message = hex((String) row.get("msg"));
                byte[] tag = new byte[16];
                mac.tag(message, message.length, tag, 0);
                assertEquals(row.get("mac") + "0000000000000000", Octets.hex(tag));
                seen++;
            }
        }
        assertTrue(seen > 3);
    }

    @Test
    void keyWrapOfRfc3394() throws Exception {
        String[][] rows = { // sections 4.1 and 4.6
            {"000102030405060708090A0B0C0D0E0F", "00112233445566778899AABBCCDDEEFF",
                "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
            {"000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
                "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
                "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"},
        };
        for (String[] row : rows) {
            PlatformCipher cipher = PlatformCipher.aes(hex(row[0]));
            byte[] wrapped = KeyWrap.wrap(cipher, hex(row[1]));
            assertEquals(row[2], Octets.hex(wrapped));
            assertEquals(row[1].toLowerCase(java.util.Locale.ROOT), Octets.hex(KeyWrap.unwrap(cipher, wrapped)));
            wrapped[5] ^= 1;
            assertThrows(BadKeyException.class, () -> KeyWrap.unwrap(cipher, wrapped));
        }
    }

    @Test
    void sm4GcmOfRfc8998() throws Exception { // appendix A.1
        Gcm gcm = new Gcm(new Sm4(hex("0123456789ABCDEFFEDCBA9876543210")));
        byte[] header = hex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
        byte[] data = hex("AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDDEEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFF"
                + "EEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA");
        byte[] nonce = hex("00001234567800000000ABCD");
        byte[] tag = gcm.seal(nonce, header, header.length, data, 0, data.length);
        assertEquals("17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15"
                + "a56834cbcf98c397b4024a2691233b8d", Octets.hex(data));
        assertEquals("83de3541e4c2b58177e065a9bf7b62ec", Octets.hex(tag));
        assertTrue(gcm.open(nonce, header, header.length, data, 0, data.length, tag, 0));
        assertEquals("aaaaaaaaaaaaaaaabb", Octets.hex(data).substring(0, 18));
    }

    @Test
    void weakKeysAreRefused() {
        byte[] equalHalves = new byte[16];
        equalHalves[3] = 1; // a parity bit only
        assertThrows(BadKeyException.class, () -> new RetailMac(equalHalves));
        assertThrows(BadKeyException.class, () -> PlatformCipher.twoKey3Des(equalHalves));
        assertThrows(BadKeyException.class, () -> new Sm4(new byte[15]));
        assertThrows(BadKeyException.class, () -> Suite.LEGACY.checkMasterKey(equalHalves));
    }
}
