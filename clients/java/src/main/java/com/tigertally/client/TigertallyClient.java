package com.tigertally.client;

import com.tigertally.client.messages.CancelSerialRequest;
import com.tigertally.client.messages.QuerySerialRequest;
import com.tigertally.client.messages.VerifyOtpRequest;
import com.tigertally.client.messages.VerifyOtpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;

/**
 * A client of Tigertally. One serves any number of threads: its connections, one to each server, are shared and carry many
 * requests at a time. Make one when your program starts, close it when it ends.
 *
 * <p>Every request of {@code com.tigertally.client.messages} can be asked by {@link #call}, which waits, or by {@link #submit},
 * which doesn't. Either gives an authentic answer of the server, or says how much is known about execution:
 * {@link NotExecutedException} (nothing happened) or {@link OutcomeUnknownException} (nobody here can say).
 *
 * <p>A client doesn't survive a fork, and in a program that forks it is made afterwards.
 */
public final class TigertallyClient implements AutoCloseable {
    private final ChannelCredentials credentials;
    private final Settings settings;
    private final Engine engine;

    private TigertallyClient(ChannelCredentials credentials, Settings settings) {
        this.credentials = credentials;
        this.settings = settings;
        this.engine = new Engine(credentials, settings);
        engine.start();
    }

    /** Begins to describe a client. */
    public static Builder builder(ChannelCredentials credentials) {
        return new Builder(credentials);
    }

    // ---------------------------------------------------------------- asking

    /**
     * Verifies a one-time code of a customer whose only token it is.
     *
     * @param customer customer number
     * @param otp what the customer typed
     * @return the answer; {@link Response#isApproved()} is the only thing that lets a customer in
     * @throws OutcomeUnknownException the code may have been used up; see {@link #resolve}
     * @throws NotExecutedException it was not
     */
    public VerifyOtpResponse verifyOtp(String customer, String otp) throws OutcomeUnknownException {
        return call(new VerifyOtpRequest().customer(customer).otp(otp));
    }

    /**
     * Asks and waits for the answer.
     *
     * @throws OutcomeUnknownException it may or may not have been executed
     * @throws NotExecutedException it was not
     */
    public <R extends Response> R call(Request<R> request) throws OutcomeUnknownException {
        return call(request, CallOptions.DEFAULT);
    }

    /**
     * Asks and waits for the answer. A thread that is interrupted meanwhile stays marked as such and gets the exception that says
     * what is known at that moment.
     *
     * @throws OutcomeUnknownException it may or may not have been executed
     * @throws NotExecutedException it was not
     * @throws IllegalStateException called on a thread of this library, where waiting would stop the answer
     */
    public <R extends Response> R call(Request<R> request, CallOptions options) throws OutcomeUnknownException {
        if (Engine.onOwnThread()) {
            throw new IllegalStateException("call() waits; on the library's own threads use submit()");
        }
        Call call = begin(request, options);
        try {
            return answer(request, call, waitFor(call));
        } catch (ExecutionException problem) {
            Throwable cause = problem.getCause();
            cause.addSuppressed(new Throwable("waited for here")); // the failure was made on another thread
            if (cause instanceof OutcomeUnknownException) {
                throw (OutcomeUnknownException) cause;
            }
            throw (RuntimeException) cause;
        }
    }

