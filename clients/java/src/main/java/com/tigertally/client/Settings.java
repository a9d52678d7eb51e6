package com.tigertally.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;

/** How a client behaves, as its builder was told. */
final class Settings {
    List<ServerAddress> servers;
    int connectionsPerServer = 1;
    Duration timeout = Duration.ofSeconds(5);
    Duration attemptTimeout = Duration.ofSeconds(2);
    Duration connectTimeout = Duration.ofSeconds(5);
    Duration drainAway = Duration.ofSeconds(2);
    Duration heartbeatTimeout = Duration.ofSeconds(5);
    Duration signOffTimeout = Duration.ofSeconds(1);
    Backoff reconnect = new Backoff(100, 10_000);
    Backoff repeat = new Backoff(50, 1_000);
    int wantedInFlight = 256;
    int utcOffsetMinutes = 480;
    int instance = -1;
    String clientName = "tigertally-java";
    SSLContext tls;
    Executor callbacks;
    LongSupplier clock = System::currentTimeMillis;
    ClientListener listener = new LoggingListener();

    Settings copy() {
        Settings copy = new Settings();
        copy.servers = servers;
        copy.connectionsPerServer = connectionsPerServer;
        copy.timeout = timeout;
        copy.attemptTimeout = attemptTimeout;
        copy.connectTimeout = connectTimeout;
        copy.drainAway = drainAway;
        copy.heartbeatTimeout = heartbeatTimeout;
        copy.signOffTimeout = signOffTimeout;
        copy.reconnect = reconnect;
        copy.repeat = repeat;
        copy.wantedInFlight = wantedInFlight;
        copy.utcOffsetMinutes = utcOffsetMinutes;
        copy.instance = instance;
        copy.clientName = clientName;
        copy.tls = tls;
        copy.callbacks = callbacks;
        copy.clock = clock;
        copy.listener = new GuardedListener(listener);
        return copy;
    }
}
