"""A scripted server for testing programs that use this client, and the client itself.

`ScriptedServer` speaks the real protocol (sign-on, MACs, sealed fields, key change) through the
sans-I/O `ServerConnection`; what it answers is the test's `script`. `MemoryNetwork` is a dialer
that connects clients to such servers without a socket, so that trio's `MockClock` can run them.

    async def test_approval(nursery, credentials):
        server = ScriptedServer(credentials)
        network = MemoryNetwork(nursery, {"bank:1": server})
        async with Client(credentials, servers=["bank:1"], dialer=network) as client:
            assert (await client.verify_otp("C1", "123456")).approved

Not a server: it keeps no state between requests and checks no code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import trio
from trio.testing import memory_stream_pair

from tigertally_client.credentials import ChannelCredentials
from tigertally_client.servers import ServerAddress
from tigertally_client.system import Clock, Entropy, SystemClock, SystemEntropy
from tigertally_protocol import events
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.connection import ServerConnection
from tigertally_protocol.errors import SignOnRefused
from tigertally_protocol.header import Header
from tigertally_protocol.keys import WorkingKeys, split_working_keys, working_key_bytes
from tigertally_protocol.suites import SUITES
from tigertally_protocol.transactions import Transaction

_RECEIVE_BYTES: Final = 65536

Script = Callable[["ScriptedSession", events.RequestReceived], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the server tells at sign-on; seconds where the name ends in _s."""

    in_flight: int = 64
    heartbeat_s: int = 30
    idle_s: int = 300
    key_life_s: int = 86_400


def approve(session: ScriptedSession, event: events.RequestReceived) -> None:
    """The default script: each verification approved, each change made, each query answered."""
    transaction = Transaction(event.header.transaction)
    if transaction is Transaction.VERIFY_OTP:
        code = ResponseCode.APPROVED
    elif transaction.name.startswith("QUERY_"):
        code = ResponseCode.ANSWERED
    else:
        code = ResponseCode.CHANGED
    session.answer(event.header, code)


class ScriptedServer:
    """Answers every request by `script`; change it at any time.

    Attributes:
        script: called with the session and each request.
        sessions: all of them, oldest first.
        refuse_with: refuse sign-ons with this code.
        silent: take connections and say nothing.
    """

    def __init__(
        self,
        credentials: ChannelCredentials,
        script: Script = approve,
        *,
        limits: Limits | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
    ) -> None:
        self.credentials = credentials
        self.script = script
        self.limits = limits or Limits()
        self.clock = clock or SystemClock()
        self.entropy = entropy or SystemEntropy()
        self.sessions: list[ScriptedSession] = []
        self.refuse_with: ResponseCode | None = None
        self.silent = False

    async def serve(self, stream: trio.abc.Stream) -> None:
        """One connection until either side ends it; fit for `trio.serve_tcp`."""
        session = ScriptedSession(self, stream)
        self.sessions.append(session)
        await session.run()

    @property
    def requests(self) -> list[events.RequestReceived]:
        """All requests of all sessions, each session's in order."""
        return [request for session in self.sessions for request in session.requests]

    def new_keys(self) -> WorkingKeys:
        suite = SUITES[self.credentials.suite]
        material = self.entropy.token_bytes(working_key_bytes(suite, self.credentials.field_cipher))
        return split_working_keys(suite, self.credentials.field_cipher, material)


