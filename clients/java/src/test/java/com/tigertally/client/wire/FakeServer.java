package com.tigertally.client.wire;

import com.tigertally.client.crypto.FieldCipher;
import com.tigertally.client.crypto.FieldKey;
import com.tigertally.client.crypto.MacKey;
import com.tigertally.client.crypto.Octets;
import com.tigertally.client.crypto.Suite;
import com.tigertally.client.messages.ResponseCode;
import com.tigertally.client.messages.Transaction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The server's end of the real protocol for tests; what it answers is the test's script. It judges no code. */
public final class FakeServer implements AutoCloseable {
    /** What a test does with a request. */
    public interface Script {
        void on(Session session, Header request, Object[] values) throws Exception;
    }

    public static final int CHANNEL = 7;

    public final byte[] masterKey;
    public final Suite suite;
    public final FieldCipher cipher;
    public final List<Session> sessions = new CopyOnWriteArrayList<>();
    public volatile Script script = (session, request, values) -> session.answer(request, ResponseCode.APPROVED);
    public volatile boolean muteHeartbeats;
    public int heartbeatS = 30;
    public int inFlight = 64;

    private final SecureRandom random = new SecureRandom();
    private final ServerSocket listener;

    public FakeServer(Suite suite, FieldCipher cipher, byte[] masterKey) throws IOException {
        this(suite, cipher, masterKey, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    }

    public FakeServer(Suite suite, FieldCipher cipher, byte[] masterKey, ServerSocket listener) {
        this.suite = suite;
        this.cipher = cipher;
        this.masterKey = masterKey;
        this.listener = listener;
        daemon(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "fake-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                Session session = new Session(socket);
                sessions.add(session);
                daemon(session::run);
            }
        } catch (IOException closed) {
            return;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Session session : sessions) {
            session.cut();
        }
    }

    private byte[] draw(int count) {
        byte[] drawn = new byte[count];
        random.nextBytes(drawn);
        return drawn;
    }

    /** One connection. */
    public final class Session {
        public final List<Header> requests = new CopyOnWriteArrayList<>();
        public final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private final Socket socket;
        private final byte[] serverNonce = draw(16);
        private final long id = random.nextLong() >>> 1 | 1;
        private final FrameReader reader = new FrameReader(Header.REQUEST);
        private byte[] clientNonce;
        private long sequence;
        private int generation;
        private MacKey send;
        private MacKey receive;
        private MacKey oldReceive;
        private FieldKey seal;
        private FieldKey open;
        private FieldKey oldOpen;
        public volatile boolean signedOff;

        Session(Socket socket) {
            this.socket = socket;
        }

        void run() {
            try {
                write(Transaction.GREETING, Header.NOTIFY, null, greeting(), 0, 0, null, 0);
                byte[] buffer = new byte[65536];
                while (true) {
                    int count = socket.getInputStream().read(buffer);
                    if (count < 0) {
                        return;
                    }
                    synchronized (received) {
                        received.write(buffer, 0, count);
                    }
                    reader.feed(buffer, 0, count);
                    for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
                        read(frame);
                    }
                }
            } catch (IOException closed) {
                return;
            } catch (Exception | AssertionError problem) {
                problem.printStackTrace(); // the client sees a cut, and the test fails
                cut();
            }
        }

        private Object[] greeting() {
            Object[] values = Layouts.GREETING.blank();
            values[0] = serverNonce;
            return values;
        }

