package com.tigertally.client;

import com.tigertally.client.crypto.Octets;
import com.tigertally.client.messages.ResponseCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Carries calls to their end: sends, waits, repeats under the same serial, and gives up honestly.
 *
 * <ul>
 *   <li>A request whose connection died, or that stayed silent, goes out again with the <em>same serial and business day</em>,
 *       flagged RETRY, on another connection, until the deadline.
 *   <li>A put-off (BUSY, UNAVAILABLE…) means not executed: again after a pause, the server's wish first.
 *   <li>At the deadline: the last put-off is the result if every try was put off; NoAnswer if nothing was sent or nothing can
 *       have changed; else the outcome is unknown. Never "denied" for want of an answer.
 * </ul>
 *
 * <p>Guarded by the engine's lock, except where a method takes it.
 */
final class Calls {
    private static final long NEVER = Long.MAX_VALUE;

    private final Engine engine;
    private final Links links;
    private final Set<Call> active = new HashSet<>();
    private final LinkedHashSet<Call> waiting = new LinkedHashSet<>();
    private long alarmAt = NEVER;
    private ScheduledFuture<?> alarm;

    Calls(Engine engine, Links links) {
        this.engine = engine;
        this.links = links;
    }

    /** How many wait for a connection with room. */
    int waiting() {
        return waiting.size();
    }

    /** The client closes: ends those that are not on their way. */
    void endIdle() {
        for (Call call : new ArrayList<>(active)) {
            if (call.phase != Call.Phase.LISTENING) {
                giveUp(call);
            }
        }
    }

    /** The client is closed: ends all; what is still on its way is unknown. */
    void endAll() {
        for (Call call : new ArrayList<>(active)) {
            call.maybeExecuted = true;
            giveUp(call);
        }
    }

    void begin(Call call) {
        synchronized (engine.lock) {
            if (engine.closing) {
                throw new ClientClosedException();
            }
            engine.counters.calls++;
            active.add(call);
            dispatch(call);
        }
        engine.settleOutside();
    }

    /** The caller waits no longer. */
    void abandon(Call call) {
        synchronized (engine.lock) {
            if (!call.ended()) {
                call.maybeExecuted |= call.tries > 0 && call.answer == null;
                giveUp(call);
            }
        }
        engine.settleOutside();
    }

    private void dispatch(Call call) {
        long now = System.nanoTime();
        if (engine.closing || now - call.deadline >= 0) {
            giveUp(call);
            return;
        }
        Link link = links.ready(now, null);
        if (link != null) {
            call.asked.clear();
            send(call, link, now);
            return;
        }
        call.phase = Call.Phase.WAITING;
        waiting.add(call);
        wakeBy(call, Math.min(call.deadline, links.nextPauseEnd(now, call.deadline)));
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
                engine.nowMs(),
                budgetMs,
                repeated || call.maybeExecuted);
        call.beginTry(link);
        call.asked.add(link);
        link.open.put(call.ticket.serial(), call);
        links.post(link, frame);
        engine.counters.framesSent++;
        link.lastTurn = engine.counters.framesSent;
        engine.counters.retries += repeated ? 1 : 0;
        wakeBy(call, Math.min(call.deadline, now + engine.settings.attemptTimeout.toNanos()));
    }

    /** Gives free places to who waits, in order. */
    void serveWaiting() {
        long now = System.nanoTime();
        while (!waiting.isEmpty()) {
            Link link = links.ready(now, null);
            if (link == null) {
                return;
            }
            Call call = waiting.iterator().next();
            waiting.remove(call);
            call.asked.clear();
            send(call, link, now);
        }
    }

    void answered(Link link, Call call, Call.Answer answer) {
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
        engine.counters.putOff++;
        call.putOffs++;
        call.maybeExecuted |= reaction == Call.Reaction.SETTLE;
        long now = System.nanoTime();
        if (engine.closing || now - call.deadline >= 0) {
            giveUp(call);
        } else if (reaction == Call.Reaction.ELSEWHERE && call.putOffs == 1) {
            dispatch(call);
        } else {
            long pause = engine.settings.repeat.delayNanos(call.putOffs, engine.random.nextDouble());
            pause = Math.max(pause, answer.retryAfterMs * 1_000_000);
            call.phase = Call.Phase.PAUSED;
            wakeBy(call, Math.min(call.deadline, now + pause));
        }
    }

    void lost(Link link, Call call) {
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
                links.suspect(call.waitingOn, now);
                Link other = links.ready(now, call.asked);
                if (other != null) {
                    send(call, other, now);
                } else {
                    wakeBy(call, Math.min(call.deadline, now + engine.settings.attemptTimeout.toNanos()));
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
            engine.counters.outcomesUnknown++;
            call.failure = new OutcomeUnknownException(call.ticket, call.transaction, call.lastCode);
        } else if (engine.closing && call.tries == 0) {
            call.failure = new ClientClosedException();
        } else {
            engine.counters.noAnswers++;
            call.failure = new NoAnswerException(whyNot(call));
        }
        end(call);
    }

    private String whyNot(Call call) {
        if (call.tries > 0) {
            return "the server didn't answer the query";
        }
        return engine.lastProblem.isEmpty() ? "no connection had room" : engine.lastProblem;
    }

    private void end(Call call) {
        engine.counters.answered += call.result != null ? 1 : 0;
        call.phase = Call.Phase.ENDED;
        active.remove(call);
        waiting.remove(call);
        Octets.wipe(call.body);
        engine.finish(call);
    }

    void refuse(Call call, ResponseCode code) {
        if (call.maybeExecuted && !call.transaction.isReadOnly()) {
            engine.counters.outcomesUnknown++;
            call.failure = new OutcomeUnknownException(call.ticket, call.transaction, code);
        } else {
            call.failure = new RequestRejectedException(code);
        }
        end(call);
    }

    // ---------------------------------------------------------------- time

    private void wakeBy(Call call, long at) {
        call.wakeAt = at;
        setAlarm(at);
    }

    /** One alarm for all calls: set for the earliest, and left alone when calls end before it rings. */
    private void setAlarm(long at) {
        if (alarmAt != NEVER && at - alarmAt >= 0 || engine.timer.isShutdown()) {
            return;
        }
        if (alarm != null) {
            alarm.cancel(false);
        }
        alarmAt = at;
        alarm = engine.timer.schedule(this::ring, Math.max(0, at - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private void ring() {
        synchronized (engine.lock) {
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
        engine.settleOutside();
    }
}