class ScriptedSession:
    """One connection of a `ScriptedServer`, with handles for a test to do harm by."""

    def __init__(self, server: ScriptedServer, stream: trio.abc.Stream) -> None:
        self.server = server
        self.requests: list[events.RequestReceived] = []
        self.heartbeats = 0
        self.key_changes = 0
        self.signed_off = False
        self.answer_heartbeats = True
        self._stream = stream
        self._outbox: list[bytes] = []
        self._writer = trio.lowlevel.ParkingLot()
        self._scope = trio.CancelScope()
        self.conn = ServerConnection(
            server.entropy.integer63(), server.entropy.token_bytes(16), "scripted"
        )

    # ------------------------------------------------------------------ handles

    def answer(
        self,
        header: Header,
        code: ResponseCode,
        message: Any = None,
        *,
        retry_after_ms: int = 0,
    ) -> None:
        """Answer the request of `header`; `message` None: all fields blank."""
        self.send(self.conn.respond(header, code, message, self._now_ms(), retry_after_ms))

    def send(self, frame: bytes) -> None:
        """Send any bytes."""
        self._outbox.append(frame)
        self._writer.unpark()

    def drain(self, grace_ms: int = 1000) -> None:
        self.send(self.conn.drain(grace_ms, self._now_ms()))

    def ask_for_key_change(self) -> None:
        self.send(self.conn.key_change_due(1000, self._now_ms()))

    def cut(self) -> None:
        """Break the connection at once; frames not yet sent are lost."""
        self._scope.cancel()

    # ------------------------------------------------------------------ life

    async def run(self) -> None:
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._write)
                    if not self.server.silent:
                        self.send(self.conn.greeting(self._now_ms()))
                    await self._read()
                    nursery.cancel_scope.cancel()
        finally:
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(self._stream)

    async def _write(self) -> None:
        try:
            while True:
                while not self._outbox:
                    await self._writer.park()
                batch, self._outbox = self._outbox, []
                await self._stream.send_all(b"".join(batch))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self._scope.cancel()

    async def _read(self) -> None:
        try:
            while data := await self._stream.receive_some(_RECEIVE_BYTES):
                self.conn.feed(bytes(data))
                while (event := self.conn.next_event()) is not None:
                    self._handle(event)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    def _handle(self, event: events.ServerEvent) -> None:
        now_ms = self._now_ms()
        match event:
            case events.RequestReceived():
                self.requests.append(event)
                self.server.script(self, event)
            case events.SignOnReceived():
                self._sign_on(event)
            case events.HeartbeatReceived():
                self.heartbeats += 1
                if self.answer_heartbeats:
                    self.send(self.conn.heartbeat_reply(event.header, now_ms))
            case events.KeyChangeReceived():
                self.key_changes += 1
                self.send(self.conn.change_keys(event.header, self.server.new_keys(), now_ms))
            case events.SignOffReceived():
                self.signed_off = True
                self.send(self.conn.sign_off_reply(event.header, now_ms))
            case events.BadRequest():
                self.send(
                    self.conn.blank_response(event.header, event.code, event.field, now_ms=now_ms)
                )
            case events.Rejected():
                self.send(event.frame)

    def _sign_on(self, event: events.SignOnReceived) -> None:
        server, credentials = self.server, self.server.credentials
        try:
            if server.refuse_with is not None:
                raise SignOnRefused(server.refuse_with, "as scripted")
            frame = self.conn.accept_sign_on(
                event.header,
                event.message,
                master_key=credentials.master_key.reveal(),
                suite=credentials.suite,
                field_cipher=credentials.field_cipher,
                charset=credentials.charset,
                working=server.new_keys(),
                in_flight_limit=server.limits.in_flight,
                heartbeat_s=server.limits.heartbeat_s,
                idle_s=server.limits.idle_s,
                key_life_s=server.limits.key_life_s,
                now_ms=self._now_ms(),
            )
        except SignOnRefused as problem:
            frame = self.conn.refuse(event.header, problem.code, self._now_ms())
        self.send(frame)

    def _now_ms(self) -> int:
        return self.server.clock.now_ms()


class MemoryNetwork:
    """A `Dialer` whose addresses lead to scripted servers by memory streams.

    Attributes:
        servers: by address text; take one out and dialling it fails.
        dials: addresses dialled so far, failures included.
    """

    def __init__(self, nursery: trio.Nursery, servers: Mapping[str, ScriptedServer]) -> None:
        self.servers = dict(servers)
        self.dials: list[str] = []
        self._nursery = nursery

    async def __call__(self, address: ServerAddress) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        self.dials.append(str(address))
        server = self.servers.get(str(address))
        if server is None:
            raise ConnectionRefusedError(111, "Connection refused")
        ours, theirs = memory_stream_pair()
        self._nursery.start_soon(server.serve, theirs)
        return ours
