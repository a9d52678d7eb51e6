package com.tigertally.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tigertally.client.crypto.FieldCipher;
import com.tigertally.client.crypto.Suite;
import com.tigertally.client.wire.FakeServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.KeyStore;
import java.time.Duration;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS around the protocol; the server's name is checked. */
@Timeout(60)
class TlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private static SSLContext context(Path folder, String names) throws Exception {
        Path file = folder.resolve(names.hashCode() + ".p12");
        String keytool = Paths.get(System.getProperty("java.home"), "bin", "keytool").toString();
        Process made = new ProcessBuilder(
                        keytool, "-genkeypair", "-alias", "server", "-dname", "CN=server", "-ext", "san=" + names,
                        "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2", "-storetype", "PKCS12",
                        "-keystore", file.toString(), "-storepass", new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        try (InputStream said = made.getInputStream()) {
            while (said.read() >= 0) {
                continue;
            }
        }
        assertEquals(0, made.waitFor());
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", store.getCertificate("server"));
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static FakeServer server(SSLContext context) throws Exception {
        ServerSocket listener = context.getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        return new FakeServer(Suite.GM_CMAC, FieldCipher.SM4_GCM, new byte[32], listener);
    }

    private static TigertallyClient client(FakeServer server, SSLContext context) throws Exception {
        ChannelCredentials credentials = ChannelCredentials.parse(server.credentials(server.port()), "test");
        return TigertallyClient.builder(credentials)
                .tls(context)
                .timeout(Duration.ofSeconds(20))
                .build();
    }

    @Test
    void signsOnInsideTls(@TempDir Path folder) throws Exception {
        SSLContext context = context(folder, "ip:127.0.0.1");
        try (FakeServer server = server(context);
                TigertallyClient client = client(server, context)) {
            assertTrue(client.verifyOtp("C1", "123456").isApproved());
        }
    }

    @Test
    void refusesAnotherName(@TempDir Path folder) throws Exception {
        SSLContext context = context(folder, "dns:elsewhere.example");
        try (FakeServer server = server(context);
                TigertallyClient client = client(server, context)) {
            Request<?> request = new com.tigertally.client.messages.VerifyOtpRequest().customer("C1").otp("1");
            CallOptions brief = CallOptions.DEFAULT.timeout(Duration.ofMillis(500));
            assertThrows(NoAnswerException.class, () -> client.call(request, brief));
        }
    }
}
