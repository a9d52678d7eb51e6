package com.tigertally.client;

import com.tigertally.client.messages.QueryResponse;
import com.tigertally.client.messages.QueryState;
import com.tigertally.client.messages.ResponseCode;
import java.util.Optional;

/** The end of an unknown outcome; see {@link TigertallyClient#resolve}. */
public final class Resolution {
    /** What is proven. */
    public enum Execution {
        /** It was executed; {@link Resolution#result()} says with which result. */
        EXECUTED,
        /** It was not and never will be. */
        NOT_EXECUTED,
        /** Nothing is proven yet. */
        UNKNOWN
    }

    private final Execution execution;
    private final QueryResponse evidence;

    Resolution(QueryResponse answer) {
        evidence = answer;
        execution = proves(answer);
    }

    private static Execution proves(QueryResponse answer) {
        ResponseCode result = answer.ofResult();
        boolean settled = result != null && result != ResponseCode.NONE && result != ResponseCode.OUTCOME_UNKNOWN;
        if (answer.ofState() == QueryState.RECORDED && settled) {
            return Execution.EXECUTED;
        }
        boolean told = answer.code().isRecorded() || answer.code() == ResponseCode.ANSWERED;
        return answer.ofState() == QueryState.CANCELLED && told ? Execution.NOT_EXECUTED : Execution.UNKNOWN;
    }

    /** Whether the request was executed. */
    public Execution execution() {
        return execution;
    }

    /** Its response code when it was executed. */
    public Optional<ResponseCode> result() {
        return execution == Execution.EXECUTED ? Optional.of(evidence.ofResult()) : Optional.empty();
    }

    /** The answer that says so. */
    public QueryResponse evidence() {
        return evidence;
    }

    @Override
    public String toString() {
        return execution + result().map(code -> " with " + code).orElse("");
    }
}
