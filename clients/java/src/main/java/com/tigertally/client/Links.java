package com.tigertally.client;

import com.tigertally.client.messages.ResponseCode;
import com.tigertally.client.wire.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The standing connections: which one takes the next request, how each one lives and leaves, and what the server's events mean
 * to the calls on it.
 *
 * <p>Guarded by the engine's lock, except where a method takes it.
 */
final class Links {
    private static final long FORGET_AFTER = TimeUnit.SECONDS.toNanos(60);

    private final Engine engine;
    private final List<Link> standing = new ArrayList<>();
    private Calls calls;

    Links(Engine engine) {
        this.engine = engine;
    }

    void serveFor(Calls value) {
        calls = value;
    }

    /** A copy. */
    List<Link> all() {
        return new ArrayList<>(standing);
    }

    /** Of the links with room the one with the fewest in flight, of equals the one asked longest ago; or null. */
    Link ready(long now, List<Link> besides) {
        Link best = null;
        for (Link link : standing) {
            if (link.canTake(now)
                    && (besides == null || !besides.contains(link))
                    && (best == null || link.comesBefore(best))) {
                best = link;
            }
        }
        return best;
    }

    long nextPauseEnd(long now, long latest) {
        long end = latest;
        for (Link link : standing) {
            if (link.pausedUntil > now && link.pausedUntil < end) {
                end = link.pausedUntil;
            }
        }
        return end;
    }

    void post(Link link, byte[] frame) {
        link.queue(frame);
        engine.dirty(link);
    }

    /** Runs a signed-on link until its end, on its own thread. */
    void serve(Link link) {
        synchronized (engine.lock) {
            if (engine.closing) {
                link.abort();
                return;
            }
            engine.counters.connects++;
            standing.add(link);
            calls.serveWaiting();
            heartbeatLater(link);
            engine.lock.notifyAll();
        }
        engine.settings.listener.connected(link.slot.server, link.conn.sessionId());
        engine.settleOutside();
        String reason = link.read(engine);
        link.abort();
        synchronized (engine.lock) {
            over(link, reason);
        }
        if (!link.draining && !link.signingOff) {
            engine.settings.listener.lost(link.slot.server, link.endReason);
        }
        engine.settleOutside();
    }

    private void over(Link link, String reason) {
        link.ended = true;
        link.endReason = link.endReason.isEmpty() ? reason : link.endReason;
        standing.remove(link);
        boolean orderly = link.retired;
        if (!orderly) {
            link.retired = true;
            engine.counters.connectionsLost++;
            engine.lastProblem = link.slot.server + ": " + link.endReason;
            link.slot.retired(link);
        }
        List<Call> left = new ArrayList<>(link.open.values());
        link.open.clear();
        for (Call call : left) {
            calls.lost(link, call);
        }
        calls.serveWaiting();
        engine.lock.notifyAll();
    }

    void endLink(Link link, String reason) {
        link.endReason = link.endReason.isEmpty() ? reason : link.endReason;
        link.abort();
    }

    /** Takes no more requests; signs off when the open ones are answered or {@code grace} is over. */
    void leave(Link link, long grace) {
        if (link.retired) {
            return;
        }
        link.retired = true;
        link.leaveBy = System.nanoTime() + grace;
        link.slot.retired(link);
        if (link.open.isEmpty()) {
            signOff(link);
        } else {
            engine.after(grace, () -> signOff(link));
        }
    }

    private void signOff(Link link) {
        if (link.signingOff || link.ended) {
            return;
        }
        link.signingOff = true;
        post(link, link.conn.signOff(engine.serials.next(), engine.businessDay(), engine.nowMs()));
        engine.after(engine.settings.signOffTimeout.toNanos(), () -> endLink(link, "signed off"));
    }

    private void heartbeatLater(Link link) {
        int seconds = link.conn.limits().heartbeatS();
        long interval = TimeUnit.SECONDS.toNanos(seconds > 0 ? seconds : 30);
        engine.after(interval, () -> {
            if (link.ended || link.signingOff) {
                return;
            }
            long now = System.nanoTime();
            link.forget(now - FORGET_AFTER);
            if (Math.min(link.sentAt - now, link.heardAt - now) <= -interval) {
                probe(link, now);
            }
            heartbeatLater(link);
        });
    }

