"""One connection of the generator: a non-blocking socket around the sans-I/O `ClientConnection`.

The socket is read and written directly, many frames per system call; trio is asked only to wait
when the kernel has nothing or takes nothing. There is no task, event or timer per request: an item
stands in a dict from sending to answer.

Invariant: every item handed to `send` ends once: answered, or lost with the connection.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Final

import trio

from tigertally_client.credentials import ChannelCredentials
from tigertally_client.serials import SerialAllocator
from tigertally_client.servers import ServerAddress
from tigertally_client.system import Clock, Entropy
from tigertally_load.workload import Item
from tigertally_protocol import events as wire
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.connection import ClientConnection
from tigertally_protocol.errors import ProtocolError

_RECEIVE_BYTES: Final = 1 << 18
_SIGN_ON_TIMEOUT_S: Final = 10.0

Answered = Callable[[Item, ResponseCode, object], None]


class ConnectionLost(Exception):
    """The connection ended or never came up; the text says why."""


class LoadConnection:
    """See the module's text.

    Args:
        credentials: the channel.
        in_flight: the wish; the server's limit rules.
        budget_ms: sent with each request.
        clock: wall time.
        entropy: for the nonce.
        serials: for frames of the connection's own.
        answered: called with each answered item, its code and its message.
    """

    def __init__(
        self,
        credentials: ChannelCredentials,
        *,
        in_flight: int,
        budget_ms: int,
        clock: Clock,
        entropy: Entropy,
        serials: SerialAllocator,
        answered: Answered,
    ) -> None:
        self.pending: dict[int, Item] = {}
        self.ready = False
        self.strays = 0
        self._in_flight = in_flight
        self._budget_ms = budget_ms
        self._clock = clock
        self._serials = serials
        self._answered = answered
        self._socket: socket.socket | None = None
        self._unsent = bytearray()
        self._blocked = trio.Event()
        self._own: set[int] = set()
        self._conn = ClientConnection(
            channel_id=credentials.channel,
            master_key=credentials.master_key.reveal(),
            master_key_version=credentials.key_version,
            suite=credentials.suite,
            field_cipher=credentials.field_cipher,
            charset=credentials.charset,
            client_name="tigertally-load",
            client_nonce=entropy.token_bytes(16),
            wanted_in_flight=in_flight,
        )

    @property
    def room(self) -> int:
        """How many requests may go out now."""
        return self._in_flight - len(self.pending) if self.ready and not self._unsent else 0

    # ------------------------------------------------------------------ life

    async def open(self, address: ServerAddress, business_day: int) -> None:
        """Connect and sign on. Raises `ConnectionLost`."""
        with trio.move_on_after(_SIGN_ON_TIMEOUT_S):
            self._socket = await _connect(address)
            await self._sign_on(business_day)
            return
        raise ConnectionLost("no sign-on in time")

    async def serve(self) -> str:
        """Read until the connection ends; returns why it did."""
        reason = ""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._flush_when_blocked)
            try:
                while True:
                    await self._receive()
                    self._take_events()
            except ConnectionLost as problem:
                reason = str(problem)
            nursery.cancel_scope.cancel()
        return reason

    def leave(self, business_day: int) -> None:
        """Sign off; `serve` ends when the server has answered that."""
        if self.ready:
            self.ready = False
            frame = self._conn.sign_off(
                self._serials.allocate(), business_day=business_day, now_ms=self._clock.now_ms()
            )
            self._transmit(frame)

    def close(self) -> list[Item]:
        """Close the socket; returns the items that were left without an answer."""
        self.ready = False
        if self._socket is not None:
            trio.lowlevel.notify_closing(self._socket)
            self._socket.close()
            self._socket = None
        lost = list(self.pending.values())
        self.pending.clear()
        return lost

    # ------------------------------------------------------------------ sending

    def send(self, items: Sequence[Item]) -> None:
        """Send `items` in one system call; `room` says how many may be given."""
        now_ms = self._clock.now_ms()
        conn, pending, budget_ms = self._conn, self.pending, self._budget_ms
        frames = []
        for item in items:
            pending[item.serial] = item
            if item.message is None:
                frame = conn.heartbeat(item.serial, business_day=item.business_day, now_ms=now_ms)
            else:
                frame = conn.request(
                    item.message,
                    serial=item.serial,
                    business_day=item.business_day,
                    budget_ms=budget_ms,
                    now_ms=now_ms,
                    retry=item.answer is not None,
                )
            frames.append(frame)
        self._transmit(b"".join(frames))

    def _transmit(self, data: bytes) -> None:
        assert self._socket is not None
        if self._unsent:
            self._unsent += data
            return
        try:
            sent = self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            return  # the reader sees the same end and reports it
        if sent < len(data):
            self._unsent += data[sent:]
            self._blocked.set()

    async def _flush_when_blocked(self) -> None:
        while True:
            await self._blocked.wait()
            self._blocked = trio.Event()
            assert self._socket is not None
            while self._unsent:
                await trio.lowlevel.wait_writable(self._socket)
                try:
                    sent = self._socket.send(self._unsent)
                except (BlockingIOError, InterruptedError):
                    continue
                except OSError:
                    return  # the reader sees the same end and reports it
                del self._unsent[:sent]

    # ------------------------------------------------------------------ receiving

    async def _receive(self) -> None:
        assert self._socket is not None
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            try:
                data = self._socket.recv(_RECEIVE_BYTES)
                break
            except (BlockingIOError, InterruptedError):
                continue
            except OSError as problem:
                raise ConnectionLost(_words(problem)) from None
        if not data:
            raise ConnectionLost("the server closed the connection")
        self._conn.feed(data)

    def _take_events(self) -> None:
        next_event, pop, answered = self._conn.next_event, self.pending.pop, self._answered
        try:
            while (event := next_event()) is not None:
                if type(event) is wire.ResponseReceived:
                    item = pop(event.header.serial, None)
                    if item is None:
                        self.strays += 1
                    else:
                        answered(item, event.code, event.message)
                else:
                    self._handle(event)
        except ProtocolError as problem:
            raise ConnectionLost(f"the server broke the protocol: {problem}") from None

    def _handle(self, event: wire.ClientEvent) -> None:
        """The rare events, heartbeats among them."""
        match event:
            case wire.HeartbeatAnswered():
                item = self.pending.pop(event.header.serial, None)
                if item is not None:
                    self._answered(item, ResponseCode.NONE, None)
            case wire.DrainReceived():
                self.ready = False
            case wire.KeyChangeDueReceived():
                now_ms = self._clock.now_ms()
                day = now_ms // 86_400_000
                frame = self._conn.key_change(
                    self._serials.allocate(), business_day=day, now_ms=now_ms
                )
                self._transmit(frame)
            case wire.KeysChanged():
                pass
            case wire.SignedOff():
                raise ConnectionLost("signed off")
            case wire.RejectReceived():
                raise ConnectionLost(f"the server rejected a frame: {event.code.name}")
            case wire.ProtocolBroken():
                raise ConnectionLost(f"the server broke the protocol: {event.reason}")
            case _:
                raise ConnectionLost("the server sent what doesn't belong here")

    async def _sign_on(self, business_day: int) -> None:
        while True:
            await self._receive()
            while (event := self._conn.next_event()) is not None:
                match event:
                    case wire.Greeted():
                        now_ms = self._clock.now_ms()
                        serial = self._serials.allocate()
                        self._transmit(self._conn.sign_on(now_ms, serial, business_day))
                    case wire.SignedOn():
                        self._in_flight = min(self._in_flight, event.in_flight_limit)
                        self.ready = True
                        return
                    case wire.RejectReceived():
                        raise ConnectionLost(f"the server refused sign-on: {event.code.name}")
                    case _:
                        raise ConnectionLost("sign-on broke the protocol")


async def _connect(address: ServerAddress) -> socket.socket:
    try:
        found = await trio.socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        family, kind, number, _, target = found[0]
        sock = socket.socket(family, kind, number)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect_ex(target)
        await trio.lowlevel.wait_writable(sock)
        trouble = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if trouble:
            sock.close()
            raise OSError(trouble, "cannot connect")
    except OSError as problem:
        raise ConnectionLost(f"{address}: {_words(problem)}") from None
    return sock


def _words(problem: OSError) -> str:
    return problem.strerror or "connection trouble"
