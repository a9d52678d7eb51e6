package com.tigertally.client;

import java.util.Objects;

/** Where a server listens. */
public final class ServerAddress {
    /** The port when none is named. */
    public static final int DEFAULT_PORT = 7117;

    private final String host;
    private final int port;

    /**
     * @param host name or address
     * @param port 1 to 65535
     */
    public ServerAddress(String host, int port) {
        if (host.isEmpty() || port < 1 || port > 65535) {
            throw new IllegalArgumentException("no server address");
        }
        this.host = host;
        this.port = port;
    }

    /**
     * {@code host}, {@code host:port} or {@code [v6 address]:port}.
     *
     * @throws IllegalArgumentException it is none of these
     */
    public static ServerAddress parse(String text) {
        String host = text.trim();
        String port = Integer.toString(DEFAULT_PORT);
        int bracket = host.startsWith("[") ? host.indexOf(']') : -1;
        int colon = host.indexOf(':', Math.max(bracket, 0));
        if (bracket > 0 && bracket + 1 < host.length() && colon != bracket + 1) {
            colon = 0;
        }
        if (colon >= 0) {
            port = host.substring(colon + 1);
            host = host.substring(0, colon);
        }
        if (bracket > 0 && host.length() > bracket) {
            host = host.substring(1, bracket);
        }
        if (host.isEmpty() || host.indexOf('[') >= 0 || !port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("'" + text + "' is no server address; write host:port");
        }
        return new ServerAddress(host, Integer.parseInt(port));
    }

    /** Name or address. */
    public String host() {
        return host;
    }

    /** TCP port. */
    public int port() {
        return port;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ServerAddress
                && ((ServerAddress) other).host.equals(host)
                && ((ServerAddress) other).port == port;
    }

    @Override
    public int hashCode() {
        return Objects.hash(host, port);
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
