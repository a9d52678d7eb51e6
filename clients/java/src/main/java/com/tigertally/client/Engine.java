package com.tigertally.client;

import com.tigertally.client.crypto.Octets;
import com.tigertally.client.messages.ResponseCode;
import com.tigertally.client.wire.Event;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Carries calls to their end over the connections: sends, waits, repeats under the same serial, and gives up honestly.
 *
 * <ul>
 *   <li>A request whose connection died, or that stayed silent, goes out again with the <em>same serial and business day</em>,
 *       flagged RETRY, on another connection, until the deadline.
 *   <li>A put-off (BUSY, UNAVAILABLE…) means not executed: again after a pause, the server's wish first.
 *   <li>At the deadline: the last put-off is the result if every try was put off; NoAnswer if nothing was sent or nothing can
 *       have changed; else the outcome is unknown. Never "denied" for want of an answer.
 * </ul>
 *
 * <p>One lock guards all of it; nothing blocks while it is held, and nobody outside is called: frames are written and callers
 * told after it was let go, in {@link #settleOutside}.
 */
final class Engine {
    private static final long FORGET_AFTER = TimeUnit.SECONDS.toNanos(60);
    private static final long DAY_MS = 86_400_000;
    private static final long NEVER = Long.MAX_VALUE;

    final Object lock = new Object();
    final ChannelCredentials credentials;
    final Settings settings;
    final SecureRandom random = new SecureRandom();
    final SerialAllocator serials;
    final ScheduledThreadPoolExecutor timer;
    final Counters counters = new Counters();
    boolean closing;
    String lastProblem = "";

    private final List<Slot> slots = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final Set<Call> active = new HashSet<>();
    private final LinkedHashSet<Call> waiting = new LinkedHashSet<>();
    private final Queue<Call> finished = new ConcurrentLinkedQueue<>();
    private final Queue<Link> dirty = new ConcurrentLinkedQueue<>();
    private long alarmAt = NEVER;
    private ScheduledFuture<?> alarm;

    Engine(ChannelCredentials credentials, Settings settings) {
        this.credentials = credentials;
        this.settings = settings;
        int instance = settings.instance >= 0 ? settings.instance : random.nextInt(SerialAllocator.INSTANCES);
        serials = new SerialAllocator(this::nowMs, instance);
        timer = new ScheduledThreadPoolExecutor(1, task -> thread("tigertally-timer", task));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        for (ServerAddress server : settings.servers) {
            for (int i = 0; i < settings.connectionsPerServer; i++) {
                slots.add(new Slot(this, server));
            }
        }
    }

    static Thread thread(String name, Runnable task) {
        return new OwnThread(task, name);
    }

    /** A thread of the library. */
    private static final class OwnThread extends Thread {
        OwnThread(Runnable task, String name) {
            super(task, name);
            setDaemon(true);
        }
    }

    /** Whether this is a thread of the library, on which nobody may wait for an answer. */
    static boolean onOwnThread() {
        return Thread.currentThread() instanceof OwnThread;
    }

    long nowMs() {
        return settings.clock.getAsLong();
    }

    int businessDay() {
        return (int) Math.floorDiv(nowMs() + settings.utcOffsetMinutes * 60_000L, DAY_MS);
    }

    void start() {
        slots.forEach(Slot::open);
    }

    // ---------------------------------------------------------------- calls

    void begin(Call call) {
        synchronized (lock) {
            if (closing) {
                throw new ClientClosedException();
            }
            counters.calls++;
            active.add(call);
            dispatch(call);
        }
        settleOutside();
    }

    /** The caller waits no longer. */
    void abandon(Call call) {
        synchronized (lock) {
            if (!call.ended()) {
                call.maybeExecuted |= call.tries > 0 && call.answer == null;
                giveUp(call);
            }
        }
        settleOutside();
    }

    private void dispatch(Call call) {
        long now = System.nanoTime();
        if (closing || now - call.deadline >= 0) {
            giveUp(call);
            return;
        }
        Link link = ready(now, null);
        if (link != null) {
            call.asked.clear();
            send(call, link, now);
            return;
        }
        call.phase = Call.Phase.WAITING;
        waiting.add(call);
        wakeBy(call, Math.min(call.deadline, nextPauseEnd(now, call.deadline)));
    }

    /** The link with the fewest in flight among those with room, or null. */
    private Link ready(long now, List<Link> besides) {
        Link best = null;
        for (Link link : links) {
            if (link.canTake(now)
                    && (besides == null || !besides.contains(link))
                    && (best == null || link.open.size() < best.open.size())) {
                best = link;
            }
        }
        return best;
    }

    private long nextPauseEnd(long now, long latest) {
        long end = latest;
        for (Link link : links) {
            if (link.pausedUntil > now && link.pausedUntil < end) {
                end = link.pausedUntil;
            }
        }
        return end;
    }

    private void send(Call call, Link link, long now) {
        boolean repeated = call.tries > 0;
        int budgetMs = (int) Math.max(1, Math.min(Integer.MAX_VALUE, (call.deadline - now) / 1_000_000));
        byte[] frame = link.conn.request(
                call.transaction,
                call.layout,
                call.body,
                call.ticket.serial(),
                call.ticket.businessDay(),
                nowMs(),
                budgetMs,
                repeated || call.maybeExecuted);
        call.beginTry(link);
        call.asked.add(link);
        link.open.put(call.ticket.serial(), call);
        post(link, frame);
        counters.framesSent++;
        counters.retries += repeated ? 1 : 0;
        wakeBy(call, Math.min(call.deadline, now + settings.attemptTimeout.toNanos()));
    }

    private void post(Link link, byte[] frame) {
        link.queue(frame);
        dirty.add(link);
    }

    /** Gives free places to who waits, in order. */
    private void serveWaiting() {
        long now = System.nanoTime();
        while (!waiting.isEmpty()) {
            Link link = ready(now, null);
            if (link == null) {
                return;
            }
            Call call = waiting.iterator().next();
            waiting.remove(call);
            call.asked.clear();
            send(call, link, now);
        }
    }

    private void answered(Link link, Call call, Call.Answer answer) {
        call.lastCode = answer.code;
        Call.Reaction reaction = call.reactionTo(answer.code);
        if (reaction == Call.Reaction.DELIVER) {
            call.result = answer;
            end(call);
            return;
        }
        if (link != call.waitingOn) {
            return; // a put-off of an earlier try; the newer try decides
        }
        call.answer = answer;
        call.waitingOn = null;
        counters.putOff++;
        call.putOffs++;
        call.maybeExecuted |= reaction == Call.Reaction.SETTLE;
        long now = System.nanoTime();
        if (closing || now - call.deadline >= 0) {
            giveUp(call);
        } else if (reaction == Call.Reaction.ELSEWHERE && call.putOffs == 1) {
            dispatch(call);
        } else {
            long pause = settings.repeat.delayNanos(call.putOffs, random.nextDouble());
            pause = Math.max(pause, answer.retryAfterMs * 1_000_000);
            call.phase = Call.Phase.PAUSED;
            wakeBy(call, Math.min(call.deadline, now + pause));
        }
    }

    private void lost(Link link, Call call) {
        if (call.ended()) {
            return;
        }
        call.maybeExecuted = true;
        if (link == call.waitingOn) {
            call.waitingOn = null;
            dispatch(call); // at once on another
        }
    }

    /** The time has come that a call waited for. */
    private void woken(Call call, long now) {
        switch (call.phase) {
            case LISTENING:
                call.maybeExecuted = true;
                if (now - call.deadline >= 0) {
                    giveUp(call);
                    return;
                }
                suspect(call.waitingOn, now);
                Link other = ready(now, call.asked);
                if (other != null) {
                    send(call, other, now);
                } else {
                    wakeBy(call, Math.min(call.deadline, now + settings.attemptTimeout.toNanos()));
                }
                return;
            case WAITING:
                waiting.remove(call);
                dispatch(call);
                return;
            case PAUSED:
                dispatch(call);
                return;
            default:
                return;
        }
    }

    private void giveUp(Call call) {
        Call.Answer putOff = call.lastPutOff();
        if (putOff != null) {
            call.result = putOff;
        } else if (call.maybeExecuted && !call.transaction.isReadOnly()) {
            counters.outcomesUnknown++;
            call.failure = new OutcomeUnknownException(call.ticket, call.transaction, call.lastCode);
        } else if (closing && call.tries == 0) {
            call.failure = new ClientClosedException();
        } else {
            counters.noAnswers++;
            call.failure = new NoAnswerException(whyNot(call));
        }
        end(call);
    }

    private String whyNot(Call call) {
        if (call.tries > 0) {
            return "the server didn't answer the query";
        }
        return lastProblem.isEmpty() ? "no connection had room" : lastProblem;
    }

    private void end(Call call) {
        counters.answered += call.result != null ? 1 : 0;
        call.phase = Call.Phase.ENDED;
        active.remove(call);
        waiting.remove(call);
        Octets.wipe(call.body);
        finished.add(call);
    }

    // ---------------------------------------------------------------- time

    private void wakeBy(Call call, long at) {
        call.wakeAt = at;
        setAlarm(at);
    }

    /** One alarm for all calls: set for the earliest, and left alone when calls end before it rings. */
    private void setAlarm(long at) {
        if (alarmAt != NEVER && at - alarmAt >= 0 || timer.isShutdown()) {
            return;
        }
        if (alarm != null) {
            alarm.cancel(false);
        }
        alarmAt = at;
        alarm = timer.schedule(this::ring, Math.max(0, at - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private void ring() {
        synchronized (lock) {
            alarmAt = NEVER;
            alarm = null;
            long now = System.nanoTime();
            for (Call call : new ArrayList<>(active)) {
                if (!call.ended() && now - call.wakeAt >= 0) {
                    woken(call, now);
                }
            }
            long next = NEVER;
            for (Call call : active) {
                next = next == NEVER || call.wakeAt - next < 0 ? call.wakeAt : next;
            }
            if (next != NEVER) {
                setAlarm(next);
            }
        }
        settleOutside();
    }

    private void after(long nanos, Runnable task) {
        if (timer.isShutdown()) {
            return;
        }
        timer.schedule(
                () -> {
                    synchronized (lock) {
                        task.run();
                    }
                    settleOutside();
                },
                nanos,
                TimeUnit.NANOSECONDS);
    }

    // ---------------------------------------------------------------- links

    /** Runs a signed-on link until its end, on its own thread. */
    void serve(Link link) {
        synchronized (lock) {
            if (closing) {
                link.abort();
                return;
            }
            counters.connects++;
            links.add(link);
            serveWaiting();
            heartbeatLater(link);
            lock.notifyAll();
        }
        settings.listener.connected(link.slot.server, link.conn.sessionId());
        settleOutside();
        String reason = link.read(this);
        link.abort();
        synchronized (lock) {
            over(link, reason);
        }
        if (!link.draining && !link.signingOff) {
            settings.listener.lost(link.slot.server, link.endReason);
        }
        settleOutside();
    }

    private void over(Link link, String reason) {
        link.ended = true;
        link.endReason = link.endReason.isEmpty() ? reason : link.endReason;
        links.remove(link);
        boolean orderly = link.retired;
        if (!orderly) {
            link.retired = true;
            counters.connectionsLost++;
            lastProblem = link.slot.server + ": " + link.endReason;
            link.slot.retired(link);
        }
        List<Call> left = new ArrayList<>(link.open.values());
        link.open.clear();
        for (Call call : left) {
            lost(link, call);
        }
        serveWaiting();
        lock.notifyAll();
    }

    private void endLink(Link link, String reason) {
        link.endReason = link.endReason.isEmpty() ? reason : link.endReason;
        link.abort();
    }

    /** Takes no more requests; signs off when the open ones are answered or {@code grace} is over. */
    private void leave(Link link, long grace) {
        if (link.retired) {
            return;
        }
        link.retired = true;
        link.leaveBy = System.nanoTime() + grace;
        link.slot.retired(link);
        if (link.open.isEmpty()) {
            signOff(link);
        } else {
            after(grace, () -> signOff(link));
        }
    }

    private void signOff(Link link) {
        if (link.signingOff || link.ended) {
            return;
        }
        link.signingOff = true;
        post(link, link.conn.signOff(serials.next(), businessDay(), nowMs()));
        after(settings.signOffTimeout.toNanos(), () -> endLink(link, "signed off"));
    }

    private void heartbeatLater(Link link) {
        int seconds = link.conn.limits().heartbeatS();
        long interval = TimeUnit.SECONDS.toNanos(seconds > 0 ? seconds : 30);
        after(interval, () -> {
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
        post(link, link.conn.heartbeat(serials.next(), businessDay(), nowMs()));
        after(settings.heartbeatTimeout.toNanos(), () -> {
            if (link.heardAt - now < 0 && !link.signingOff) {
                endLink(link, "the server answers no heartbeat");
            }
        });
    }

    /** The breaker: a link on which nothing came for a whole try gets no new requests until something is heard. */
    private void suspect(Link link, long now) {
        if (link == null || link.silent || link.ended || link.signingOff) {
            return;
        }
        if (now - link.heardAt >= settings.attemptTimeout.toNanos()) {
            link.silent = true;
            counters.breakerTrips++;
            probe(link, now);
        }
    }

    // ---------------------------------------------------------------- events

    /** What the server did; null, or why the link is over. Called without the lock. */
    String handle(Link link, Event event) {
        switch (event.kind()) {
            case KEYS_CHANGED:
                settings.listener.keysChanged(link.slot.server, link.conn.keyGeneration());
                break;
            case DRAIN:
                settings.listener.draining(link.slot.server, event.amount());
                break;
            default:
                break;
        }
        synchronized (lock) {
            if (link.silent) {
                link.silent = false;
                serveWaiting();
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
                counters.heartbeats++;
                return null;
            case DRAIN:
                drain(link, TimeUnit.MILLISECONDS.toNanos(event.amount()));
                return null;
            case KEY_CHANGE_DUE:
                if (!link.signingOff) {
                    post(link, link.conn.keyChange(serials.next(), businessDay(), nowMs()));
                }
                return null;
            case KEYS_CHANGED:
                link.answeredOwn(80);
                counters.keyChanges++;
                return null;
            case SIGNED_OFF:
                return "signed off";
            case REJECTED:
                return rejected(link, event);
            case FORGED_REJECT:
                counters.forgedRejects++;
                return "a reject without a good MAC arrived";
            default:
                return "the server sent what belongs to a sign-on";
        }
    }

    private String answer(Link link, Event event) {
        link.proven = true;
        Call call = link.close(event.header().serial());
        if (call == null || call.ended()) {
            counters.lateAnswers++;
        } else if (event.header().transaction() != call.transaction.number()) {
            link.open.put(call.ticket.serial(), call);
            return "the server answered another transaction than asked";
        } else {
            if (event.code() == ResponseCode.DRAINING) {
                drain(link, settings.drainAway.toNanos());
            } else if (event.code() == ResponseCode.BUSY) {
                link.pausedUntil = System.nanoTime() + event.amount() * 1_000_000;
            }
            answered(link, call, new Call.Answer(event.code(), event.values(), event.amount()));
        }
        if (link.retired && link.open.isEmpty()) {
            signOff(link);
        }
        serveWaiting();
        return null;
    }

    private void drain(Link link, long grace) {
        if (!link.draining) {
            counters.drains++;
            link.draining = true;
        }
        leave(link, grace);
    }

    private String rejected(Link link, Event event) {
        counters.rejects++;
        switch (event.code()) {
            case UNKNOWN_TRANSACTION:
            case UNKNOWN_SCHEMA:
            case BAD_LENGTH:
            case SUITE_MISMATCH:
                // These speak of the request's kind, not of this connection: repeating it elsewhere is vain.
                Call call = link.close(event.header().serial());
                if (call != null && !call.ended()) {
                    refuse(call, event.code());
                }
                break;
            default:
                break;
        }
        return "the server rejected a frame: " + event.code();
    }

    private void refuse(Call call, ResponseCode code) {
        if (call.maybeExecuted && !call.transaction.isReadOnly()) {
            counters.outcomesUnknown++;
            call.failure = new OutcomeUnknownException(call.ticket, call.transaction, code);
        } else {
            call.failure = new RequestRejectedException(code);
        }
        end(call);
    }

    // ---------------------------------------------------------------- outside the lock

    /** Writes what was queued and tells callers; never with the lock held. */
    void settleOutside() {
        for (Link link = dirty.poll(); link != null; link = dirty.poll()) {
            link.flush();
        }
        for (Call call = finished.poll(); call != null; call = finished.poll()) {
            if (call.failure != null) {
                call.future.completeExceptionally(call.failure);
            } else {
                call.future.complete(call.result);
            }
        }
    }

    // ---------------------------------------------------------------- state

    Statistics statistics() {
        synchronized (lock) {
            List<ConnectionStatus> standing = new ArrayList<>();
            for (Link link : links) {
                standing.add(link.status());
            }
            return new Statistics(counters.copy(), waiting.size(), standing, lastProblem);
        }
    }

    boolean awaitReady(long nanos) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        synchronized (lock) {
            while (!closing) {
                long now = System.nanoTime();
                if (ready(now, null) != null) {
                    return true;
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - now);
                if (left <= 0) {
                    return false;
                }
                lock.wait(left);
            }
            return false;
        }
    }

    /** Signs off everywhere within its bound, then tells whoever still waits what is known. */
    void close() {
        synchronized (lock) {
            if (closing) {
                return;
            }
            closing = true;
            slots.forEach(Slot::abortDial);
            for (Call call : new ArrayDeque<>(active)) {
                if (call.phase != Call.Phase.LISTENING) {
                    giveUp(call);
                }
            }
            for (Link link : new ArrayList<>(links)) {
                leave(link, settings.signOffTimeout.toNanos());
            }
        }
        settleOutside();
        boolean interrupted = awaitEmpty(2 * settings.signOffTimeout.toNanos());
        synchronized (lock) {
            for (Link link : links) {
                endLink(link, "the client was closed");
            }
            for (Call call : new ArrayList<>(active)) {
                call.maybeExecuted = true;
                giveUp(call);
            }
            timer.shutdownNow();
        }
        settleOutside();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean awaitEmpty(long nanos) {
        long deadline = System.nanoTime() + nanos;
        boolean interrupted = false;
        synchronized (lock) {
            while (!links.isEmpty() && !interrupted) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    break;
                }
                try {
                    lock.wait(left);
                } catch (InterruptedException problem) {
                    interrupted = true;
                }
            }
        }
        return interrupted;
    }
}