        private void read(Frame frame) throws Exception {
            Header header = frame.header;
            if (header.transaction == Transaction.SIGN_ON.number()) {
                signOn(frame);
                return;
            }
            if (!frame.isSignedBy(receive) && !(oldReceive != null && frame.isSignedBy(oldReceive))) {
                throw new AssertionError("a frame that is not authentic");
            }
            if ((header.flags & Header.SEALED) != 0) {
                int at = Header.BYTES + frame.layout.secretOffset();
                FieldKey key = header.keyGeneration == generation ? open : oldOpen;
                if (!key.open(frame.raw, at, frame.layout.secretWidth(), 1, header.sequence)) {
                    throw new AssertionError("a seal that does not open");
                }
            }
            Object[] values = frame.layout.decode(frame.raw, Header.BYTES, StandardCharsets.UTF_8);
            switch (Transaction.of(header.transaction)) {
                case HEARTBEAT:
                    if (!muteHeartbeats) {
                        answer(header, ResponseCode.ANSWERED);
                    }
                    return;
                case KEY_CHANGE:
                    changeKeys(header);
                    return;
                case SIGN_OFF:
                    answer(header, ResponseCode.SIGNED_OFF);
                    signedOff = true;
                    cut();
                    return;
                default:
                    requests.add(header);
                    script.on(this, header, values);
            }
        }

        private void signOn(Frame frame) throws Exception {
            MacKey key = suite.signOnKey(masterKey, false, CHANNEL, serverNonce, id);
            if (!frame.isSignedBy(key)) {
                send = null;
                write(Transaction.SIGN_ON, Header.REJECT, frame.header, null, ResponseCode.SIGN_ON_REFUSED.number(), 0,
                        null, 0);
                cut();
                return;
            }
            Object[] asked = frame.layout.decode(frame.raw, Header.BYTES, StandardCharsets.UTF_8);
            clientNonce = (byte[]) asked[0];
            Layout layout = Layouts.SIGN_ON_RESPONSE;
            Object[] values = layout.blank();
            values[layout.indexOf("client_nonce")] = clientNonce;
            values[layout.indexOf("in_flight_limit")] = (long) inFlight;
            values[layout.indexOf("heartbeat_s")] = (long) heartbeatS;
            values[layout.indexOf("idle_s")] = 90L;
            Runnable use = newKeys(layout, values, 1);
            write(Transaction.SIGN_ON, Header.RESPONSE, frame.header, values, ResponseCode.SIGNED_ON.number(), 0,
                    suite.signOnKey(masterKey, true, CHANNEL, serverNonce, id), 1);
            use.run();
        }

        private Runnable newKeys(Layout layout, Object[] values, int number) throws Exception {
            byte[] kek = suite.wrappingKey(masterKey, CHANNEL, clientNonce, serverNonce, id, number);
            int[] lengths = {suite.macKeyBytes(), suite.macKeyBytes(), cipher.keyBytes(), cipher.keyBytes()};
            byte[][] keys = new byte[4][];
            String[] names = {"mac_request", "mac_response", "field_request", "field_response"};
            values[layout.indexOf("generation")] = (long) number;
            for (int i = 0; i < 4; i++) {
                keys[i] = draw(lengths[i]);
                if (lengths[i] > 0) {
                    byte[] wrapped = java.util.Arrays.copyOf(suite.wrap(kek, keys[i]), 40);
                    values[layout.indexOf(names[i] + "_wrapped")] = wrapped;
                    values[layout.indexOf(names[i] + "_length")] = (long) lengths[i];
                    values[layout.indexOf(names[i] + "_check")] = CheckValues.of(suite, cipher, i, keys[i]);
                }
            }
            return () -> {
                try {
                    oldReceive = receive;
                    oldOpen = open;
                    generation = number;
                    receive = suite.macKey(keys[0]);
                    send = suite.macKey(keys[1]);
                    open = lengths[2] > 0 ? new FieldKey(cipher, keys[2]) : null;
                    seal = lengths[3] > 0 ? new FieldKey(cipher, keys[3]) : null;
                } catch (Exception problem) {
                    throw new AssertionError(problem);
                }
            };
        }

        private synchronized void changeKeys(Header header) throws Exception {
            Object[] values = Layouts.KEY_CHANGE_RESPONSE.blank();
            Runnable use = newKeys(Layouts.KEY_CHANGE_RESPONSE, values, generation + 1);
            write(Transaction.KEY_CHANGE, Header.RESPONSE, header, values, ResponseCode.CHANGED.number(), 0, send,
                    generation);
            use.run();
        }

