package com.tigertally.client;

import com.tigertally.client.messages.ResponseCode;
import com.tigertally.client.messages.Transaction;
import com.tigertally.client.wire.Layout;
import com.tigertally.client.wire.Layouts;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One call from its first try to its end, as data; guarded by the engine's lock.
 *
 * <p>It may stand open on several connections at once: after silence on one it goes out again, same serial and business day, on
 * another. The first final answer from any of them ends it.
 *
 * <p>Invariant: {@code maybeExecuted} is set as soon as a try was sent and its connection died or stayed silent, and is never
 * cleared: from then on only a recorded answer tells what happened, because an unrecorded one (BUSY, INTERNAL…) vouches for its
 * own try alone.
 */
final class Call {
    /** What an answer means to a call. */
    enum Reaction {
        /** It is the result. */
        DELIVER,
        /** Not executed: again after a pause. */
        REPEAT,
        /** Not executed: again at once, on another connection. */
        ELSEWHERE,
        /** May be executing: again after a pause, and the outcome counts as unknown. */
        SETTLE
    }

    /** What a call is doing. */
    enum Phase { WAITING, LISTENING, PAUSED, ENDED }

    /** An authentic answer as it came off the wire. */
    static final class Answer {
        final ResponseCode code;
        final Object[] values;
        final long retryAfterMs;

        Answer(ResponseCode code, Object[] values, long retryAfterMs) {
            this.code = code;
            this.values = values;
            this.retryAfterMs = retryAfterMs;
        }
    }

    final Transaction transaction;
    final Layout layout;
    final byte[] body;
    final Ticket ticket;
    final long deadline; // System.nanoTime
    final CompletableFuture<Answer> future = new CompletableFuture<>();
    final List<Link> asked = new ArrayList<>(1);

    Phase phase = Phase.WAITING;
    long wakeAt; // System.nanoTime
    int tries;
    int putOffs;
    boolean maybeExecuted;
    Link waitingOn;
    Answer answer; // the last put-off of the newest try
    Answer result;
    Exception failure;
    ResponseCode lastCode;

    Call(Transaction transaction, byte[] body, Ticket ticket, long deadline) {
        this.transaction = transaction;
        this.layout = Layouts.of(transaction.number(), com.tigertally.client.wire.Header.REQUEST, 1);
        this.body = body;
        this.ticket = ticket;
        this.deadline = deadline;
        this.wakeAt = deadline;
        this.maybeExecuted = ticket.repeated();
    }

    boolean ended() {
        return phase == Phase.ENDED;
    }

    /** The request goes out on {@code link}; answers of earlier tries are still welcome if final. */
    void beginTry(Link link) {
        tries++;
        waitingOn = link;
        answer = null;
        phase = Phase.LISTENING;
    }

    Reaction reactionTo(ResponseCode code) {
        Reaction reaction = usual(code);
        if (reaction == Reaction.DELIVER && maybeExecuted && !settles(code)) {
            return Reaction.SETTLE;
        }
        return reaction;
    }

    private Reaction usual(ResponseCode code) {
        switch (code) {
            case BUSY:
            case UNAVAILABLE:
            case DEADLINE_EXPIRED:
            case HSM_UNAVAILABLE:
            case HSM_BUSY:
            case HSM_TIMED_OUT:
                return Reaction.REPEAT;
            case DRAINING:
                return Reaction.ELSEWHERE;
            case IN_PROGRESS: // of a query it is the answer: it speaks of the serial asked about
                return asksAboutSerials() ? Reaction.DELIVER : Reaction.SETTLE;
            case OUTCOME_UNKNOWN:
                return Reaction.SETTLE;
            default:
                return Reaction.DELIVER;
        }
    }

    private boolean asksAboutSerials() {
        return transaction == Transaction.QUERY_SERIAL || transaction == Transaction.QUERY_REFERENCE;
    }

    /**
     * Whether a code tells what became of an earlier try, too. A recorded answer is the serial's one answer. SERIAL_CONFLICT
     * says that another request holds the serial, so ours can't have been executed.
     */
    private boolean settles(ResponseCode code) {
        return transaction.isReadOnly()
                || code.isRecorded()
                || code.kind() == ResponseCode.Kind.ANSWERED
                || code == ResponseCode.SERIAL_CONFLICT;
    }

    /** The put-off that may be the result at the deadline: only if none of the tries can have run. */
    Answer lastPutOff() {
        return maybeExecuted ? null : answer;
    }
}
