package com.tigertally.client;

import com.tigertally.client.wire.ClientConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * The place of one connection to one server: dials, signs on, lets the link run, and does so again after a pause that grows
 * while the server fails (the circuit breaker: while the pause lasts nothing is tried; then one dial decides).
 */
final class Slot {
    final ServerAddress server;

    private final Engine engine;
    private int failures; // guarded by the engine's lock, like the rest
    private long notBefore = System.nanoTime();
    private Socket dialling;

    Slot(Engine engine, ServerAddress server) {
        this.engine = engine;
        this.server = server;
    }

    /** Begins dialling on a thread of its own. */
    void open() {
        Engine.thread("tigertally-" + server, this::run).start();
    }

    private void run() {
        Socket socket = new Socket();
        synchronized (engine.lock) {
            if (engine.closing) {
                return;
            }
            dialling = socket;
        }
        Link link = null;
        String problem = "cannot connect";
        try {
            socket = dial(socket);
            link = new Link(this, socket, connection());
            long deadline = System.nanoTime() + engine.settings.connectTimeout.toNanos();
            problem = link.signOn(engine, deadline);
        } catch (IOException trouble) {
            problem = "cannot connect";
        } catch (RuntimeException trouble) {
            problem = "cannot connect: " + trouble.getClass().getName(); // it is tried again all the same
        } finally {
            synchronized (engine.lock) {
                dialling = null;
            }
        }
        if (problem == null) {
            engine.links.serve(link);
        } else {
            close(socket);
            failed(problem);
        }
    }

    private Socket dial(Socket socket) throws IOException {
        int timeout = (int) engine.settings.connectTimeout.toMillis();
        socket.setTcpNoDelay(true);
        socket.setSendBufferSize(Link.SEND_BUFFER);
        socket.connect(new InetSocketAddress(server.host(), server.port()), timeout);
        if (engine.settings.tls == null) {
            return socket;
        }
        socket.setSoTimeout(timeout);
        SSLSocket secured = (SSLSocket) engine.settings
                .tls
                .getSocketFactory()
                .createSocket(socket, server.host(), server.port(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private ClientConnection connection() {
        byte[] nonce = new byte[16];
        engine.random.nextBytes(nonce);
        Settings settings = engine.settings;
        return new ClientConnection(
                engine.credentials.terms(), settings.clientName, nonce, settings.wantedInFlight);
    }

    private void failed(String problem) {
        synchronized (engine.lock) {
            engine.counters.connectFailures++;
            engine.lastProblem = server + ": " + problem;
            pauseAfterFailure();
            openLater();
        }
        engine.settings.listener.connectFailed(server, problem);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException problem) {
            return; // closed all the same
        }
    }

    // ---------------------------------------------------------------- under the engine's lock

    /** The link takes no more requests: dial anew, after the pause that its end calls for. */
    void retired(Link link) {
        if (link.proven) {
            failures = 0;
        }
        if (link.draining) {
            notBefore = System.nanoTime() + engine.settings.drainAway.toNanos();
        } else {
            pauseAfterFailure();
        }
        openLater();
    }

    private void pauseAfterFailure() {
        failures++;
        notBefore = System.nanoTime() + engine.settings.reconnect.delayNanos(failures, engine.random.nextDouble());
    }

    private void openLater() {
        if (!engine.closing) {
            engine.timer.schedule(this::open, notBefore - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }

    void abortDial() {
        if (dialling != null) {
            close(dialling);
        }
    }
}
