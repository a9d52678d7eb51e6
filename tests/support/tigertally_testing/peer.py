"""A channel's end of a real connection, for tests that need to see and spoil every byte.

    async with await join(server, line) as peer:
        answer = await peer.verify(held, code, serial=7)
        await peer.send(peer.build(message, serial=8)); answers = await peer.collect([8])

Answers are kept by serial until asked for; notices and rejects in the order they came.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Self
from zoneinfo import ZoneInfo

import msgspec
import trio

from tigertally_protocol.codec import walk
from tigertally_protocol.connection import ClientConnection
from tigertally_protocol.constants import HEADER_LENGTH, MAC_LENGTH
from tigertally_protocol.events import (
    DrainReceived,
    Greeted,
    ProtocolBroken,
    RejectReceived,
    ResponseReceived,
    SignedOff,
    SignedOn,
)
from tigertally_protocol.header import decode_header, encode_header
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.registry import MESSAGES
from tigertally_protocol.secret import SecretText
from tigertally_server.domain.calendar import business_day
from tigertally_testing.bank import INSTITUTION, HeldToken
from tigertally_testing.house import Line
from tigertally_testing.processes import ServerProcess, until

ANSWER_S = 20.0
BUDGET_MS = 10_000
_ZONE = ZoneInfo("Asia/Shanghai")
_serials = count(1)


class Closed(AssertionError):
    """The server closed the connection where an answer was expected; `peer.rejects` may say why."""


class Refused(AssertionError):
    """The server did not let us sign on."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def today() -> int:
    return business_day(now_ms(), _ZONE)


def new_serial() -> int:
    """Never the same twice in one run."""
    return next(_serials)


def verification(
    held: HeldToken, code: str, *, token: str = "", reference: str = ""
) -> VerifyOtpRequest:
    return VerifyOtpRequest(
        institution=INSTITUTION,
        customer=held.customer,
        token=token,
        reference=reference,
        otp=SecretText(code),
    )


