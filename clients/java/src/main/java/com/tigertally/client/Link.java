package com.tigertally.client;

import com.tigertally.client.wire.ClientConnection;
import com.tigertally.client.wire.Event;
import com.tigertally.client.wire.ProtocolException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection: moves bytes between a socket and the {@link ClientConnection}, and knows which calls are open on it. One
 * thread reads for the connection's life.
 *
 * <p>Writing: frames are built and queued under the engine's lock, in order; whoever queued one then writes what is queued,
 * unless somebody is writing already. That never blocks a caller, because as long as less than {@link #DIRECT_BYTES} are
 * unanswered they fit into the socket's send buffer whole; beyond that a thread of its own writes.
 *
 * <p>Fields without a word on them are guarded by the engine's lock.
 */
final class Link {
    static final int DIRECT_BYTES = 32 * 1024;
    static final int SEND_BUFFER = 256 * 1024;
    private static final int READ_BYTES = 16 * 1024;

    final Slot slot;
    final ClientConnection conn;
    final Map<Long, Call> open = new HashMap<>();
    boolean retired; // takes no new requests
    boolean draining;
    boolean proven; // has answered something: the server is healthy
    boolean silent; // the breaker: no new requests until something is heard
    boolean signingOff; // after that frame nothing more may be sent
    boolean ended;
    String endReason = "";
    long pausedUntil = Long.MIN_VALUE;
    long lastTurn; // the client's count of frames sent when this link last took a request
    long leaveBy;
    volatile long heardAt;
    volatile long sentAt;

    private final Socket socket;
    private final Queue<byte[]> outbox = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unwritten = new AtomicInteger();
    private volatile long unanswered; // bytes; written under the engine's lock

    Link(Slot slot, Socket socket, ClientConnection conn) {
        this.slot = slot;
        this.socket = socket;
        this.conn = conn;
    }

    // ---------------------------------------------------------------- under the engine's lock

    int limit() {
        return conn.limits() == null ? 0 : conn.limits().inFlight();
    }

    boolean canTake(long now) {
        return !retired && !silent && open.size() < limit() && pausedUntil <= now;
    }

    /** Fewer in flight; of equals the one asked longest ago, so that a lone caller asks all servers in turn. */
    boolean comesBefore(Link other) {
        int fewer = Integer.compare(open.size(), other.open.size());
        return fewer < 0 || fewer == 0 && lastTurn < other.lastTurn;
    }

    void queue(byte[] frame) {
        unanswered += frame.length;
        outbox.add(frame);
    }

    /** The call that was open under this serial, or null. */
    Call close(long serial) {
        Call call = open.remove(serial);
        if (call != null) {
            unanswered -= call.body.length + 80L;
        }
        return call;
    }

    /** Something that is no call was answered. */
    void answeredOwn(int bytes) {
        unanswered -= bytes;
    }

    /** Gives up the places of calls that ended before {@code before} and were never answered. */
    void forget(long before) {
        for (Iterator<Call> calls = open.values().iterator(); calls.hasNext(); ) {
            Call call = calls.next();
            if (call.ended() && call.deadline - before < 0) {
                calls.remove();
            }
        }
    }

    ConnectionStatus status() {
        return new ConnectionStatus(slot.server, conn.sessionId(), draining, silent, open.size(), limit());
    }

    // ---------------------------------------------------------------- writing, without the lock

    /** Writes what is queued, unless another thread is at it. */
    void flush() {
        if (outbox.isEmpty() || unwritten.getAndIncrement() != 0) {
            return; // the one that is at it sees the count rise and goes on
        }
        write(false);
    }

    /** {@code mayBlock}: this is a thread that nobody waits for. */
    private void write(boolean mayBlock) {
        int seen = 1;
        do {
            if (!mayBlock && unanswered > DIRECT_BYTES) {
                Engine.thread("tigertally-write-" + slot.server, () -> write(true)).start();
                return;
            }
            byte[] batch = gather();
            if (batch.length > 0) {
                try {
                    sentAt = System.nanoTime();
                    OutputStream out = socket.getOutputStream();
                    out.write(batch);
                    out.flush();
                } catch (IOException problem) {
                    abort(); // the reader sees it and tells the calls
                }
            }
            seen = unwritten.addAndGet(-seen);
        } while (seen != 0);
    }

    private byte[] gather() {
        byte[] first = outbox.poll();
        if (first == null || outbox.isEmpty()) {
            return first == null ? new byte[0] : first;
        }
        byte[] batch = first;
        int length = first.length;
        for (byte[] next = outbox.poll(); next != null; next = outbox.poll()) {
            if (length + next.length > batch.length) {
                batch = java.util.Arrays.copyOf(batch, 2 * batch.length + next.length);
            }
            System.arraycopy(next, 0, batch, length, next.length);
            length += next.length;
        }
        return java.util.Arrays.copyOf(batch, length);
    }

    // ---------------------------------------------------------------- reading, on the link's thread

    /** Proves both sides to one another; null when that came about, else why not. */
    String signOn(Engine engine, long deadline) {
        byte[] buffer = new byte[READ_BYTES];
        try {
            while (conn.limits() == null) {
                Event event = conn.next();
                if (event != null) {
                    String problem = signOnEvent(engine, event);
                    if (problem != null) {
                        return problem;
                    }
                    continue;
                }
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return "no sign-on in time";
                }
                socket.setSoTimeout((int) left);
                int count = socket.getInputStream().read(buffer);
                if (count < 0) {
                    return "the server closed the connection";
                }
                conn.feed(buffer, 0, count);
            }
            socket.setSoTimeout(0);
            heardAt = System.nanoTime();
            return null;
        } catch (java.net.SocketTimeoutException problem) {
            return "no sign-on in time";
        } catch (IOException problem) {
            return "the connection broke during sign-on";
        } catch (ProtocolException problem) {
            return "sign-on broke the protocol: " + problem.getMessage();
        }
    }

    private String signOnEvent(Engine engine, Event event) throws IOException {
        switch (event.kind()) {
            case GREETED:
                socket.getOutputStream()
                        .write(conn.signOn(engine.serials.next(), engine.businessDay(), engine.nowMs()));
                socket.getOutputStream().flush();
                sentAt = System.nanoTime();
                return null;
            case SIGNED_ON:
                return null;
            case FORGED_REJECT:
                return "the server refused sign-on: " + event.code();
            default:
                return "the server answered sign-on with something else";
        }
    }

    /** Reads until the end; why it ended. */
    String read(Engine engine) {
        byte[] buffer = new byte[READ_BYTES];
        try {
            InputStream in = socket.getInputStream();
            while (true) {
                for (Event event = conn.next(); event != null; event = conn.next()) {
                    String over = engine.links.handle(this, event);
                    if (over != null) {
                        return over;
                    }
                }
                engine.settleOutside();
                int count = in.read(buffer);
                if (count < 0) {
                    return "the server closed the connection";
                }
                heardAt = System.nanoTime();
                conn.feed(buffer, 0, count);
            }
        } catch (IOException problem) {
            return "the connection broke";
        } catch (ProtocolException problem) {
            return "the server broke the protocol: " + problem.getMessage();
        } catch (RuntimeException problem) {
            return "an unforeseen " + problem.getClass().getName(); // the calls must still be told
        }
    }

    /** Closes the socket, which ends the reader. */
    void abort() {
        try {
            socket.close();
        } catch (IOException problem) {
            return; // closed all the same
        }
    }
}