    /** A heartbeat; no answer to it ends the link. */
    private void probe(Link link, long now) {
        post(link, link.conn.heartbeat(engine.serials.next(), engine.businessDay(), engine.nowMs()));
        engine.after(engine.settings.heartbeatTimeout.toNanos(), () -> {
            if (link.heardAt - now < 0 && !link.signingOff) {
                endLink(link, "the server answers no heartbeat");
            }
        });
    }

    /** The breaker: a link on which nothing came for a whole try gets no new requests until something is heard. */
    void suspect(Link link, long now) {
        if (link == null || link.silent || link.ended || link.signingOff) {
            return;
        }
        if (now - link.heardAt >= engine.settings.attemptTimeout.toNanos()) {
            link.silent = true;
            engine.counters.breakerTrips++;
            probe(link, now);
        }
    }

    // ---------------------------------------------------------------- events

    /** What the server did; null, or why the link is over. Called without the lock. */
    String handle(Link link, Event event) {
        switch (event.kind()) {
            case KEYS_CHANGED:
                engine.settings.listener.keysChanged(link.slot.server, link.conn.keyGeneration());
                break;
            case DRAIN:
                engine.settings.listener.draining(link.slot.server, event.amount());
                break;
            default:
                break;
        }
        synchronized (engine.lock) {
            if (link.silent) {
                link.silent = false;
                calls.serveWaiting();
            }
            return handleLocked(link, event);
        }
    }

    private String handleLocked(Link link, Event event) {
        switch (event.kind()) {
            case ANSWERED:
                return answer(link, event);
            case HEARTBEAT:
                link.answeredOwn(80);
                link.proven = true;
                engine.counters.heartbeats++;
                return null;
            case DRAIN:
                drain(link, TimeUnit.MILLISECONDS.toNanos(event.amount()));
                return null;
            case KEY_CHANGE_DUE:
                if (!link.signingOff) {
                    post(link, link.conn.keyChange(engine.serials.next(), engine.businessDay(), engine.nowMs()));
                }
                return null;
            case KEYS_CHANGED:
                link.answeredOwn(80);
                engine.counters.keyChanges++;
                return null;
            case SIGNED_OFF:
                return "signed off";
            case REJECTED:
                return rejected(link, event);
            case FORGED_REJECT:
                engine.counters.forgedRejects++;
                return "a reject without a good MAC arrived";
            default:
                return "the server sent what belongs to a sign-on";
        }
    }

    private String answer(Link link, Event event) {
        link.proven = true;
        Call call = link.close(event.header().serial());
        if (call == null || call.ended()) {
            engine.counters.lateAnswers++;
        } else if (event.header().transaction() != call.transaction.number()) {
            link.open.put(call.ticket.serial(), call);
            return "the server answered another transaction than asked";
        } else {
            if (event.code() == ResponseCode.DRAINING) {
                drain(link, engine.settings.drainAway.toNanos());
            } else if (event.code() == ResponseCode.BUSY) {
                link.pausedUntil = System.nanoTime() + event.amount() * 1_000_000;
            }
            calls.answered(link, call, new Call.Answer(event.code(), event.values(), event.amount()));
        }
        if (link.retired && link.open.isEmpty()) {
            signOff(link);
        }
        calls.serveWaiting();
        return null;
    }

    private void drain(Link link, long grace) {
        if (!link.draining) {
            engine.counters.drains++;
            link.draining = true;
        }
        leave(link, grace);
    }

    private String rejected(Link link, Event event) {
        engine.counters.rejects++;
        switch (event.code()) {
            case UNKNOWN_TRANSACTION:
            case UNKNOWN_SCHEMA:
            case BAD_LENGTH:
            case SUITE_MISMATCH:
                // These speak of the request's kind, not of this connection: repeating it elsewhere is vain.
                Call call = link.close(event.header().serial());
                if (call != null && !call.ended()) {
                    calls.refuse(call, event.code());
                }
                break;
            default:
                break;
        }
        return "the server rejected a frame: " + event.code();
    }
}
