"""An SMSC for tests: it speaks SMPP 3.4 and misbehaves as told.

    smsc = Smsc()
    nursery.start_soon(smsc.serve, stream)            # or connect = smsc.in_memory(nursery)
    smsc.script(Act.SILENT, Act.THROTTLE)             # for the next submissions; then TAKE again
    smsc.messages                                     # what arrived, put together again
    await smsc.receipt("m1", "DELIVRD")               # how the client answered it

One object may serve many connections, one after another or together; `sessions` counts the binds.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import trio
import trio.testing

from tigertally_drivers.errors import Unavailable
from tigertally_drivers.sms.smpp.alphabet import decode_text
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
    Pdu,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Unbind,
    UnbindResp,
    encode,
)
from tigertally_drivers.sms.smpp.status import Status

DELAY_S = 3.0


class Act(enum.Enum):
    """What becomes of one submission."""

    TAKE = "taken and answered"
    NAMELESS = "taken, without an identifier"
    TWICE = "taken, answered twice"
    LATE = f"taken, answered after {DELAY_S} s"
    SILENT = "taken, never answered"
    CLOSE = "taken, then the connection closes"
    CUT = "answered with half a PDU, then the connection closes"
    GARBAGE = "answered with what is no SMPP"
    MALFORMED = "answered with a body that doesn't fit"
    WRONG = "answered with another command"
    NACK = "answered with GENERIC_NACK"
    REFUSE = "refused: bad destination"
    BROKEN = "refused: system error"
    FORGOTTEN = "refused: not bound"
    THROTTLE = "refused: too fast"
    FULL = "refused: queue full"


REFUSALS = {
    Act.REFUSE: Status.RINVDSTADR,
    Act.BROKEN: Status.RSYSERR,
    Act.FORGOTTEN: Status.RINVBNDSTS,
    Act.THROTTLE: Status.RTHROTTLED,
    Act.FULL: Status.RMSGQFUL,
}
TAKES = {Act.TAKE, Act.NAMELESS, Act.TWICE, Act.LATE, Act.SILENT, Act.CLOSE}


@dataclass(frozen=True)
class Arrived:
    """One message as the customer would see it; `name` is what its receipts name it by."""

    number: str
    text: str
    validity: str
    name: str = field(default="", compare=False)


@dataclass(eq=False)
class Session:
    """One connection."""

    stream: trio.abc.Stream
    sequence: count[int] = field(default_factory=lambda: count(1))
    answers: dict[int, Pdu] = field(default_factory=dict)
    heard: trio.Condition = field(default_factory=trio.Condition)
    speaking: trio.Lock = field(default_factory=trio.Lock)

    async def send(self, pdu: Pdu) -> None:
        await self.send_octets(encode(pdu))

    async def send_octets(self, octets: bytes) -> None:
        async with self.speaking:
            await self.stream.send_all(octets)

    async def ask(self, body: Body, options: dict[int, bytes] | None = None) -> Pdu:
        """Sends a request of the SMSC's own and waits for its answer."""
        number = next(self.sequence)
        await self.send(Pdu(number, body, options=options or {}))
        async with self.heard:
            while number not in self.answers:
                await self.heard.wait()
            return self.answers.pop(number)


