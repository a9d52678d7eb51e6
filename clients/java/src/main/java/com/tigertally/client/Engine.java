package com.tigertally.client;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What a client's parts share: the lock, time, randomness, serials, counters; its beginning and its end.
 *
 * <p>One lock guards all of it; nothing blocks while it is held, and nobody outside is called: frames are written and callers
 * told after it was let go, in {@link #settleOutside}.
 */
final class Engine {
    private static final long DAY_MS = 86_400_000;

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
    final Links links = new Links(this);
    final Calls calls = new Calls(this, links);
    private final Queue<Call> finished = new ConcurrentLinkedQueue<>();
    private final Queue<Link> dirty = new ConcurrentLinkedQueue<>();

    Engine(ChannelCredentials credentials, Settings settings) {
        this.credentials = credentials;
        this.settings = settings;
        int instance = settings.instance >= 0 ? settings.instance : random.nextInt(SerialAllocator.INSTANCES);
        links.serveFor(calls);
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

    // ---------------------------------------------------------------- for calls and links

    /** The call has its end; its caller is told when the lock was let go. */
    void finish(Call call) {
        finished.add(call);
    }

    /** Frames are queued there; they are written when the lock was let go. */
    void dirty(Link link) {
        dirty.add(link);
    }

    /** Runs a task under the lock after a while, unless the client is closed by then. */
    void after(long nanos, Runnable task) {
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
            for (Link link : links.all()) {
                standing.add(link.status());
            }
            return new Statistics(counters.copy(), calls.waiting(), standing, lastProblem);
        }
    }

    boolean awaitReady(long nanos) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        synchronized (lock) {
            while (!closing) {
                long now = System.nanoTime();
                if (links.ready(now, null) != null) {
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
            calls.endIdle();
            for (Link link : links.all()) {
                links.leave(link, settings.signOffTimeout.toNanos());
            }
        }
        settleOutside();
        boolean interrupted = awaitEmpty(2 * settings.signOffTimeout.toNanos());
        synchronized (lock) {
            for (Link link : links.all()) {
                links.endLink(link, "the client was closed");
            }
            calls.endAll();
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
            while (!links.all().isEmpty() && !interrupted) {
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