    private Call.Answer waitFor(Call call) throws ExecutionException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return call.future.get();
                } catch (InterruptedException problem) {
                    interrupted = true;
                    engine.calls.abandon(call); // ends it, so that the next round returns
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Asks without waiting; see {@link #submit(Request, CallOptions)}. */
    public <R extends Response> CompletableFuture<R> submit(Request<R> request) {
        return submit(request, CallOptions.DEFAULT);
    }

    /**
     * Asks without waiting. The future ends with the answer, or exceptionally with what {@link #call} would throw. What hangs on
     * it runs on the builder's executor for callbacks. Cancelling the future withdraws nothing.
     *
     * @throws InvalidFieldException a value doesn't fit its field
     * @throws ClientClosedException the client is closed
     */
    public <R extends Response> CompletableFuture<R> submit(Request<R> request, CallOptions options) {
        Call call = begin(request, options);
        CompletableFuture<R> told = new CompletableFuture<>();
        call.future.whenComplete((answer, problem) -> tell(() -> {
            if (problem != null) {
                told.completeExceptionally(problem);
            } else {
                told.complete(answer(request, call, answer));
            }
        }));
        return told;
    }

    private void tell(Runnable end) {
        try {
            settings.callbacks.execute(end);
        } catch (RejectedExecutionException problem) {
            end.run(); // an executor that was shut down must not swallow an answer
        }
    }

    private Call begin(Request<?> request, CallOptions options) {
        byte[] body = request.body(credentials.charset(), credentials.institution());
        Ticket ticket = options.ticket == null ? newTicket() : options.ticket;
        Duration timeout = options.timeout == null ? settings.timeout : options.timeout;
        Call call = new Call(request.transaction(), body, ticket, System.nanoTime() + timeout.toNanos());
        engine.calls.begin(call);
        return call;
    }

    private static <R extends Response> R answer(Request<R> request, Call call, Call.Answer answer) {
        return request.response(
                answer.values, new Receipt(answer.code, call.ticket, answer.retryAfterMs, call.tries));
    }

    // ---------------------------------------------------------------- unknown outcomes

    /** A fresh serial and today's business day in the bank's time zone. */
    public Ticket newTicket() {
        return new Ticket(engine.serials.next(), engine.businessDay(), false);
    }

    /**
     * Ends an unknown outcome: asks what is recorded, and if nothing is, cancels the serial, so that a late arrival is refused.
     *
     * @param ticket of the request in doubt
     * @throws OutcomeUnknownException the cancellation's own outcome; call this again
     */
    public Resolution resolve(Ticket ticket) throws OutcomeUnknownException {
        Resolution found = new Resolution(call(
                new QuerySerialRequest().serial(ticket.serial()).businessDay(ticket.businessDay())));
        if (found.execution() != Resolution.Execution.UNKNOWN) {
            return found;
        }
        return new Resolution(call(
                new CancelSerialRequest().serial(ticket.serial()).businessDay(ticket.businessDay())));
    }

    /** A request's body for a field that encloses it, such as the {@code factor_body} of a flow's step; it may hold secrets. */
    public byte[] enclosed(Request<?> request, int width) {
        byte[] body = request.body(credentials.charset(), credentials.institution());
        if (body.length > width) {
            throw new IllegalArgumentException("the enclosed body is longer than its field");
        }
        return java.util.Arrays.copyOf(body, width);
    }

    // ---------------------------------------------------------------- state

    /** Waits until one connection can take a request; false when the time passes first. */
    public boolean awaitReady(Duration limit) throws InterruptedException {
        return engine.awaitReady(limit.toNanos());
    }

    /** The client's numbers at this moment. */
    public Statistics statistics() {
        return engine.statistics();
    }

    /** Answers what is open within the time for signing off, signs off, and tells whoever still waits what is known. */
    @Override
    public void close() {
        engine.close();
    }

    @Override
    public String toString() {
        return "Tigertally client of channel " + credentials.channel() + ", " + settings.servers;
    }

    /** Describes a client; every setting has a working default. */
    public static final class Builder {
        private final ChannelCredentials credentials;
        private final Settings settings = new Settings();

        private Builder(ChannelCredentials credentials) {
            this.credentials = Objects.requireNonNull(credentials);
            settings.servers = credentials.servers();
            settings.callbacks = ForkJoinPool.commonPool();
        }

        /** Servers in place of the credentials' list. */
        public Builder servers(Collection<ServerAddress> value) {
            if (value.isEmpty()) {
                throw new IllegalArgumentException("the server list is empty");
            }
            settings.servers = new ArrayList<>(value);
            return this;
        }

        /** Connections to each server; 1 by default, which is enough for thousands of requests a second. */
        public Builder connectionsPerServer(int value) {
            settings.connectionsPerServer = atLeast(1, value, "connectionsPerServer");
            return this;
        }

        /** Deadline of a call that names none; 5 s by default. */
        public Builder timeout(Duration value) {
            settings.timeout = positive(value, "timeout");
            return this;
        }

        /**
         * Silence after which a sent request goes out again, same serial, on another connection, and its connection gets no new
         * ones until something is heard; 2 s by default. Shorter than the timeout, so that a dead server costs a part of it.
         */
        public Builder attemptTimeout(Duration value) {
            settings.attemptTimeout = positive(value, "attemptTimeout");
            return this;
        }

        /** For dialling, TLS and sign-on; 5 s by default. */
        public Builder connectTimeout(Duration value) {
            settings.connectTimeout = positive(value, "connectTimeout");
            return this;
        }

        /** How long a draining server is left alone at least; 2 s by default. */
        public Builder drainAway(Duration value) {
            settings.drainAway = positive(value, "drainAway");
            return this;
        }

        /** A connection that answers no heartbeat for so long is given up; 5 s by default. */
        public Builder heartbeatTimeout(Duration value) {
            settings.heartbeatTimeout = positive(value, "heartbeatTimeout");
            return this;
        }

        /** For the orderly end; 1 s by default. */
        public Builder signOffTimeout(Duration value) {
            settings.signOffTimeout = positive(value, "signOffTimeout");
            return this;
        }

        /** How long a failing server is left alone; 100 ms doubling to 10 s by default. */
        public Builder reconnect(Backoff value) {
            settings.reconnect = Objects.requireNonNull(value);
            return this;
        }

        /** Waits between the tries of a call that the server put off (BUSY and such); 50 ms doubling to 1 s by default. */
        public Builder repeat(Backoff value) {
            settings.repeat = Objects.requireNonNull(value);
            return this;
        }

        /** Requests in flight per connection to ask for; 256 by default. The server's limit rules. */
        public Builder wantedInFlight(int value) {
            settings.wantedInFlight = Math.min(65535, atLeast(1, value, "wantedInFlight"));
            return this;
        }

        /** The bank's time zone, for the business day; 480 (China) by default. */
        public Builder utcOffsetMinutes(int value) {
            settings.utcOffsetMinutes = value;
            return this;
        }

        /** This process among those that share the channel, 0 to 1023; drawn at random by default. */
        public Builder instance(int value) {
            if (value < 0 || value >= SerialAllocator.INSTANCES) {
                throw new IllegalArgumentException("instance must be 0 to 1023");
            }
            settings.instance = value;
            return this;
        }

        /** Shown in the server's list of connections; at most 32 ASCII characters without blanks. */
        public Builder clientName(String value) {
            if (!value.matches("[!-~]{0,32}")) {
                throw new IllegalArgumentException("a client name has at most 32 visible ASCII characters");
            }
            settings.clientName = value;
            return this;
        }

        /** TLS, with this context's trust and, for mutual TLS, its certificate. The server's name is checked. */
        public Builder tls(SSLContext value) {
            settings.tls = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Where what hangs on futures of {@link TigertallyClient#submit} runs; the common pool by default. {@code Runnable::run}
         * saves a thread switch, and then it must not block: it runs where answers are read.
         */
        public Builder callbacks(Executor value) {
            settings.callbacks = Objects.requireNonNull(value);
            return this;
        }

        /** The wall clock, milliseconds since 1970-01-01 UTC; the system's by default. Deadlines don't use it. */
        public Builder clock(LongSupplier value) {
            settings.clock = Objects.requireNonNull(value);
            return this;
        }

        /** Told what happens to connections; {@code java.util.logging} by default. */
        public Builder listener(ClientListener value) {
            settings.listener = Objects.requireNonNull(value);
            return this;
        }

        /** Makes the client, which begins to connect at once. */
        public TigertallyClient build() {
            return new TigertallyClient(credentials, settings.copy());
        }

        private static int atLeast(int least, int value, String name) {
            if (value < least) {
                throw new IllegalArgumentException(name + " must be at least " + least);
            }
            return value;
        }

        private static Duration positive(Duration value, String name) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + " must be greater than 0");
            }
            return value;
        }
    }
}
