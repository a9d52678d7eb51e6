"""One signed-on connection: moves frames between a trio stream and the sans-I/O
`ClientConnection`, and answers between that and the open calls.

Life: `sign_on()`, then `run()` until the stream breaks, the peer misbehaves, or the link was told
to leave (a drain notice, the client's end). `retired` is set when no new request may go out here,
which is before the end when the server drains: open calls are still answered.

Invariants: a call stands in `_open` from before its frame is queued until its answer; when `run()`
ends, every call still there is told that its outcome is unknown. A reject without a good MAC ends
the connection and never any call. Frames leave in the order they were built, and all that were
queued while one write was under way leave together in the next.

Knows nothing of other connections, server lists or repetition.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Final

import trio

from tigertally_client.calls import Answer, Call
from tigertally_client.environment import Environment
from tigertally_client.servers import ServerAddress
from tigertally_client.statistics import LinkSnapshot
from tigertally_protocol import events as wire
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.connection import ClientConnection
from tigertally_protocol.errors import ProtocolError

_RECEIVE_BYTES: Final = 65536
_FORGET_AFTER_S: Final = 60.0
_STREAM_TROUBLE: Final = (trio.BrokenResourceError, trio.ClosedResourceError, ssl.SSLError)
# Rejects that speak of the request's kind, not of this connection: repeating it elsewhere is vain.
_UNREADABLE: Final = frozenset(
    {
        ResponseCode.UNKNOWN_TRANSACTION,
        ResponseCode.UNKNOWN_SCHEMA,
        ResponseCode.BAD_LENGTH,
        ResponseCode.SUITE_MISMATCH,
    }
)


class LinkLost(Exception):
    """Sign-on did not come about; the text says why."""


class Link:
    """See the module's text.

    Args:
        conn: fresh, not yet signed on.
        stream: connected to `address`.
        environment: shared with the other links.
        room: called whenever this link can take one more request.
    """

    def __init__(
        self,
        conn: ClientConnection,
        stream: trio.abc.Stream,
        address: ServerAddress,
        environment: Environment,
        room: Callable[[], None],
    ) -> None:
        self.address = address
        self.retired = trio.Event()
        self.draining = False
        self.proven = False  # has answered something: the server is healthy
        self.paused_until = 0.0
        self.last_turn = 0  # the client's count of frames sent when this took a request last
        self.end_reason = ""
        self._conn = conn
        self._stream = stream
        self._env = environment
        self._room = room
        self._limits: wire.SignedOn | None = None
        self._open: dict[int, Call] = {}
        self._outbox: list[bytes] = []
        self._writer = trio.lowlevel.ParkingLot()
        self._leaving = trio.Event()
        self._leave_by = 0.0
        self._emptied = trio.Event()
        self._signed_off = trio.Event()
        self._signing_off = False  # after that frame nothing more may be sent
        self._scope = trio.CancelScope()
        self._sent_at = self._heard_at = 0.0

    # ------------------------------------------------------------------ what callers use

    def can_take(self, now: float) -> bool:
        """Whether a request may go out here now."""
        return (
            not self.retired.is_set()
            and self._limits is not None
            and len(self._open) < self._limits.in_flight_limit
            and self.paused_until <= now
        )

    @property
    def room(self) -> int:
        """How many requests more the server allows here now."""
        return self._limits.in_flight_limit - len(self._open) if self._limits else 0

    @property
    def in_flight(self) -> int:
        return len(self._open)

    def send(self, call: Call, now: float) -> None:
        """Queue `call`'s request; never blocks. Raises the protocol's `BadField`."""
        frame = self._conn.request(
            call.message,
            serial=call.serial,
            business_day=call.business_day,
            budget_ms=max(1, int((call.deadline - now) * 1000)),
            now_ms=self._env.clock.now_ms(),
            retry=call.tries > 0 or call.maybe_executed,
            transaction=call.transaction,
        )
        call.begin_try(self)
        self._open[call.serial] = call
        self._post(frame)

    def leave(self, grace_s: float) -> None:
        """Take no more requests; sign off when the open calls are answered or `grace_s` is over."""
        self.retired.set()
        if not self._leaving.is_set():
            self._leave_by = trio.current_time() + grace_s
            self._leaving.set()

    def snapshot(self) -> LinkSnapshot:
        assert self._limits is not None
        return LinkSnapshot(
            server=str(self.address),
            session_id=self._conn.session_id,
            draining=self.draining,
            in_flight=len(self._open),
            in_flight_limit=self._limits.in_flight_limit,
        )

    # ------------------------------------------------------------------ life

    async def sign_on(self) -> None:
        """Prove both sides to one another. The caller bounds the time.

        Raises:
            LinkLost: the server refused, broke the protocol or went away.
        """
        try:
            while self._limits is None:
                self._take_sign_on_events()
                if self._outbox:
                    await self._flush()
                if self._limits is None:
                    await self._receive()
        except _STREAM_TROUBLE as problem:
            raise LinkLost("the connection broke during sign-on") from problem
        except ProtocolError as problem:
            raise LinkLost(f"sign-on broke the protocol: {problem}") from None

    async def run(self) -> None:
        """Serve until the end; the stream is closed afterwards."""
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._read)
                    nursery.start_soon(self._write)
                    nursery.start_soon(self._keep_alive)
                    nursery.start_soon(self._take_leave)
        finally:
            self._end("the client was closed")
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(self._stream)

    async def abandon(self) -> None:
        """Close without ceremony, for a link that never signed on."""
        with trio.CancelScope(shield=True):
            await trio.aclose_forcefully(self._stream)

    def _end(self, reason: str) -> None:
        """Say why (the first reason counts), stop the tasks, and tell the open calls."""
        self.end_reason = self.end_reason or reason
        self.retired.set()
        self._scope.cancel()
        lost, self._open = self._open, {}
        for call in lost.values():
            call.lose(self)
        self._room()

    # ------------------------------------------------------------------ the four tasks

    async def _read(self) -> None:
        try:
            while True:
                while (event := self._conn.next_event()) is not None:
                    self._handle(event)
                await self._receive()
        except _STREAM_TROUBLE:
            self._end("the connection broke")
        except LinkLost as problem:
            self._end(str(problem))
        except ProtocolError as problem:
            self._end(f"the server broke the protocol: {problem}")

    async def _write(self) -> None:
        try:
            while True:
                while not self._outbox:
                    await self._writer.park()
                await self._flush()
        except _STREAM_TROUBLE:
            self._end("the connection broke")

    async def _keep_alive(self) -> None:
        """A heartbeat whenever one direction was silent; no answer to it ends the link."""
        assert self._limits is not None
        interval = float(self._limits.heartbeat_s) or 30.0
        asked_at = trio.current_time()
        while True:
            await trio.sleep_until(asked_at + interval)
            asked_at = trio.current_time()
            self._forget(asked_at - _FORGET_AFTER_S)
            if self._signing_off or min(self._sent_at, self._heard_at) > asked_at - interval:
                continue
            self._post(
                self._conn.heartbeat(
                    self._env.serials.allocate(),
                    business_day=self._env.business_day(),
                    now_ms=self._env.clock.now_ms(),
                )
            )
            await trio.sleep(self._env.settings.heartbeat_timeout_s)
            if self._heard_at < asked_at and not self._signing_off:
                self._end("the server answers no heartbeat")

    def _forget(self, before: float) -> None:
        """Give up the places of ended calls that the server never answered."""
        for serial in [
            call.serial for call in self._open.values() if call.closed and call.deadline < before
        ]:
            del self._open[serial]

    async def _take_leave(self) -> None:
        await self._leaving.wait()
        with trio.move_on_at(self._leave_by):
            while self._open:
                self._emptied = trio.Event()
                await self._emptied.wait()
        self._signing_off = True
        self._post(
            self._conn.sign_off(
                self._env.serials.allocate(),
                business_day=self._env.business_day(),
                now_ms=self._env.clock.now_ms(),
            )
        )
        with trio.move_on_after(self._env.settings.sign_off_timeout_s):
            await self._signed_off.wait()
        self._end("signed off")

    # ------------------------------------------------------------------ bytes

    def _post(self, frame: bytes) -> None:
        self._outbox.append(frame)
        self._writer.unpark()

    async def _flush(self) -> None:
        batch, self._outbox = self._outbox, []
        self._sent_at = trio.current_time()
        await self._stream.send_all(b"".join(batch))

    async def _receive(self) -> None:
        data = await self._stream.receive_some(_RECEIVE_BYTES)
        if not data:
            raise LinkLost("the server closed the connection")
        self._heard_at = trio.current_time()
        self._conn.feed(bytes(data))

    # ------------------------------------------------------------------ events

    def _take_sign_on_events(self) -> None:
        while self._limits is None and (event := self._conn.next_event()) is not None:
            match event:
                case wire.Greeted():
                    self._outbox.append(
                        self._conn.sign_on(
                            self._env.clock.now_ms(),
                            self._env.serials.allocate(),
                            self._env.business_day(),
                        )
                    )
                case wire.SignedOn():
                    self._limits = event
                case wire.RejectReceived():
                    raise LinkLost(f"the server refused sign-on: {event.code.name}")
                case wire.ProtocolBroken():
                    raise LinkLost(f"sign-on broke the protocol: {event.reason}")
                case _:
                    raise LinkLost("the server answered sign-on with something else")

    def _handle(self, event: wire.ClientEvent) -> None:
        match event:
            case wire.ResponseReceived():
                self._answered(event)
            case wire.DrainReceived():
                self._drain(event.grace_ms / 1000)
            case wire.KeyChangeDueReceived():
                self._change_keys()
            case wire.KeysChanged():
                self._env.counters.key_changes += 1
            case wire.HeartbeatAnswered():
                self.proven = True
                self._env.counters.heartbeats += 1
            case wire.SignedOff():
                self._signed_off.set()
            case wire.RejectReceived():
                self._rejected(event)
            case wire.ProtocolBroken():
                raise LinkLost(f"the server broke the protocol: {event.reason}")
            case _:
                raise LinkLost("the server sent what belongs to a sign-on")

    def _answered(self, event: wire.ResponseReceived) -> None:
        self.proven = True
        call = self._open.pop(event.header.serial, None)
        if call is None or call.closed:
            self._env.counters.late_answers += 1
        elif event.header.transaction != call.transaction:
            self._open[call.serial] = call
            raise LinkLost("the server answered another transaction than asked")
        else:
            answer = Answer(event.code, event.message, event.retry_after_ms)
            if event.code is ResponseCode.DRAINING:
                self._drain(self._env.settings.drain_away_s)
            elif event.code is ResponseCode.BUSY:
                self.paused_until = trio.current_time() + event.retry_after_ms / 1000
            call.deliver(self, answer)
        if not self._open:
            self._emptied.set()
        self._room()

    def _drain(self, grace_s: float) -> None:
        if not self.draining:
            self._env.counters.drains += 1
            self.draining = True
        self.leave(grace_s)

    def _rejected(self, event: wire.RejectReceived) -> None:
        if not event.authentic:
            self._env.counters.forged_rejects += 1
            raise LinkLost("a reject without a good MAC arrived")
        self._env.counters.rejects += 1
        serial = event.header.serial
        if event.code in _UNREADABLE and serial in self._open:
            self._open.pop(serial).reject(event.code)
        raise LinkLost(f"the server rejected a frame: {event.code.name}")

    def _change_keys(self) -> None:
        if self._signing_off:
            return
        self._post(
            self._conn.key_change(
                self._env.serials.allocate(),
                business_day=self._env.business_day(),
                now_ms=self._env.clock.now_ms(),
            )
        )
