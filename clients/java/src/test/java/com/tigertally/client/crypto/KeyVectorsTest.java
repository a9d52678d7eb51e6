package com.tigertally.client.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tigertally.client.Blocks;
import com.tigertally.client.Blocks.Block;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** MACs, seals, derivations, wraps and check values by the vectors that Python and C run, too. */
class KeyVectorsTest {
    private static byte[] hex(Block block, String name) {
        return Octets.fromHex(block.get(name));
    }

    private static Suite suite(String macAlgorithm) {
        switch (macAlgorithm.toLowerCase(Locale.ROOT).replace('_', '-')) {
            case "hmac-sha256":
                return Suite.INTL_HMAC;
            case "aes-cmac":
            case "aes-kw":
                return Suite.INTL_CMAC;
            case "hmac-sm3":
                return Suite.GM_HMAC;
            case "sm4-cmac":
            case "sm4-kw":
                return Suite.GM_CMAC;
            case "x9.19":
            case "x9-19":
            case "3des-ecb":
            case "tdes-ecb":
                return Suite.LEGACY;
            default:
                throw new AssertionError(macAlgorithm);
        }
    }

    private static FieldCipher cipher(String text) {
        return text.matches("[0-9]+") ? FieldCipher.values()[Integer.parseInt(text)] : FieldCipher.valueOf(text);
    }

    @Test
    void everyVector() throws Exception {
        Map<String, Integer> seen = new HashMap<>();
        for (Block block : Blocks.read("keys.txt")) {
            seen.merge(block.kind, 1, Integer::sum);
            switch (block.kind) {
                case "mac":
                    mac(block);
                    break;
                case "seal":
                    seal(block);
                    break;
                case "unopenable":
                    assertFalse(open(block, new byte[16]));
                    break;
                case "kdf":
                    kdf(block);
                    break;
                case "sign-on":
                    signOn(block);
                    break;
                case "wrap":
                    wrap(block);
                    break;
                case "unwrappable":
                    Suite suite = suite(block.get("algorithm"));
                    assertThrows(BadKeyException.class, () -> suite.unwrap(hex(block, "key"), hex(block, "wrapped")));
                    break;
                case "check-value":
                    checkValue(block);
                    break;
                case "master-check-value":
                    Suite of = Suite.values()[block.number("suite") - 1];
                    assertEquals(block.get("value"), Octets.hex(of.masterKeyCheckValue(hex(block, "key"))));
                    break;
                default:
                    throw new AssertionError(block.kind);
            }
        }
        assertTrue(seen.keySet().size() >= 8, seen::toString);
    }

    private static void mac(Block block) throws BadKeyException {
        byte[] tag = new byte[16];
        byte[] data = hex(block, "data");
        MacKey key = suite(block.get("algorithm")).macKey(hex(block, "key"));
        key.tag(data, data.length, tag, 0);
        assertEquals(block.get("tag"), Octets.hex(tag), block.get("algorithm"));
        assertTrue(key.verify(data, data.length, tag, 0));
        tag[15] ^= 1;
        assertFalse(key.verify(data, data.length, tag, 0), "all 16 count");
    }

    private static void seal(Block block) throws BadKeyException {
        byte[] plain = hex(block, "plain");
        byte[] frame = Octets.join(hex(block, "header"), plain, new byte[32]);
        FieldKey key = new FieldKey(cipher(block.get("cipher")), hex(block, "key"));
        long sequence = Long.parseUnsignedLong(block.get("sequence"));
        key.seal(frame, 64, plain.length, block.number("direction"), sequence);
        String sealed = Octets.hex(Arrays.copyOfRange(frame, 64, frame.length));
        assertEquals(block.get("sealed") + block.get("trailer"), sealed);
        assertTrue(open(block, plain));
    }

    private static boolean open(Block block, byte[] plain) throws BadKeyException {
        byte[] sealed = hex(block, "sealed");
        byte[] frame = Octets.join(hex(block, "header"), sealed, hex(block, "trailer"));
        FieldKey key = new FieldKey(cipher(block.get("cipher")), hex(block, "key"));
        long sequence = Long.parseUnsignedLong(block.get("sequence"));
        boolean good = key.open(frame, 64, sealed.length, block.number("direction"), sequence);
        if (good) {
            assertEquals(Octets.hex(plain), Octets.hex(Arrays.copyOfRange(frame, 64, 64 + sealed.length)));
            assertTrue(Octets.zero(frame, 64 + sealed.length, 32));
        }
        return good;
    }

    private static void kdf(Block block) {
        byte[] key = hex(block, "key");
        Hmac hmac = block.get("hash").equalsIgnoreCase("sm3") ? Hmac.sm3(key) : Hmac.sha256(key);
        byte[] label = block.get("label").getBytes(StandardCharsets.US_ASCII);
        int length = block.get("derived").length() / 2;
        assertEquals(block.get("derived"), Octets.hex(hmac.derive(label, hex(block, "context"), length)));
    }

    private static void signOn(Block block) throws BadKeyException {
        Suite suite = Suite.values()[block.number("suite") - 1];
        byte[] master = hex(block, "master_key");
        byte[] serverNonce = hex(block, "server_nonce");
        long session = Long.parseUnsignedLong(block.get("session"));
        int channel = block.number("channel");
        byte[] data = hex(block, "data");
        for (boolean response : new boolean[] {false, true}) {
            byte[] tag = new byte[16];
            suite.signOnKey(master, response, channel, serverNonce, session).tag(data, data.length, tag, 0);
            assertEquals(block.get(response ? "response_tag" : "request_tag"), Octets.hex(tag));
        }
        byte[] kek = suite.wrappingKey(
                master, channel, hex(block, "client_nonce"), serverNonce, session, block.number("generation"));
        assertEquals(block.get("kek"), Octets.hex(kek));
    }

    private static void wrap(Block block) throws BadKeyException {
        Suite suite = suite(block.get("algorithm"));
        byte[] kek = hex(block, "key");
        byte[] wrapped = suite.wrap(kek, hex(block, "plain"));
        assertEquals(block.get("wrapped"), Octets.hex(wrapped));
        assertEquals(block.get("plain"), Octets.hex(suite.unwrap(kek, wrapped)));
    }

    private static void checkValue(Block block) throws BadKeyException {
        byte[] key = hex(block, "key");
        String algorithm = block.get("algorithm").toLowerCase(Locale.ROOT);
        byte[] value;
        if (algorithm.equals("aes")) {
            value = Suite.cmacCheck(PlatformCipher.aes(key));
        } else if (algorithm.equals("sm4")) {
            value = Suite.cmacCheck(new Sm4(key));
        } else {
            value = suite(algorithm).macKeyCheckValue(key);
        }
        assertEquals(block.get("value"), Octets.hex(value), algorithm);
    }
}