        public void answer(Header request, ResponseCode code) {
            answer(request, code, 0);
        }

        public void answer(Header request, ResponseCode code, int retryAfterMs) {
            Layout layout = Layouts.of(request.transaction, Header.RESPONSE, 1);
            write(Transaction.of(request.transaction), Header.RESPONSE, request, layout.blank(), code.number(),
                    retryAfterMs, send, generation);
        }

        public void drain(int graceMs) {
            Object[] values = Layouts.DRAIN.blank();
            values[0] = (long) graceMs;
            write(Transaction.DRAIN, Header.NOTIFY, null, values, 0, 0, send, generation);
        }

        public void askForKeyChange() {
            Object[] values = Layouts.KEY_CHANGE_DUE.blank();
            write(Transaction.KEY_CHANGE_DUE, Header.NOTIFY, null, values, 0, 0, send, generation);
        }

        /** With a good MAC or without one. */
        public void reject(Header request, ResponseCode code, boolean authentic) {
            write(Transaction.of(request.transaction), Header.REJECT, request, null, code.number(), 0,
                    authentic ? send : null, generation);
        }

        public void cut() {
            try {
                socket.close();
            } catch (IOException problem) {
                throw new AssertionError(problem);
            }
        }

        public byte[] seen() {
            synchronized (received) {
                return received.toByteArray();
            }
        }

        private synchronized void write(Transaction transaction, int kind, Header about, Object[] values, int code,
                int retryAfterMs, MacKey mac, int keys) {
            Layout layout = Layouts.of(transaction.number(), kind, 1);
            int size = layout == null ? 0 : layout.size();
            Header header = new Header();
            header.totalLength = Header.BYTES + size + MacKey.MAC_BYTES;
            header.transaction = transaction.number();
            header.kind = kind;
            header.returnCode = code;
            header.budgetMs = retryAfterMs;
            header.keyGeneration = keys;
            header.sessionId = id;
            header.sequence = ++sequence;
            if (keys > 0) {
                header.channel = CHANNEL;
                header.suite = suite.number();
                header.fieldCipher = cipher.number();
            }
            if (about != null) {
                header.serial = about.serial;
                header.businessDay = about.businessDay;
            }
            boolean seals = seal != null && layout != null && layout.secretOffset() >= 0;
            header.flags = seals ? Header.SEALED : 0;
            byte[] frame = new byte[header.totalLength];
            header.write(frame);
            if (layout != null && layout.encode(values, StandardCharsets.UTF_8, frame, Header.BYTES) != null) {
                throw new AssertionError("bad answer");
            }
            if (seals) {
                seal.seal(frame, Header.BYTES + layout.secretOffset(), layout.secretWidth(), 2, header.sequence);
            }
            if (mac != null) {
                mac.tag(frame, frame.length - 16, frame, frame.length - 16);
            }
            try {
                socket.getOutputStream().write(frame);
            } catch (IOException gone) {
                return; // the client went away; the test sees that elsewhere
            }
        }
    }

    /** The credentials file for these servers. */
    public String credentials(int... ports) throws Exception {
        StringBuilder servers = new StringBuilder();
        for (int port : ports) {
            servers.append(servers.length() > 0 ? ", " : "").append("\"127.0.0.1:").append(port).append('"');
        }
        return "{\"format\": 1, \"channel\": " + CHANNEL + ", \"name\": \"test\", \"institution\": \"0001\", \"suite\": \""
                + suite + "\", \"field_cipher\": \"" + cipher + "\", \"charset\": \"utf-8\", \"key_version\": 1, "
                + "\"master_key_hex\": \"" + Octets.hex(masterKey) + "\", \"check_value\": \""
                + Octets.hex(suite.masterKeyCheckValue(masterKey)) + "\", \"servers\": [" + servers + "]}";
    }
}
