"""Front-ends of a channel: lines to the nodes, over which calls are sent and answers heard.

Built on the sans-I/O `ClientConnection` alone, because a client library that is too clever would
hide the server's faults. Everything sent and heard is told to the auditor.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import trio

from tigertally_drivers.ports import Clock, Entropy
from tigertally_protocol.connection import (
    ClientConnection,
    DrainReceived,
    Greeted,
    KeyChangeDueReceived,
    ProtocolBroken,
    RejectReceived,
    ResponseReceived,
    SignedOff,
    SignedOn,
)
from tigertally_protocol.header import decode_header
from tigertally_server.domain.channel import Channel
from tigertally_sim.auditor import Attempt, Auditor, Call
from tigertally_sim.network import Network
from tigertally_sim.node import Node
from tigertally_sim.trace import Trace, fingerprint

SIGN_ON_S: Final = 8.0
HEARTBEAT_S: Final = 12.0


@dataclass(slots=True)
class World:
    """What all clients share."""

    network: Network
    nodes: list[Node]
    clock: Clock
    entropy: Entropy
    auditor: Auditor
    trace: Trace
    random: random.Random
    serials: int = 410_000_000_000
    closing: bool = False

    def serial(self) -> int:
        """Twelve digits, so that none looks like a code."""
        self.serials += self.random.randrange(1, 50)
        return self.serials

    def today(self) -> int:
        """The bank's day, UTC+8."""
        return (self.clock.now_ms() + 8 * 3_600_000) // 86_400_000


