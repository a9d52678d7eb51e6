package com.tigertally.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tigertally.client.crypto.FieldCipher;
import com.tigertally.client.crypto.Octets;
import com.tigertally.client.crypto.Suite;
import com.tigertally.client.messages.QueryUserRequest;
import com.tigertally.client.messages.ResponseCode;
import com.tigertally.client.messages.VerifyOtpRequest;
import com.tigertally.client.messages.VerifyOtpResponse;
import com.tigertally.client.wire.FakeServer;
import com.tigertally.client.wire.Header;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client against a scripted server that speaks the real protocol over real sockets. */
@Timeout(60)
class ClientTest {
    private static final String OTP = "918273";
    /** For calls that must end without the answer they want, but not before a slow machine has done its part. */
    private static final Duration AWHILE = Duration.ofSeconds(2);

    private final byte[] key = new byte[32];
    private FakeServer server;
    private final List<FakeServer> others = new ArrayList<>();

    @BeforeEach
    void serve() throws Exception {
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (i + 1);
        }
        server = new FakeServer(Suite.INTL_HMAC, FieldCipher.AES_128_GCM, key);
    }

    @AfterEach
    void end() throws Exception {
        server.close();
        for (FakeServer other : others) {
            other.close();
        }
    }

    private FakeServer another() throws Exception {
        FakeServer other = new FakeServer(server.suite, server.cipher, key);
        others.add(other);
        return other;
    }

    private TigertallyClient.Builder builder(int... ports) throws Exception {
        String text = server.credentials(ports.length == 0 ? new int[] {server.port()} : ports);
        return TigertallyClient.builder(ChannelCredentials.parse(text, "test"))
                .timeout(Duration.ofSeconds(20))
                .reconnect(new Backoff(1, 20))
                .drainAway(Duration.ofMillis(20))
                .signOffTimeout(Duration.ofMillis(200))
                .repeat(new Backoff(1, 5));
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(1); // the test's own time limit ends it
        }
    }

    @ParameterizedTest
    @CsvSource({
        "INTL_HMAC, NONE", "INTL_HMAC, AES_128_GCM", "INTL_HMAC, AES_256_GCM", "INTL_CMAC, AES_128_GCM",
        "GM_HMAC, SM4_GCM", "GM_HMAC, SM4_CBC", "GM_CMAC, SM4_GCM", "GM_CMAC, NONE", "LEGACY, AES_128_GCM"
    })
    void everySuite(Suite suite, FieldCipher cipher) throws Exception {
        byte[] master = java.util.Arrays.copyOf(key, suite.masterKeyBytes());
        try (FakeServer one = new FakeServer(suite, cipher, master);
                TigertallyClient client = TigertallyClient.builder(
                                ChannelCredentials.parse(one.credentials(one.port()), "test"))
                        .build()) {
            VerifyOtpResponse answer = client.verifyOtp("C0001", OTP);
            assertTrue(answer.isApproved());
            assertTrue(answer.isSuccess());
            assertEquals(1, answer.tries());
            String wire = new String(one.sessions.get(0).seen(), StandardCharsets.ISO_8859_1);
            assertTrue(wire.contains("C0001"));
            assertEquals(cipher == FieldCipher.NONE, wire.contains(OTP), "sealed on the wire");
        }
    }

    @Test
    void putOffsAreRepeatedUnderTheSameSerial() throws Exception {
        AtomicInteger left = new AtomicInteger(3);
        server.script = (session, request, values) -> session.answer(
                request, left.getAndDecrement() > 0 ? ResponseCode.BUSY : ResponseCode.APPROVED, 2);
        try (TigertallyClient client = builder().build()) {
            VerifyOtpResponse answer = client.verifyOtp("C0001", OTP);
            assertTrue(answer.isApproved());
            assertEquals(4, answer.tries());
            assertEquals(3, client.statistics().putOff());
            assertEquals(3, client.statistics().retries());
        }
        List<Header> seen = server.sessions.get(0).requests;
        assertEquals(1, seen.stream().map(Header::serial).distinct().count());
        assertEquals(0, seen.get(0).flags() & Header.RETRY);
        assertEquals(Header.RETRY, seen.get(1).flags() & Header.RETRY);
    }

    @Test
    void theLastPutOffIsTheAnswerAtTheDeadline() throws Exception {
        // The wished pause is longer than the call: no try is open when its time is up.
        server.script = (session, request, values) -> session.answer(request, ResponseCode.BUSY, 60_000);
        try (TigertallyClient client = builder().timeout(AWHILE).build()) {
            VerifyOtpResponse answer = client.verifyOtp("C0001", OTP);
            assertEquals(ResponseCode.BUSY, answer.code());
            assertFalse(answer.isSuccess());
        }
    }

    @Test
    void aLostConnectionIsRepeatedElsewhereUnderTheSameSerial() throws Exception {
        AtomicInteger left = new AtomicInteger(2);
        server.script = (session, request, values) -> {
            if (left.getAndDecrement() > 0) {
                session.cut();
            } else {
                session.answer(request, ResponseCode.WRONG_CODE);
            }
        };
        try (TigertallyClient client = builder().build()) {
            VerifyOtpResponse answer = client.verifyOtp("C0001", OTP);
            assertEquals(ResponseCode.WRONG_CODE, answer.code());
            assertEquals(3, answer.tries());
            assertEquals(2, client.statistics().connectionsLost());
        }
        long serials = server.sessions.stream()
                .flatMap(session -> session.requests.stream())
                .map(Header::serial)
                .distinct()
                .count();
        assertEquals(1, serials);
    }

    @Test
    void anUnrecordedAnswerAfterALossSettlesNothing() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        server.script = (session, request, values) -> {
            if (asked.getAndIncrement() == 0) {
                session.cut(); // it may have been executed
            } else {
                session.answer(request, ResponseCode.INTERNAL);
            }
        };
        try (TigertallyClient client = builder().timeout(AWHILE).build()) {
            OutcomeUnknownException problem =
                    assertThrows(OutcomeUnknownException.class, () -> client.verifyOtp("C0001", OTP));
            assertEquals(ResponseCode.INTERNAL, problem.lastCode());
        }
    }

    @Test
    void silenceIsAnUnknownOutcomeAndTheAnswerIsLate() throws Exception {
        LinkedBlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
        server.script = (session, request, values) ->
                held.add(() -> session.answer(request, ResponseCode.APPROVED));
        try (TigertallyClient client = builder().timeout(AWHILE).build()) {
            client.awaitReady(Duration.ofSeconds(20));
            OutcomeUnknownException problem =
                    assertThrows(OutcomeUnknownException.class, () -> client.verifyOtp("C0001", OTP));
            assertTrue(problem.ticket().repeated());
            assertFalse(problem.getMessage().contains(OTP));
            held.take().run();
            until(() -> client.statistics().lateAnswers() == 1);
            assertEquals(1, client.statistics().outcomesUnknown());
            assertEquals(0, client.statistics().connectionsLost());
            server.script = (session, request, values) -> session.answer(request, ResponseCode.APPROVED);
            CallOptions again = CallOptions.DEFAULT.ticket(problem.ticket());
            assertTrue(client.call(new VerifyOtpRequest().customer("C0001").otp(OTP), again).isApproved());
            Header repeated = server.sessions.get(0).requests.get(1);
            assertEquals(problem.ticket().serial(), repeated.serial());
            assertEquals(Header.RETRY, repeated.flags() & Header.RETRY);
        }
    }

    @Test
    void aQueryIsNeverInDoubt() throws Exception {
        server.script = (session, request, values) -> { };
        try (TigertallyClient client = builder().timeout(Duration.ofMillis(100)).build()) {
            client.awaitReady(Duration.ofSeconds(20));
            assertThrows(NoAnswerException.class, () -> client.call(new QueryUserRequest().customer("C0001")));
        }
    }

    @Test
    void withoutAServerNothingWasExecuted() throws Exception {
        server.close();
        try (TigertallyClient client = builder().timeout(AWHILE).build()) {
            NoAnswerException problem = assertThrows(NoAnswerException.class, () -> client.verifyOtp("C1", OTP));
            assertTrue(problem.reason().contains("cannot connect"), problem.reason());
            assertEquals(0, client.statistics().framesSent());
        }
    }

    @Test
    void aWrongKeyIsNoDenial() throws Exception {
        String other = server.credentials(server.port());
        server.masterKey[0] ^= 1;
        try (TigertallyClient client = TigertallyClient.builder(ChannelCredentials.parse(other, "test"))
                .timeout(AWHILE)
                .build()) {
            NoAnswerException problem = assertThrows(NoAnswerException.class, () -> client.verifyOtp("C1", OTP));
            assertTrue(problem.reason().contains("SIGN_ON_REFUSED"), problem.reason());
        }
    }

    @Test
    void aDrainNoticeIsObeyed() throws Exception {
        FakeServer second = another();
        LinkedBlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
        server.script = (session, request, values) -> {
            held.add(() -> session.answer(request, ResponseCode.APPROVED));
            session.drain(10_000);
        };
        second.script = server.script;
        try (TigertallyClient client = builder(server.port(), second.port()).build()) {
            until(() -> client.statistics().connections().size() == 2);
            CompletableFuture<VerifyOtpResponse> open = client.submit(new VerifyOtpRequest().customer("C1").otp(OTP));
            until(() -> client.statistics().drains() == 1);
            FakeServer drained = server.sessions.get(0).requests.isEmpty() ? second : server;
            FakeServer other = drained == server ? second : server;
            other.script = (session, request, values) -> session.answer(request, ResponseCode.DENIED);
            assertEquals(ResponseCode.DENIED, client.verifyOtp("C2", OTP).code());
            assertEquals(1, drained.sessions.get(0).requests.size(), "nothing new went there");
            held.take().run();
            assertTrue(open.get().isApproved(), "what was open is answered");
            until(() -> drained.sessions.get(0).signedOff);
            until(() -> drained.sessions.size() == 2); // and it comes back
            assertEquals(0, client.statistics().connectionsLost());
        }
    }

    @Test
    void workingKeysAreChangedUnderLoad() throws Exception {
        AtomicInteger seen = new AtomicInteger();
        server.script = (session, request, values) -> {
            if (seen.incrementAndGet() % 20 == 1) {
                session.askForKeyChange();
            }
            session.answer(request, ResponseCode.APPROVED);
        };
        try (TigertallyClient client = builder().build()) {
            for (int i = 0; i < 60; i++) {
                assertTrue(client.verifyOtp("C0001", OTP).isApproved());
            }
            until(() -> client.statistics().keyChanges() >= 2);
            assertTrue(client.verifyOtp("C0001", OTP).isApproved());
            assertEquals(0, client.statistics().connectionsLost());
        }
        List<Header> requests = server.sessions.get(0).requests;
        assertTrue(requests.get(requests.size() - 1).keyGeneration() >= 3);
    }

    @Test
    void manyInFlightAnsweredInAnyOrder() throws Exception {
        List<Runnable> held = new ArrayList<>();
        server.inFlight = 50;
        server.script = (session, request, values) -> {
            held.add(() -> session.answer(request, ResponseCode.of(1 + (int) (request.serial() % 3))));
            if (held.size() == 50) {
                for (int i = held.size() - 1; i >= 0; i--) {
                    held.get(i).run();
                }
                held.clear();
            }
        };
        try (TigertallyClient client = builder().build()) {
            List<CompletableFuture<VerifyOtpResponse>> all = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                all.add(client.submit(new VerifyOtpRequest().customer("C" + i).otp(OTP)));
            }
            for (CompletableFuture<VerifyOtpResponse> one : all) {
                VerifyOtpResponse answer = one.get();
                assertEquals(1 + answer.requestSerial() % 3, answer.code().number(), "its own answer");
            }
            assertEquals(500, client.statistics().framesSent());
        }
    }

    @Test
    void manyThreadsBlock() throws Exception {
        try (TigertallyClient client = builder().build()) {
            AtomicInteger approved = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(16);
            for (int i = 0; i < 16; i++) {
                new Thread(() -> {
                    try {
                        for (int j = 0; j < 50; j++) {
                            approved.addAndGet(client.verifyOtp("C1", OTP).isApproved() ? 1 : 0);
                        }
                    } catch (OutcomeUnknownException problem) {
                        problem.printStackTrace();
                    }
                    done.countDown();
                }).start();
            }
            done.await();
            assertEquals(800, approved.get());
        }
    }

    @Test
    void aLoneCallerAsksAllServersInTurn() throws Exception {
        FakeServer second = another();
        try (TigertallyClient client = builder(server.port(), second.port()).build()) {
            until(() -> client.statistics().connections().size() == 2);
            for (int i = 0; i < 6; i++) {
                assertTrue(client.verifyOtp("C1", OTP).isApproved());
            }
            assertEquals(3, server.sessions.get(0).requests.size());
            assertEquals(3, second.sessions.get(0).requests.size());
        }
    }

    @Test
    void aServerThatFallsSilentGetsNothingNewUntilItIsHeard() throws Exception {
        FakeServer second = another();
        LinkedBlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
        FakeServer.Script silent = (session, request, values) ->
                held.add(() -> session.answer(request, ResponseCode.APPROVED));
        server.script = silent;
        server.muteHeartbeats = true;
        server.heartbeatS = 3_600; // or a slow machine's heartbeat, unanswered, ends the connection first
        second.script = (session, request, values) -> session.answer(request, ResponseCode.APPROVED);
        try (TigertallyClient client = builder(server.port(), second.port())
                .attemptTimeout(Duration.ofSeconds(1)) // the other answers sooner, however slow the machine
                .build()) {
            until(() -> client.statistics().connections().size() == 2);
            for (int i = 0; i < 2; i++) {
                assertTrue(client.verifyOtp("C1", OTP).isApproved(), "the other answers");
            }
            assertEquals(1, client.statistics().breakerTrips());
            int sent = server.sessions.get(0).requests.size();
            for (int i = 0; i < 20; i++) {
                assertTrue(client.verifyOtp("C1", OTP).isApproved());
            }
            assertEquals(sent, server.sessions.get(0).requests.size());
            assertTrue(client.statistics().connections().stream().anyMatch(ConnectionStatus::silent));
            held.take().run();
            until(() -> client.statistics().connections().stream().noneMatch(ConnectionStatus::silent));
            assertEquals(1, client.statistics().lateAnswers());
        }
    }

    @Test
    void anUnansweredHeartbeatEndsTheConnection() throws Exception {
        server.heartbeatS = 1;
        server.muteHeartbeats = true;
        AtomicReference<String> reason = new AtomicReference<>();
        ClientListener listener = new ClientListener() {
            @Override
            public void lost(ServerAddress from, String why) {
                reason.set(why);
            }
        };
        try (TigertallyClient client =
                builder().heartbeatTimeout(Duration.ofMillis(50)).listener(listener).build()) {
            until(() -> reason.get() != null);
            assertEquals("the server answers no heartbeat", reason.get());
            assertTrue(client.verifyOtp("C1", OTP).isApproved(), "on a new one");
        }
    }

    @Test
    void aForgedRejectEndsTheConnectionAndNoCall() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        server.script = (session, request, values) -> {
            if (asked.getAndIncrement() == 0) {
                session.reject(request, ResponseCode.UNKNOWN_TRANSACTION, false);
            } else {
                session.answer(request, ResponseCode.APPROVED);
            }
        };
        try (TigertallyClient client = builder().build()) {
            assertTrue(client.verifyOtp("C1", OTP).isApproved());
            assertEquals(1, client.statistics().forgedRejects());
        }
    }

    @Test
    void anAuthenticRejectOfItsKindIsToldAtOnce() throws Exception {
        server.script = (session, request, values) ->
                session.reject(request, ResponseCode.UNKNOWN_TRANSACTION, true);
        try (TigertallyClient client = builder().build()) {
            RequestRejectedException problem =
                    assertThrows(RequestRejectedException.class, () -> client.verifyOtp("C1", OTP));
            assertEquals(ResponseCode.UNKNOWN_TRANSACTION, problem.code());
        }
    }

    @Test
    void whatDoesNotFitIsNotSent() throws Exception {
        try (TigertallyClient client = builder().build()) {
            InvalidFieldException problem =
                    assertThrows(InvalidFieldException.class, () -> client.verifyOtp("C1", "12a456"));
            assertEquals("otp", problem.field());
            assertFalse(problem.getMessage().contains("12a456"));
            assertEquals(0, client.statistics().calls());
        }
    }

    @Test
    void closingTellsWhoWaits() throws Exception {
        server.script = (session, request, values) -> { };
        TigertallyClient client = builder().build();
        client.awaitReady(Duration.ofSeconds(20));
        CompletableFuture<VerifyOtpResponse> open = client.submit(new VerifyOtpRequest().customer("C1").otp(OTP));
        until(() -> !server.sessions.get(0).requests.isEmpty());
        client.close();
        ExecutionException problem = assertThrows(ExecutionException.class, open::get);
        assertTrue(problem.getCause() instanceof OutcomeUnknownException);
        assertThrows(ClientClosedException.class, () -> client.verifyOtp("C1", OTP));
        client.close(); // twice is no harm
    }

    @Test
    void anInterruptedCallerIsToldWhatIsKnown() throws Exception {
        server.script = (session, request, values) -> { };
        try (TigertallyClient client = builder().build()) {
            client.awaitReady(Duration.ofSeconds(20));
            AtomicReference<Throwable> told = new AtomicReference<>();
            Thread caller = new Thread(() -> {
                try {
                    client.verifyOtp("C1", OTP);
                } catch (OutcomeUnknownException problem) {
                    told.set(Thread.currentThread().isInterrupted() ? problem : null);
                }
            });
            caller.start();
            until(() -> !server.sessions.get(0).requests.isEmpty());
            caller.interrupt();
            caller.join();
            assertTrue(told.get() instanceof OutcomeUnknownException);
        }
    }

    @Test
    void waitingOnTheLibrarysOwnThreadIsRefused() throws Exception {
        try (TigertallyClient client = builder().callbacks(Runnable::run).build()) {
            client.awaitReady(Duration.ofSeconds(20));
            LinkedBlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
            server.script = (session, request, values) ->
                    held.add(() -> session.answer(request, ResponseCode.APPROVED));
            CompletableFuture<Boolean> refused = client.submit(new VerifyOtpRequest().customer("C1").otp(OTP))
                    .handle((answer, problem) -> {
                        assertThrows(IllegalStateException.class, () -> client.verifyOtp("C1", OTP));
                        return true;
                    });
            held.take().run();
            assertTrue(refused.get());
        }
    }

    @Test
    void noSecretInLogsOrTexts() throws Exception {
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                byte[] text = (entry.getMessage() + java.util.Arrays.toString(entry.getParameters()) + entry.getThrown())
                        .getBytes(StandardCharsets.UTF_8);
                logged.write(text, 0, text.length);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("com.tigertally.client");
        logger.setLevel(Level.ALL);
        logger.addHandler(handler);
        AtomicInteger asked = new AtomicInteger();
        server.script = (session, request, values) -> {
            if (asked.getAndIncrement() == 0) {
                session.cut();
            } else {
                session.answer(request, ResponseCode.DENIED);
            }
        };
        StringBuilder texts = new StringBuilder();
        try (TigertallyClient client = builder().build()) {
            VerifyOtpRequest request = new VerifyOtpRequest().customer("C1").otp(OTP);
            texts.append(request).append(client.call(request)).append(client).append(client.statistics());
        } finally {
            logger.removeHandler(handler);
        }
        texts.append(ChannelCredentials.parse(server.credentials(1), "test")).append(Secret.of(OTP));
        texts.append(new String(logged.toByteArray(), StandardCharsets.UTF_8));
        assertTrue(texts.toString().contains("signed on"));
        assertFalse(texts.toString().contains(OTP));
        assertFalse(texts.toString().contains(Octets.hex(key)));
    }

    @Test
    void aListenersMistakesHarmNoConnection() throws Exception {
        ClientListener bad = new ClientListener() {
            @Override
            public void connected(ServerAddress from, long sessionId) {
                throw new IllegalStateException("a mistake");
            }
        };
        try (TigertallyClient client = builder().listener(bad).build()) {
            assertTrue(client.verifyOtp("C1", OTP).isApproved());
        }
    }

    @Test
    void anExecutorThatIsShutDownSwallowsNoAnswer() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        executor.shutdown();
        try (TigertallyClient client = builder().callbacks(executor).build()) {
            assertTrue(client.submit(new VerifyOtpRequest().customer("C1").otp(OTP)).get().isApproved());
        }
    }

    @Test
    void ticketsAreNeverGivenTwice() throws Exception {
        AtomicReference<Long> now = new AtomicReference<>(1_767_225_600_000L);
        SerialAllocator serials = new SerialAllocator(now::get, 5);
        long last = 0;
        for (int i = 0; i < 5000; i++) {
            long next = serials.next();
            assertTrue(next > last);
            assertEquals(5, next >> 10 & 1023);
            last = next;
            if (i % 100 == 50) {
                now.set(now.get() - 7); // a clock that steps back
            }
        }
        assertNotEquals(0, TimeUnit.MILLISECONDS.toDays(now.get()));
    }
}
