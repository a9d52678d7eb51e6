"""One connection to an SMSC, from its first octet to its last: who is waiting for which answer, who
speaks next, and when the peer is taken for dead.

Four tasks: one reads, one writes, one hands deliveries on, one watches the silence. The first that
finds the link broken ends all of them. Knows nothing of messages, of retrying and of other
connections.

Invariants: a PDU goes out whole or the link ends. Each request gets one of: the answer with its
sequence number, `TimedOut` when it may have gone out, `Unavailable` when it certainly did not. A
second answer to the same sequence number is counted and changes nothing. A delivery is acknowledged
only after its sink has taken it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import msgspec
import trio

from tigertally_drivers.errors import TimedOut, Unavailable
from tigertally_drivers.sms.smpp.framing import FramingError, PduReader
from tigertally_drivers.sms.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    Body,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Malformed,
    Pdu,
    Unbind,
    UnbindResp,
    encode,
)
from tigertally_drivers.sms.smpp.status import Status, describe

_READ_BYTES: Final = 65_536
_OUT_MAX: Final = 64
_DELIVERIES_MAX: Final = 256
_SEQUENCE_MAX: Final = 0x7FFF_FFFF
_FAREWELL_S: Final = 2.0
_OWN_WISH: Final = "closed by us"

DeliverySink = Callable[[Pdu], Awaitable[Status]]
"""Takes a DELIVER_SM and says how it is to be answered."""


class LinkLimits(msgspec.Struct, frozen=True):
    """Seconds; see `settings.SmppSettings`."""

    answer_s: float
    enquire_s: float


class _Waiting:
    """A request without an answer."""

    __slots__ = ("answer", "event", "lost", "written")

    def __init__(self) -> None:
        self.event = trio.Event()
        self.answer: Pdu | None = None
        self.written = self.lost = False


class _Outgoing(NamedTuple):
    """Octets of one PDU; whose request it is; with what reason the link ends after it, if it
    does.
    """

    raw: bytes
    waiting: _Waiting | None = None
    last: str = ""


class Link:
    """Made with a fresh stream; `run` it once."""

    def __init__(self, stream: trio.abc.Stream, limits: LinkLimits, deliver: DeliverySink) -> None:
        self._stream, self._limits, self._deliver_sink = stream, limits, deliver
        self._waiting: dict[int, _Waiting] = {}
        self._sequence = 0
        self._out, self._outgoing = trio.open_memory_channel[_Outgoing](_OUT_MAX)
        self._delivered, self._deliveries = trio.open_memory_channel[Pdu](_DELIVERIES_MAX)
        self._scope = trio.CancelScope()
        self._writing = self._ended = False
        self._heard_at = 0.0
        self._on_end: Callable[[], None] = lambda: None
        self.reason = ""
        self.strays = 0
        """Answers nobody waited for: late ones and second ones."""

    async def run(
        self, bind: BindTransceiver, bound: Callable[[], None], ended: Callable[[], None]
    ) -> None:
        """Binds, calls `bound`, and returns when the link has ended; `reason` says why. `ended` is
        called at the end's beginning: from then on no request is taken.
        """
        self._heard_at, self._on_end = trio.current_time(), ended
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._read)
                    nursery.start_soon(self._write)
                    nursery.start_soon(self._hand_on)
                    if await self._bind(bind):
                        bound()
                        await self._watch()
        finally:
            self.end(_OWN_WISH)
            for waiting in self._waiting.values():
                waiting.lost = True
                waiting.event.set()
            await self._farewell()
            await trio.aclose_forcefully(self._stream)

    async def request(self, body: Body, options: dict[int, bytes] | None = None) -> Pdu:
        """Sends and waits for the answer, whatever its status and even if it is malformed.

        Raises:
            Unavailable: it was not sent.
            TimedOut: it may have been.
        """
        if self._ended:
            raise Unavailable(f"the connection has ended: {self.reason}")
        self._sequence = self._sequence % _SEQUENCE_MAX + 1
        number, waiting = self._sequence, _Waiting()
        raw = encode(Pdu(number, body, options=options or {}))
        self._waiting[number] = waiting
        try:
            with trio.move_on_after(self._limits.answer_s):
                await self._out.send(_Outgoing(raw, waiting))
                await waiting.event.wait()
        finally:
            del self._waiting[number]
        if waiting.answer is not None:
            return waiting.answer
        if not waiting.written and waiting.lost:
            raise Unavailable(f"the connection ended: {self.reason}")
        raise TimedOut(self.reason or f"no answer within {self._limits.answer_s} s")

    def end(self, reason: str) -> None:
        """Ends the link; the first reason stays."""
        if not self._ended:
            self._ended, self.reason = True, reason
            self._on_end()
        self._scope.cancel()

    async def _bind(self, bind: BindTransceiver) -> bool:
        try:
            answer = await self.request(bind)
        except (TimedOut, Unavailable):
            self.end("the gateway does not answer the bind")
            return False
        if answer.status:
            self.end(f"bind refused: {describe(answer.status)}")
        elif not isinstance(answer.body, BindTransceiverResp):
            self.end("the gateway's answer to the bind can't be understood")
        return not self._ended

    async def _watch(self) -> None:
        while True:
            quiet_s = trio.current_time() - self._heard_at
            if quiet_s < self._limits.enquire_s:
                await trio.sleep(self._limits.enquire_s - quiet_s)
                continue
            try:
                await self.request(EnquireLink())
            except (TimedOut, Unavailable):
                if trio.current_time() - self._heard_at >= self._limits.answer_s:
                    self.end("the gateway is silent")
                    return

    async def _write(self) -> None:
        async for raw, waiting, last in self._outgoing:
            if waiting is not None:
                waiting.written = True
            self._writing = True
            try:
                await self._stream.send_all(raw)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self.end("the connection broke")
                return
            self._writing = False
            if last:
                self.end(last)

    async def _read(self) -> None:
        reader = PduReader()
        while True:
            try:
                octets = await self._stream.receive_some(_READ_BYTES)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                octets = b""
            if not octets:
                self.end("the gateway closed the connection")
                return
            self._heard_at = trio.current_time()
            reader.feed(octets)
            try:
                while (pdu := reader.next_pdu()) is not None:
                    await self._take(pdu)
            except FramingError:
                self.end("the gateway sends what is no SMPP")
                return

    async def _take(self, pdu: Pdu) -> None:
        if pdu.is_response:
            self._answered(pdu)
        elif isinstance(pdu.body, EnquireLink):
            await self._answer(EnquireLinkResp(), pdu)
        elif isinstance(pdu.body, DeliverSm):
            try:
                self._delivered.send_nowait(pdu)
            except trio.WouldBlock:
                await self._answer(DeliverSmResp(), pdu, Status.RMSGQFUL)
        elif isinstance(pdu.body, Unbind):
            await self._answer(UnbindResp(), pdu, last="the gateway unbound")
        else:
            malformed = isinstance(pdu.body, Malformed)
            status = Status.RINVCMDLEN if malformed else Status.RINVCMDID
            await self._answer(GenericNack(), pdu, status)

    def _answered(self, pdu: Pdu) -> None:
        waiting = self._waiting.get(pdu.sequence)
        if waiting is None or not waiting.written or waiting.answer is not None:
            self.strays += 1
            return
        waiting.answer = pdu
        waiting.event.set()

    async def _answer(
        self, body: Body, to: Pdu, status: Status = Status.ROK, last: str = ""
    ) -> None:
        await self._out.send(_Outgoing(encode(Pdu(to.sequence, body, status)), last=last))

    async def _hand_on(self) -> None:
        async for pdu in self._deliveries:
            await self._answer(DeliverSmResp(), pdu, await self._deliver_sink(pdu))

    async def _farewell(self) -> None:
        """Our own unbind, if nobody else ended it and no half PDU is out."""
        if self._writing or self.reason != _OWN_WISH:
            return
        with trio.move_on_after(_FAREWELL_S, shield=True):
            try:
                await self._unbind()
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return

    async def _unbind(self) -> None:
        await self._stream.send_all(encode(Pdu(self._sequence + 1, Unbind())))
        reader = PduReader()
        while octets := await self._stream.receive_some(_READ_BYTES):
            reader.feed(octets)
            try:
                while (pdu := reader.next_pdu()) is not None:
                    if isinstance(pdu.body, UnbindResp):
                        return
            except FramingError:
                return
