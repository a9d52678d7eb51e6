"""The socket access: listeners, what a new connection must pass, and the second's tick of all
sessions.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog
import trio

from tigertally_drivers.ports import Clock
from tigertally_server.access.process import Pipeline
from tigertally_server.access.session import Session
from tigertally_server.access.transport import SocketTransport, StreamTransport, Transport

BACKLOG: Final = 512
TICK_S: Final = 1.0
_NO_ROOM: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def listen(host: str, port: int) -> socket.socket:
    """A bound, listening, non-blocking socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


async def accept(sock: socket.socket, log: structlog.stdlib.BoundLogger) -> socket.socket:
    """The next connection, whatever happens to those that break off before."""
    while True:
        try:
            peer, _ = sock.accept()
        except BlockingIOError:
            await trio.lowlevel.wait_readable(sock)
        except OSError as problem:
            if problem.errno in _NO_ROOM:
                log.warning("no room for another connection", errno=problem.errno)
                await trio.sleep(0.1)
        else:
            return peer


def name_of(sock: socket.socket) -> str:
    """A bound address as operators write it."""
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class SocketAccess:
    """All listeners of one process. `connections_max` counts every open connection, signed on or
    not, from the moment it is taken: so does `open`, which is how many there are.
    """

    def __init__(self, pipeline: Pipeline, connections_max: int) -> None:
        self._pipeline, self._connections_max = pipeline, connections_max
        self.open = 0
        self._log = structlog.get_logger("access")

    async def serve(
        self, sock: socket.socket, tls: ssl.SSLContext | None, sessions: trio.Nursery
    ) -> None:
        """Accepts until cancelled. Sessions live in their own nursery, so that they survive the end
        of accepting.
        """
        try:
            while True:
                self.adopt(await accept(sock, self._log), tls, sessions)
        finally:
            trio.lowlevel.notify_closing(sock)
            sock.close()

    def adopt(
        self, peer: socket.socket, tls: ssl.SSLContext | None, sessions: trio.Nursery
    ) -> None:
        """A connection that was accepted, here or by the supervisor."""
        if self.open >= self._connections_max:
            self._pipeline.metrics.closed.labels(reason="too many connections").inc()
            peer.close()
            return
        try:
            host = peer.getpeername()[0]
        except OSError:
            # It has gone again already.
            peer.close()
            return
        self.open += 1
        sessions.start_soon(self._counted, peer, host, tls)

    async def _counted(self, sock: socket.socket, host: str, tls: ssl.SSLContext | None) -> None:
        try:
            await self._connection(sock, host, tls)
        finally:
            self.open -= 1

    async def _connection(self, sock: socket.socket, host: str, tls: ssl.SSLContext | None) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        peer = peer_address(host)
        try:
            if tls is None:
                await Session(self._pipeline, SocketTransport(sock, peer)).serve()
                return
            transport, name = await self._handshake(sock, peer, tls)
            if transport is not None:
                await Session(self._pipeline, transport, name).serve()
        except Exception:  # noqa: BLE001 - the edge of a connection
            # The edge of one connection: a fault of ours ends it, is told with its place, and
            # touches no other.
            self._pipeline.metrics.closed.labels(reason="fault").inc()
            self._log.exception("connection ended by a fault", peer=peer)

    async def _handshake(
        self, sock: socket.socket, peer: str, tls: ssl.SSLContext
    ) -> tuple[Transport | None, str | None]:
        inner = trio.SocketStream(trio.socket.from_stdlib_socket(sock))
        stream = trio.SSLStream(inner, tls, server_side=True, https_compatible=True)
        try:
            with trio.fail_after(self._pipeline.limits.half_open_s):
                await stream.do_handshake()
        except (trio.BrokenResourceError, trio.TooSlowError):
            self._pipeline.metrics.closed.labels(reason="TLS handshake failed").inc()
            self._log.warning("TLS handshake failed", peer=peer)
            await trio.aclose_forcefully(inner)
            return None, None
        return StreamTransport(stream, peer), _common_name(stream.getpeercert())


def peer_address(host: str) -> str:
    """An IPv4 peer on a dual-stack socket is shown, and allowed, as IPv4."""
    address = ipaddress.ip_address(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _common_name(certificate: object) -> str | None:
    if not isinstance(certificate, dict):
        return None
    for part in certificate.get("subject", ()):
        for key, value in part:
            if key == "commonName":
                return str(value)
    return None


def tls_context(certificate: str, key: str, client_ca: str) -> ssl.SSLContext:
    """TLS 1.2 or better; with `client_ca`, a client certificate is demanded. Raises OSError,
    ssl.SSLError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def for_each_session(pipeline: Pipeline, act: Callable[[Session], None]) -> None:
    """The edge of each connection: a fault of ours ends it, and neither the others nor the
    process.
    """
    for session in tuple(pipeline.sessions):
        try:
            act(session)
        except Exception as problem:  # noqa: BLE001 - the edge of one connection
            session.fail(problem)


async def tick_sessions(pipeline: Pipeline, clock: Clock) -> None:
    """The limits of time of all sessions, once a second."""
    while True:
        await trio.sleep(TICK_S)
        now = clock.monotonic_ms()
        for_each_session(pipeline, partial(Session.tick, now_ms=now))
        signed_on = sum(session.signed_on for session in pipeline.sessions)
        metrics = pipeline.metrics
        metrics.connections.labels(state="signed on").set(signed_on)
        metrics.connections.labels(state="half open").set(len(pipeline.sessions) - signed_on)
        metrics.in_flight.set(pipeline.loads.in_flight)