@dataclass(slots=True)
class Line:
    """One connection, from connect to end; then the front-end makes another."""

    world: World
    channel: Channel
    conn: ClientConnection
    name: str
    stream: trio.abc.Stream
    open: bool = False
    draining: bool = False
    ended: bool = False
    limit: int = 0
    waiting: dict[int, Attempt] = field(default_factory=dict)
    _outbox: bytearray = field(default_factory=bytearray)
    _wake: trio.Event = field(default_factory=trio.Event)

    async def run(self, opened: Callable[[], None]) -> None:
        """Until either side ends it."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write)
                nursery.start_soon(self._beat)
                with trio.move_on_after(SIGN_ON_S) as patience:
                    await self._read(patience, opened)
                nursery.cancel_scope.cancel()
        finally:
            self.open, self.ended = False, True
            for attempt in self.waiting.values():
                self.world.auditor.lost(attempt)
            self.waiting.clear()
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(self.stream)
            self.world.trace.event(self.name, "line ended")

    async def _read(self, patience: trio.CancelScope, opened: Callable[[], None]) -> None:
        while True:
            try:
                data = await self.stream.receive_some(65_536)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return
            if not data:
                return
            self.conn.feed(bytes(data))
            while (event := self.conn.next_event()) is not None:
                if isinstance(event, SignedOn):
                    patience.deadline = float("inf")
                if not self._heard(event, opened):
                    self.open = False
                    return

    def _heard(self, event: object, opened: Callable[[], None]) -> bool:
        """False: the line is over."""
        world, trace = self.world, self.world.trace
        match event:
            case Greeted():
                world.auditor.reprs.append(repr(event))
                self.send(self.conn.sign_on(world.clock.now_ms(), world.serial(), world.today()))
            case SignedOn():
                trace.event(self.name, "signed on", event)
                self.open, self.limit = True, event.in_flight_limit
                opened()
            case ResponseReceived(header, code, message, retry_after_ms):
                attempt = self.waiting.pop(header.serial, None)
                if attempt is None:
                    return True
                trace.event(self.name, code.name, f"{attempt.call} {_place(message)}")
                world.auditor.answered(attempt, code, message, retry_after_ms)
            case DrainReceived():
                trace.event(self.name, "told to go")
                self.draining = True
            case KeyChangeDueReceived():
                self.change_keys()
            case RejectReceived(header, code, authentic):
                trace.event(self.name, "rejected", f"{code.name} authentic={authentic}")
                return authentic
            case SignedOff():
                trace.event(self.name, "signed off")
                return False
            case ProtocolBroken(reason):
                trace.event(self.name, "broken", reason)
                return False
        return True

    def send(self, frame: bytes) -> None:
        self._outbox += frame
        self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake = trio.Event()
            data = bytes(self._outbox)
            self._outbox.clear()
            try:
                await self.stream.send_all(data)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return

    async def _beat(self) -> None:
        while True:
            await trio.sleep(HEARTBEAT_S)
            self.beat()

    # What a front-end does with an open line.

    def ask(self, call: Call, budget_ms: int) -> Attempt:
        """Sends a call. The same serial never twice at once on one line, or answers could not be
        told apart.
        """
        assert self.open
        assert call.serial not in self.waiting
        world = self.world
        frame = self.conn.request(
            call.message,
            serial=call.serial,
            business_day=call.day,
            budget_ms=budget_ms,
            now_ms=world.clock.now_ms(),
            retry=bool(call.attempts),
            transaction=call.transaction,
        )
        header = decode_header(frame)
        attempt = world.auditor.sent(call, header.session_id, header.sequence, self.name)
        self.waiting[call.serial] = attempt
        world.trace.event(self.name, "asks", f"{call} {budget_ms} ms {fingerprint(frame)}")
        self.send(frame)
        return attempt

    def beat(self) -> None:
        if self.open and not self.ended:
            world = self.world
            frame = self.conn.heartbeat(
                world.serial(), business_day=world.today(), now_ms=world.clock.now_ms()
            )
            self.send(frame)

    def change_keys(self) -> None:
        world = self.world
        if self.open and not self.conn._key_change_serial:
            world.trace.event(self.name, "changes keys")
            frame = self.conn.key_change(
                world.serial(), business_day=world.today(), now_ms=world.clock.now_ms()
            )
            self.send(frame)

    def sign_off(self) -> None:
        if self.open:
            self.open = False
            world = self.world
            world.trace.event(self.name, "signs off", f"{len(self.waiting)} open")
            frame = self.conn.sign_off(
                world.serial(), business_day=world.today(), now_ms=world.clock.now_ms()
            )
            self.send(frame)


class FrontEnd:
    """A channel's client: keeps some lines open, to either node."""

    def __init__(self, world: World, channel: Channel, master_key: bytes, lines: int) -> None:
        self.world, self.channel, self._master_key = world, channel, master_key
        self.lines: list[Line | None] = [None] * lines

    async def run(self) -> None:
        """Until the world closes."""
        async with trio.open_nursery() as nursery:
            for number in range(len(self.lines)):
                nursery.start_soon(self._keep, number)

    async def _keep(self, number: int) -> None:
        world = self.world
        while not world.closing:
            node = world.random.choice(world.nodes)
            line = self.connect(node, self._master_key)
            if line is not None:
                self.lines[number] = line
                await line.run(lambda: None)
            await trio.sleep(world.random.uniform(0.05, 0.6))

    def connect(self, node: Node, master_key: bytes) -> Line | None:
        """A new line that isn't signed on yet; None where the node isn't there."""
        world, channel = self.world, self.channel
        if not node.listening:
            return None
        name, client_end, server_end = world.network.connect()
        node.accept(server_end, "10.1.2.3")
        world.trace.event(name, "connects", f"channel {channel.id} to {node.name}")
        conn = ClientConnection(
            channel.id,
            master_key,
            1,
            channel.suite,
            channel.field_cipher,
            channel.charset,
            f"front-end-{channel.id}",
            world.entropy.token_bytes(16),
        )
        return Line(world, channel, conn, name, client_end)

    def usable(self, call: Call | None = None) -> list[Line]:
        """Lines on which something may be sent now; with a call, on which it isn't open."""
        return [
            line
            for line in self.lines
            if line is not None
            and line.open
            and not line.draining
            and (call is None or call.serial not in line.waiting)
        ]


def _place(message: object) -> str:
    shard = getattr(message, "entry_shard", None)
    return "" if shard is None else f"at {shard}:{getattr(message, 'entry_seq', '')}"
