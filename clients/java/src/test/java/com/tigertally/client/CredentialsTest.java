package com.tigertally.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tigertally.client.messages.VerifyOtpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The credentials file, addresses, back-off. */
class CredentialsTest {
    private static final String KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final String GOOD = "{\"format\": 1, \"channel\": 7, \"name\": \"网银\", \"institution\": \"0001\", "
            + "\"suite\": \"GM_HMAC\", \"field_cipher\": \"SM4_GCM\", \"charset\": \"gb18030\", \"key_version\": 1, "
            + "\"master_key_hex\": \"" + KEY + "\", \"check_value\": \"d930f7\", \"servers\": [\"a:1\", \"[::1]:2\"]}";

    @Test
    void aGoodFile(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("channel.json");
        Files.write(file, GOOD.getBytes(StandardCharsets.UTF_8));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        ChannelCredentials credentials = ChannelCredentials.load(file);
        assertEquals("网银", credentials.name());
        assertEquals("[a:1, [::1]:2]", credentials.servers().toString());
        assertEquals("GB18030", credentials.charset().name());
        assertFalse((credentials + "" + credentials.terms()).contains(KEY.substring(0, 8)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        CredentialsException problem =
                assertThrows(CredentialsException.class, () -> ChannelCredentials.load(file));
        assertTrue(problem.getMessage().contains("chmod 600"));
        assertThrows(CredentialsException.class, () -> ChannelCredentials.load(folder));
        assertThrows(CredentialsException.class, () -> ChannelCredentials.load(folder.resolve("none")));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"format\": 1', '\"format\": 2'",
        "d930f7, d930f8",
        "1c1d1e1f, 1c1d1e1g",
        "1c1d1e1f, 1c1d1e",
        "GM_HMAC, GM_HMAK",
        "SM4_GCM, AES_128_GCM",
        "gb18030, gbk",
        "'\"name\"', '\"nome\"'",
        "'\"a:1\"', '\"a:b\"'",
        "'\"a:1\", \"[::1]:2\"', ''",
        "'\"channel\": 7', '\"channel\": -7'",
        "'\"channel\": 7', '\"channel\": 7, \"channel\": 8'",
        "'\"channel\": 7', '\"channel\": \"7\"'",
        "'}', ''",
        "'}', '} x'",
    })
    void badOnesAreRefusedWithoutTheirKey(String from, String to) {
        String bad = GOOD.replace(from, to == null ? "" : to);
        CredentialsException problem =
                assertThrows(CredentialsException.class, () -> ChannelCredentials.parse(bad, "f.json"));
        assertTrue(problem.getMessage().startsWith("f.json"), problem.getMessage());
        assertFalse(problem.getMessage().contains(KEY.substring(0, 8)));
    }

    @ParameterizedTest
    @CsvSource({"bank, bank, 7117", "bank:80, bank, 80", "10.0.0.1:1, 10.0.0.1, 1", "[::1]:9, ::1, 9", "[fe80::1], fe80::1, 7117"})
    void addresses(String text, String host, int port) {
        ServerAddress address = ServerAddress.parse(text);
        assertEquals(host, address.host());
        assertEquals(port, address.port());
        assertEquals(address, ServerAddress.parse(address.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":1", "a:", "a:0", "a:65536", "a:-1", "[::1", "[::1]9", "a:1:2", "[]:1", "::1"})
    void noAddresses(String text) {
        assertThrows(IllegalArgumentException.class, () -> ServerAddress.parse(text));
    }

    @Test
    void backoffDoublesUpToItsCapHalfOfItRandom() {
        Backoff backoff = new Backoff(100, 1000);
        assertEquals(50_000_000, backoff.delayNanos(1, 0));
        assertEquals(100_000_000, backoff.delayNanos(1, 1));
        assertEquals(200_000_000, backoff.delayNanos(3, 0));
        assertEquals(1_000_000_000, backoff.delayNanos(60, 1));
        assertThrows(IllegalArgumentException.class, () -> new Backoff(0, 1));
    }

    @Test
    void aRequestIsTypedAndRefusesNull() {
        assertThrows(NullPointerException.class, () -> new VerifyOtpRequest().customer(null));
        assertEquals("VERIFY_OTP {customer=C1, otp=«secret»}", new VerifyOtpRequest().customer("C1").otp("1").toString());
    }
}
