package com.tigertally.client.wire;

import com.tigertally.client.crypto.BadKeyException;
import com.tigertally.client.crypto.MacKey;
import com.tigertally.client.crypto.Octets;
import com.tigertally.client.crypto.WorkingKeys;
import com.tigertally.client.messages.ResponseCode;
import com.tigertally.client.messages.Transaction;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * The client's end of one connection without the socket: bytes in, events out, frames back.
 *
 * <p>Feed what was read, take events until there are none, send every frame in the order in which it was built. The server must
 * prove itself at sign-on; afterwards anything unauthentic ends the connection, because on an ordered stream there is no
 * innocent way to receive it.
 *
 * <p>Threads: one may read ({@link #feed}, {@link #next}) while another builds frames; each of the two sides is for one thread
 * at a time. Knows nothing of calls, repetition or time.
 */
public final class ClientConnection {
    private static final int REQUEST_DIRECTION = 1;
    private static final int RESPONSE_DIRECTION = 2;
    private static final int NONCE = 16;
    private static final int FIRST_BUSINESS = 0x0100;
    private static final String[] SLOTS = {"mac_request", "mac_response", "field_request", "field_response"};

    private enum State { WAITING, GREETED, SIGNING_ON, OPEN, LEAVING, CLOSED }

    private final Terms terms;
    private final String clientName;
    private final byte[] clientNonce;
    private final int wantedInFlight;
    private final FrameReader reader = new FrameReader(Header.RESPONSE, Header.NOTIFY, Header.REJECT);
    private volatile State state = State.WAITING;
    private byte[] serverNonce = new byte[NONCE];
    private MacKey serverKey;
    private long signOnSerial;
    private long sessionId;
    private long received; // sequence of the last authentic frame
    private long sent; // sequence of the last frame built
    private volatile long keyChangeSerial; // of the key change under way, 0 when there is none
    private volatile Generation generation;
    private volatile Limits limits;

    /**
     * @param clientName for the server's logs; ASCII without blanks, at most 32
     * @param clientNonce 16 random bytes, never used before
     * @param wantedInFlight how many requests we want to have open at once; 0 = as many as allowed
     */
    public ClientConnection(Terms terms, String clientName, byte[] clientNonce, int wantedInFlight) {
        if (clientNonce.length != NONCE) {
            throw new IllegalArgumentException("the client's nonce has 16 bytes");
        }
        this.terms = terms;
        this.clientName = clientName;
        this.clientNonce = clientNonce.clone();
        this.wantedInFlight = wantedInFlight;
    }

    /** As greeted; 0 before. */
    public long sessionId() {
        return sessionId;
    }

    /** What the server told at sign-on; null before. */
    public Limits limits() {
        return limits;
    }

    /** Of the working keys in use; 0 before sign-on. */
    public int keyGeneration() {
        Generation current = generation;
        return current == null ? 0 : current.number;
    }

    // ---------------------------------------------------------------- to the server

    /** The answer to GREETED: our proof. */
    public byte[] signOn(long serial, int businessDay, long nowMs) {
        require(State.GREETED);
        Object[] values = Layouts.SIGN_ON_REQUEST.blank();
        put(Layouts.SIGN_ON_REQUEST, values, "client_nonce", clientNonce);
        put(Layouts.SIGN_ON_REQUEST, values, "server_nonce", serverNonce);
        put(Layouts.SIGN_ON_REQUEST, values, "client_name", clientName);
        put(Layouts.SIGN_ON_REQUEST, values, "wanted_in_flight", (long) wantedInFlight);
        byte[] body = new byte[Layouts.SIGN_ON_REQUEST.size()];
        String bad = Layouts.SIGN_ON_REQUEST.encode(values, StandardCharsets.UTF_8, body, 0);
        if (bad != null) {
            throw new IllegalArgumentException("bad " + bad);
        }
        MacKey key;
        try {
            key = terms.suite.signOnKey(terms.masterKey, false, terms.channel, serverNonce, sessionId);
            serverKey = terms.suite.signOnKey(terms.masterKey, true, terms.channel, serverNonce, sessionId);
        } catch (BadKeyException problem) {
            throw new IllegalStateException(problem.getMessage()); // once in 2^55 draws of equal DES halves
        }
        signOnSerial = serial;
        state = State.SIGNING_ON;
        Header header = header(Transaction.SIGN_ON, serial, businessDay, nowMs, terms.keyVersion);
        return frame(header, body, null, key, null);
    }

    private static void put(Layout layout, Object[] values, String field, Object value) {
        values[layout.indexOf(field)] = value;
    }

    /**
     * A business request.
     *
     * @param layout of the body
     * @param body unsealed; not changed
     * @param serial 1 … 2^63 − 1, new for every request, the same again for a retry of it
     * @param businessDay days since 1970-01-01; unchanged in a retry
     * @param budgetMs time the server has for it; 0 = its default
     * @param retry whether this serial was sent before
     */
    public byte[] request(
            Transaction transaction,
            Layout layout,
            byte[] body,
            long serial,
            int businessDay,
            long nowMs,
            int budgetMs,
            boolean retry) {
        require(State.OPEN);
        Generation current = generation;
        Header header = header(transaction, serial, businessDay, nowMs, current.number);
        header.budgetMs = budgetMs;
        header.flags = retry ? Header.RETRY : 0;
        return frame(header, body, layout, current.send, current);
    }

    /** Is the server there. Answered by HEARTBEAT. */
    public byte[] heartbeat(long serial, int businessDay, long nowMs) {
        return empty(Transaction.HEARTBEAT, serial, businessDay, nowMs);
    }

    /** Ask for the next working keys, once until KEYS_CHANGED; nothing need wait for it. */
    public byte[] keyChange(long serial, int businessDay, long nowMs) {
        if (keyChangeSerial != 0) {
            throw new IllegalStateException("a key change is under way");
        }
        keyChangeSerial = serial;
        return empty(Transaction.KEY_CHANGE, serial, businessDay, nowMs);
    }

    /** No request follows. Open ones are answered, then comes SIGNED_OFF. */
    public byte[] signOff(long serial, int businessDay, long nowMs) {
        byte[] frame = empty(Transaction.SIGN_OFF, serial, businessDay, nowMs);
        state = State.LEAVING;
        return frame;
    }

    private byte[] empty(Transaction transaction, long serial, int businessDay, long nowMs) {
        require(State.OPEN);
        Generation current = generation;
        Header header = header(transaction, serial, businessDay, nowMs, current.number);
        return frame(header, new byte[0], null, current.send, null);
    }

    private void require(State wanted) {
        if (state != wanted) {
            throw new IllegalStateException("not possible when " + state);
        }
    }

    private Header header(Transaction transaction, long serial, int businessDay, long nowMs, int keyGeneration) {
        if (serial <= 0) {
            throw new IllegalArgumentException("a serial is 1 … 2^63−1");
        }
        Header header = new Header();
        header.transaction = transaction.number();
        header.kind = Header.REQUEST;
        header.channel = terms.channel;
        header.serial = serial;
        header.senderTime = nowMs;
        header.keyGeneration = keyGeneration;
        header.suite = terms.suite.number();
        header.fieldCipher = terms.fieldCipher.number();
        header.sessionId = sessionId;
        header.businessDay = businessDay;
        return header;
    }

    /** {@code sealing}: whose field key seals the secret block of {@code layout}; null where there is nothing to seal. */
    private byte[] frame(Header header, byte[] body, Layout layout, MacKey mac, Generation sealing) {
        int length = Header.BYTES + body.length;
        boolean seals = sealing != null && sealing.seal != null && layout.secretOffset() >= 0;
        header.totalLength = length + MacKey.MAC_BYTES;
        header.sequence = ++sent;
        header.flags |= seals ? Header.SEALED : 0;
        byte[] frame = new byte[header.totalLength];
        header.write(frame);
        System.arraycopy(body, 0, frame, Header.BYTES, body.length);
        if (seals) {
            int at = Header.BYTES + layout.secretOffset();
            sealing.seal.seal(frame, at, layout.secretWidth(), REQUEST_DIRECTION, header.sequence);
        }
        mac.tag(frame, length, frame, length);
        return frame;
    }

    // ---------------------------------------------------------------- from the server

    /** Stores what was read. */
    public void feed(byte[] data, int offset, int length) {
        reader.feed(data, offset, length);
    }

    /**
     * What happened next; null until more is fed, and for good once closed.
     *
     * @throws ProtocolException the server broke the protocol; the connection is over
     */
    public Event next() throws ProtocolException {
        while (state != State.CLOSED) {
            try {
                Frame frame = reader.next();
                if (frame == null) {
                    return null;
                }
                Event event = read(frame);
                if (event != null) {
                    return event;
                }
            } catch (ProtocolException problem) {
                state = State.CLOSED;
                throw problem;
            } catch (BadFieldException problem) {
                state = State.CLOSED;
                throw new ProtocolException(problem.getMessage() + " from the server");
            } catch (BadKeyException problem) {
                state = State.CLOSED;
                throw new ProtocolException("working keys: " + problem.getMessage());
            }
        }
        return null;
    }

    private Event read(Frame frame) throws ProtocolException, BadFieldException, BadKeyException {
        if (frame.layout == null) {
            return readReject(frame);
        }
        switch (state) {
            case WAITING:
                return readGreeting(frame);
            case SIGNING_ON:
                return readSignedOn(frame);
            case GREETED:
                throw new ProtocolException("the server spoke before we signed on");
            default:
                break;
        }
        ResponseCode refusal = judge(frame);
        if (refusal != null) {
            throw new ProtocolException("not an authentic frame: " + refusal);
        }
        Object[] values = frame.layout.decode(open(frame), Header.BYTES, terms.charset);
        return frame.header.kind == Header.NOTIFY ? readNotice(frame, values) : readResponse(frame, values);
    }

    private byte[] open(Frame frame) throws ProtocolException {
        boolean sealed = (frame.header.flags & Header.SEALED) != 0;
        int at = frame.layout.secretOffset();
        if (sealed != (generation.open != null && at >= 0)) {
            throw new ProtocolException("sealing is not as agreed");
        }
        if (sealed) {
            int width = frame.layout.secretWidth();
            long sequence = frame.header.sequence;
            if (!generation.open.open(frame.raw, Header.BYTES + at, width, RESPONSE_DIRECTION, sequence)) {
                throw new ProtocolException("a secret block does not open");
            }
        }
        return frame.raw;
    }

    /** Why this is no authentic frame of the session; null if it is one, and the sequence has moved on. */
    private ResponseCode judge(Frame frame) {
        Header header = frame.header;
        if (header.sessionId != sessionId) {
            return ResponseCode.BAD_SESSION;
        }
        // A reject about another channel's frame echoes that channel's number.
        if (header.channel != terms.channel && header.kind != Header.REJECT) {
            return ResponseCode.UNKNOWN_CHANNEL;
        }
        if (header.suite != terms.suite.number() || header.fieldCipher != terms.fieldCipher.number()) {
            return ResponseCode.SUITE_MISMATCH;
        }
        if (header.keyGeneration != generation.number) {
            return ResponseCode.UNKNOWN_GENERATION;
        }
        if (!frame.isSignedBy(generation.receive)) {
            return ResponseCode.BAD_MAC;
        }
        if (Long.compareUnsigned(header.sequence, received) <= 0) {
            return ResponseCode.BAD_SEQUENCE;
        }
        received = header.sequence;
        return null;
    }

    private Event readReject(Frame frame) throws ProtocolException {
        ResponseCode code = ResponseCode.of(frame.header.returnCode);
        if (code == null) {
            throw new ProtocolException("a reject with an unknown code");
        }
        boolean authentic = generation != null && judge(frame) == null;
        if (!authentic) {
            state = State.CLOSED;
        }
        return new Event(
                authentic ? Event.Kind.REJECTED : Event.Kind.FORGED_REJECT, frame.header, code, null, 0);
    }

    private Event readGreeting(Frame frame) throws ProtocolException, BadFieldException {
        Header header = frame.header;
        if (header.transaction != Transaction.GREETING.number() || header.sessionId == 0) {
            throw new ProtocolException("the server did not greet");
        }
        if (!frame.hasNoMac() || header.serial != 0 || header.sequence == 0) {
            throw new ProtocolException("a malformed greeting");
        }
        Object[] values = Layouts.GREETING.decode(frame.raw, Header.BYTES, StandardCharsets.UTF_8);
        serverNonce = (byte[]) values[Layouts.GREETING.indexOf("server_nonce")];
        sessionId = header.sessionId;
        received = header.sequence;
        state = State.GREETED;
        return new Event(Event.Kind.GREETED, header, null, values, 0);
    }

    private Event readSignedOn(Frame frame) throws ProtocolException, BadFieldException, BadKeyException {
        Header header = frame.header;
        Layout layout = Layouts.SIGN_ON_RESPONSE;
        if (frame.layout != layout) {
            throw new ProtocolException("the server answered sign-on with something else");
        }
        if (!frame.isSignedBy(serverKey)) {
            throw new ProtocolException("the server's proof at sign-on is wrong");
        }
        Object[] values = layout.decode(frame.raw, Header.BYTES, StandardCharsets.UTF_8);
        byte[] echoed = (byte[]) values[layout.indexOf("client_nonce")];
        boolean expected = header.sessionId == sessionId
                && header.channel == terms.channel
                && header.suite == terms.suite.number()
                && header.fieldCipher == terms.fieldCipher.number()
                && header.keyGeneration == terms.keyVersion
                && header.serial == signOnSerial
                && Long.compareUnsigned(header.sequence, received) > 0
                && header.returnCode == ResponseCode.SIGNED_ON.number()
                && Octets.equal(echoed, 0, clientNonce, 0, NONCE);
        if (!expected) {
            throw new ProtocolException("the sign-on response is not for our request");
        }
        use(layout, values);
        received = header.sequence;
        limits = new Limits(
                (int) number(layout, values, "in_flight_limit"),
                (int) number(layout, values, "heartbeat_s"),
                (int) number(layout, values, "idle_s"),
                number(layout, values, "key_life_s"));
        state = State.OPEN;
        return new Event(Event.Kind.SIGNED_ON, header, ResponseCode.SIGNED_ON, null, 0);
    }

    private static long number(Layout layout, Object[] values, String field) {
        return (Long) values[layout.indexOf(field)];
    }

    /** Both ways at once: the server sends under new keys right after it has told them. */
    private void use(Layout layout, Object[] values) throws BadKeyException {
        int number = (int) number(layout, values, "generation");
        byte[] kek = terms.suite.wrappingKey(
                terms.masterKey, terms.channel, clientNonce, serverNonce, sessionId, number);
        WorkingKeys.Slot[] slots = new WorkingKeys.Slot[SLOTS.length];
        for (int i = 0; i < SLOTS.length; i++) {
            slots[i] = new WorkingKeys.Slot(
                    (byte[]) values[layout.indexOf(SLOTS[i] + "_wrapped")],
                    (int) number(layout, values, SLOTS[i] + "_length"),
                    (byte[]) values[layout.indexOf(SLOTS[i] + "_check")]);
        }
        WorkingKeys keys = WorkingKeys.unwrap(terms.suite, terms.fieldCipher, kek, slots);
        generation = new Generation(number, terms, keys);
        keys.wipe();
        Octets.wipe(kek);
    }

    private Event readNotice(Frame frame, Object[] values) throws ProtocolException {
        if (frame.header.serial != 0) {
            throw new ProtocolException("a notice with a serial");
        }
        if (frame.layout == Layouts.DRAIN) {
            return notice(Event.Kind.DRAIN, frame, values);
        }
        if (frame.layout == Layouts.KEY_CHANGE_DUE) {
            return keyChangeSerial != 0 ? null : notice(Event.Kind.KEY_CHANGE_DUE, frame, values);
        }
        throw new ProtocolException("a second greeting");
    }

    private static Event notice(Event.Kind kind, Frame frame, Object[] values) {
        return new Event(kind, frame.header, null, null, number(frame.layout, values, "grace_ms"));
    }

    private Event readResponse(Frame frame, Object[] values)
            throws ProtocolException, BadKeyException {
        Header header = frame.header;
        ResponseCode code = ResponseCode.of(header.returnCode);
        if (code == null) {
            throw new ProtocolException("a response with an unknown code");
        }
        Event.Kind kind = header.transaction < FIRST_BUSINESS ? ownKind(frame, code, values) : Event.Kind.ANSWERED;
        return new Event(kind, header, code, values, header.budgetMs & 0xffffffffL);
    }

    /** ANSWERED for an answer that says no: the caller sees it like any other. */
    private Event.Kind ownKind(Frame frame, ResponseCode code, Object[] values)
            throws ProtocolException, BadKeyException {
        switch (Transaction.of(frame.header.transaction)) {
            case SIGN_ON:
                throw new ProtocolException("a second sign-on response");
            case KEY_CHANGE:
                return readKeys(frame, code, values);
            case HEARTBEAT:
                return code == ResponseCode.ANSWERED ? Event.Kind.HEARTBEAT : Event.Kind.ANSWERED;
            default:
                if (code != ResponseCode.SIGNED_OFF) {
                    return Event.Kind.ANSWERED;
                }
                if (state != State.LEAVING) {
                    throw new ProtocolException("signed off without being asked");
                }
                state = State.CLOSED;
                return Event.Kind.SIGNED_OFF;
        }
    }

    private Event.Kind readKeys(Frame frame, ResponseCode code, Object[] values)
            throws ProtocolException, BadKeyException {
        if (code != ResponseCode.CHANGED) {
            keyChangeSerial = 0; // it failed; one may ask again
            return Event.Kind.ANSWERED;
        }
        if (keyChangeSerial == 0 || frame.header.serial != keyChangeSerial) {
            throw new ProtocolException("new keys that nobody asked for");
        }
        if (number(frame.layout, values, "generation") != generation.number + 1) {
            throw new ProtocolException("new keys of the wrong generation");
        }
        use(frame.layout, values);
        keyChangeSerial = 0;
        return Event.Kind.KEYS_CHANGED;
    }

    /** The charset of text fields. */
    public Charset charset() {
        return terms.charset;
    }
}