class Smsc:
    """Takes messages for `number`s of any kind; binds `system_id` with `password`."""

    def __init__(self, system_id: str = "tiger", password: str = "tally") -> None:
        self.system_id, self.password = system_id, password
        self.pdus: list[Pdu] = []
        self.messages: list[Arrived] = []
        self.binds = 0
        self.open: list[Session] = []
        self.answers_enquiries = self.answers_binds = self.reachable = True
        self.most_unanswered = self._unanswered = 0
        self._script: deque[Act] = deque()
        self.names: Iterator[str] = (f"m{number}" for number in count(1))
        self._parts: dict[tuple[str, int], dict[int, bytes]] = {}
        self.changed = trio.Condition()

    def script(self, *acts: Act) -> None:
        self._script.extend(acts)

    def forget_script(self) -> None:
        self._script.clear()

    def in_memory(self, nursery: trio.Nursery) -> Callable[[], Awaitable[trio.abc.Stream]]:
        """A connector for the driver: every call is a new connection."""

        async def connect() -> trio.abc.Stream:
            await trio.lowlevel.checkpoint()
            if not self.reachable:
                raise Unavailable("nobody listens")
            ours, theirs = trio.testing.memory_stream_pair()
            nursery.start_soon(self.serve, theirs)
            return ours

        return connect

    async def serve(self, stream: trio.abc.Stream) -> None:
        session = Session(stream)
        reader = PduReader()
        try:
            async with trio.open_nursery() as nursery:
                while octets := await stream.receive_some(4_096):
                    reader.feed(octets)
                    while (pdu := reader.next_pdu()) is not None:
                        self.pdus.append(pdu)
                        await self._take(session, pdu, nursery)
                nursery.cancel_scope.cancel()
        except* (trio.BrokenResourceError, trio.ClosedResourceError, FramingError):
            pass
        finally:
            if session in self.open:
                self.open.remove(session)
            await trio.aclose_forcefully(stream)
            await self._tell()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until something has happened."""
        async with self.changed:
            while not condition():
                await self.changed.wait()

    async def receipt(self, message_id: str, state: str, error: str = "000") -> int:
        """A delivery receipt as text (appendix B); the status of the client's answer."""
        text = (
            f"id:{message_id} sub:001 dlvrd:001 submit date:2601010800 done date:2601010801 "
            f"stat:{state} err:{error} text:id:forged stat:FORGED"
        )
        body = DeliverSm(esm_class=0x04, short_message=text.encode("ascii"))
        return (await self.open[-1].ask(body)).status

    async def receipt_by_options(self, message_id: str, state: int) -> int:
        options: dict[int, bytes] = {
            Tag.RECEIPTED_MESSAGE_ID: message_id.encode("ascii") + b"\0",
            Tag.MESSAGE_STATE: bytes((state,)),
        }
        return (await self.open[-1].ask(DeliverSm(esm_class=0x04), options)).status

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _take(self, session: Session, pdu: Pdu, nursery: trio.Nursery) -> None:
        if pdu.is_response:
            async with session.heard:
                session.answers[pdu.sequence] = pdu
                session.heard.notify_all()
        elif isinstance(pdu.body, BindTransceiver):
            await self._bind(session, pdu, pdu.body)
        elif isinstance(pdu.body, EnquireLink):
            if self.answers_enquiries:
                await session.send(Pdu(pdu.sequence, EnquireLinkResp()))
        elif isinstance(pdu.body, Unbind):
            await session.send(Pdu(pdu.sequence, UnbindResp()))
        elif isinstance(pdu.body, SubmitSm):
            self._unanswered += 1
            self.most_unanswered = max(self.most_unanswered, self._unanswered)
            act = self._script.popleft() if self._script else Act.TAKE
            nursery.start_soon(self._submitted, session, pdu, pdu.body, act)
        await self._tell()

    async def _bind(self, session: Session, pdu: Pdu, body: BindTransceiver) -> None:
        if not self.answers_binds:
            return
        if (body.system_id, body.password) != (self.system_id, self.password):
            await session.send(Pdu(pdu.sequence, BindTransceiverResp(), Status.RINVPASWD))
            return
        self.binds += 1
        self.open.append(session)
        await session.send(Pdu(pdu.sequence, BindTransceiverResp("smsc")))

    async def _submitted(self, session: Session, pdu: Pdu, body: SubmitSm, act: Act) -> None:
        name = next(self.names)
        if act in TAKES:
            self._arrived(body, pdu, name)
        if act is Act.LATE:
            await trio.sleep(DELAY_S)
        else:
            await trio.lowlevel.checkpoint()
        self._unanswered -= 1
        good = encode(Pdu(pdu.sequence, SubmitSmResp("" if act is Act.NAMELESS else name)))
        if act in REFUSALS:
            await session.send(Pdu(pdu.sequence, SubmitSmResp(), REFUSALS[act]))
        elif act in {Act.TAKE, Act.NAMELESS, Act.LATE}:
            await session.send_octets(good)
        elif act is Act.TWICE:
            await session.send_octets(good + good)
        elif act is Act.GARBAGE:
            await session.send_octets(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        elif act is Act.MALFORMED:
            await session.send_octets(good.replace(b"m", b"\x01"))
        elif act is Act.WRONG:
            await session.send(Pdu(pdu.sequence, EnquireLinkResp()))
        elif act is Act.NACK:
            await session.send(Pdu(pdu.sequence, GenericNack(), Status.RINVCMDID))
        elif act is Act.CUT:
            await session.send_octets(good[:-3])
        if act in {Act.CUT, Act.CLOSE}:
            await trio.aclose_forcefully(session.stream)

    def _arrived(self, body: SubmitSm, pdu: Pdu, name: str) -> None:
        octets = body.short_message or pdu.options.get(Tag.MESSAGE_PAYLOAD, b"")
        if body.esm_class & 0x40:
            reference, total, at = octets[3:6]
            parts = self._parts.setdefault((body.destination_addr, reference), {})
            parts[at] = octets[6:]
            if len(parts) < total:
                return
            octets = b"".join(piece for _, piece in sorted(parts.items()))
        plus = "+" if body.dest_addr_ton == 1 else ""
        text = decode_text(body.data_coding, octets)
        number = plus + body.destination_addr
        self.messages.append(Arrived(number, text, body.validity_period, name))


def acknowledged(pdu: Pdu) -> bool:
    """Whether a delivery was."""
    return isinstance(pdu.body, DeliverSmResp) and pdu.status == 0