@dataclass
class Peer:
    """See the module's text."""

    stream: Any
    conn: ClientConnection
    line: Line
    greeted: Greeted | None = None
    signed_on: SignedOn | None = None
    answers: dict[int, ResponseReceived] = field(default_factory=dict)
    rejects: list[RejectReceived] = field(default_factory=list)
    notices: list[Any] = field(default_factory=list)
    ended: bool = False

    # ------------------------------------------------------------------ connecting

    @classmethod
    async def greet(
        cls,
        address: tuple[str, int],
        line: Line,
        stream: trio.abc.Stream | None = None,
        **changes: Any,
    ) -> Self:
        """Connected and greeted, nothing sent yet."""
        if stream is None:
            stream = await trio.open_tcp_stream(*address)
        peer = cls(stream, connection(line, **changes), line)
        try:
            await peer._until(lambda: peer.greeted is not None)
        except BaseException:
            await peer.aclose()
            raise
        return peer

    @classmethod
    async def sign_on(
        cls,
        address: tuple[str, int],
        line: Line,
        stream: trio.abc.Stream | None = None,
        **changes: Any,
    ) -> Self:
        """Raises Refused."""
        peer = await cls.greet(address, line, stream, **changes)
        await peer.send(peer.conn.sign_on(now_ms(), new_serial(), today()))
        try:
            await peer._until(lambda: peer.signed_on is not None or bool(peer.rejects))
        except Closed:
            await peer.aclose()
            raise
        if peer.signed_on is None:
            await peer.aclose()
            raise Refused(peer.rejects[0].code.name)
        return peer

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await trio.aclose_forcefully(self.stream)

    # ------------------------------------------------------------------ asking

    def build(self, message: Any, **changes: Any) -> bytes:
        """A request's frame; sent or not, it has taken its sequence number."""
        arguments = {
            "serial": 0,
            "business_day": today(),
            "budget_ms": BUDGET_MS,
            "now_ms": now_ms(),
        } | changes
        arguments["serial"] = arguments["serial"] or new_serial()
        return self.conn.request(message, **arguments)

    async def ask(self, message: Any, **changes: Any) -> ResponseReceived:
        serial = changes.pop("serial", 0) or new_serial()
        await self.send(self.build(message, serial=serial, **changes))
        (answer,) = await self.collect([serial])
        return answer

    async def verify(self, held: HeldToken, code: str, **changes: Any) -> ResponseReceived:
        return await self.ask(verification(held, code), **changes)

    async def send(self, data: bytes) -> None:
        with trio.fail_after(ANSWER_S):
            await self.stream.send_all(data)

    async def collect(
        self, serials: Iterable[int], within_s: float = ANSWER_S
    ) -> list[ResponseReceived]:
        """The answers to these serials, in this order. Raises Closed, or fails when time is up."""
        wanted = list(serials)
        await self._until(lambda: all(serial in self.answers for serial in wanted), within_s)
        return [self.answers.pop(serial) for serial in wanted]

    async def next_reject(self) -> RejectReceived:
        await self._until(lambda: bool(self.rejects))
        return self.rejects.pop(0)

    async def next_notice(self, within_s: float = ANSWER_S) -> Any:
        await self._until(lambda: bool(self.notices), within_s)
        return self.notices.pop(0)

    async def sign_off(self) -> None:
        """In order: the server answers, then closes."""
        await self.send(self.conn.sign_off(new_serial(), business_day=today(), now_ms=now_ms()))
        await self.until_closed()
        assert any(isinstance(notice, SignedOff) for notice in self.notices), self.notices

    async def until_closed(self, within_s: float = ANSWER_S) -> None:
        """Reads until the server closes; what came is kept."""
        try:
            await self._until(lambda: False, within_s)
        except Closed:
            return

    def forge(self, frame: bytes, body: bytes | None = None, **changes: int) -> bytes:
        """One of our own frames with other header fields or another body, and a good MAC: what a
        wrong client of an honest channel would send.
        """
        header = msgspec.structs.replace(decode_header(frame), **changes)
        inner = frame[HEADER_LENGTH:-MAC_LENGTH] if body is None else body
        data = encode_header(header) + inner
        generation = self.conn._outgoing.generation
        assert generation is not None
        return data + generation.send.tag(data)

    def spoil(self, frame: bytes, field_name: str, value: bytes) -> bytes:
        """As `forge`, with `value` at the beginning of a field of the body."""
        header = decode_header(frame)
        row = MESSAGES[header.transaction, header.kind, header.schema]
        (place,) = [spec for spec in walk(row.layout) if spec.name == field_name]
        assert len(value) <= place.width
        body = bytearray(frame[HEADER_LENGTH:-MAC_LENGTH])
        body[place.offset : place.offset + len(value)] = value
        return self.forge(frame, bytes(body))

    # ------------------------------------------------------------------ reading

    async def _until(self, done: Any, within_s: float = ANSWER_S) -> None:
        with trio.fail_after(within_s):
            while not done():
                if self.ended:
                    raise Closed(f"rejects: {self.rejects}, notices: {self.notices}")
                await self.read()

    async def read(self) -> None:
        """One piece of what comes, sorted."""
        try:
            data = bytes(await self.stream.receive_some(65_536))
        except trio.BrokenResourceError:
            data = b""
        if not data:
            self.ended = True
            return
        self.conn.feed(data)
        while (event := self.conn.next_event()) is not None:
            self._sort(event)

    def _sort(self, event: Any) -> None:
        match event:
            case Greeted():
                self.greeted = event
            case SignedOn():
                self.signed_on = event
            case ResponseReceived(header):
                assert header.serial not in self.answers, "answered twice"
                self.answers[header.serial] = event
            case RejectReceived():
                self.rejects.append(event)
            case ProtocolBroken(reason):
                raise AssertionError(f"the server broke the protocol: {reason}")
            case _:
                self.notices.append(event)

    @property
    def draining(self) -> bool:
        return any(isinstance(notice, DrainReceived) for notice in self.notices)


async def inform(server: ServerProcess) -> None:
    """Makes the server know what was just changed in the database, instead of waiting until it
    looks: a sign-on is a unit of work, and each of those compares the configuration's epoch. As
    many connections at one time as there are workers reach each of them.
    """
    await _without_connections(server)
    peers: list[Peer] = []
    async with AsyncExitStack() as stack:
        for _ in range(server.workers):
            peer = await Peer.sign_on(server.address, server.house.messenger)
            await stack.enter_async_context(peer)
            peers.append(peer)
        for peer in peers:
            await peer.sign_off()
    await _without_connections(server)


async def _without_connections(server: ServerProcess) -> None:
    """The next connections go by what the supervisor believes."""
    if server.workers == 1:
        return

    def none() -> bool:
        return not any(
            server.metric("tigertally_worker_connections", worker="supervisor", of=str(slot))
            for slot in range(server.workers)
        )

    await until(none, "no connections")


async def join(server: ServerProcess, line: Line, **changes: Any) -> Peer:
    """Signed on to a channel that may have been made a moment ago. Raises Refused, Closed."""
    await inform(server)
    return await Peer.sign_on(server.address, line, **changes)


def connection(line: Line, **changes: Any) -> ClientConnection:
    """A client's protocol end for this line."""
    arguments: dict[str, Any] = {
        "channel_id": line.channel_id,
        "master_key": line.master_key,
        "master_key_version": line.version,
        "suite": line.suite,
        "field_cipher": line.field_cipher,
        "charset": line.charset,
        "client_name": "test",
        "client_nonce": os.urandom(16),
    }
    return ClientConnection(**(arguments | changes))
