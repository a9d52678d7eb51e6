"""Vectors of frames and of whole conversations, as a client sees them: what is fed to it, what it
must say, and what it must tell its caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tigertally_protocol import events
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.connection import ClientConnection
from tigertally_protocol.errors import FrameError
from tigertally_protocol.frame import FrameReader
from tigertally_protocol.registry import MESSAGES, MessageType, message_type
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_testing.layouts import sample
from tigertally_testing.vectors_text import Block
from tigertally_testing.wire import (
    ALL_SETUPS,
    BUSINESS_DAY,
    NOW_MS,
    ChannelSetup,
    WirePair,
    only,
    stream,
)

_KINDS = (Kind.RESPONSE, Kind.NOTIFY, Kind.REJECT)
_DAY = {"business_day": BUSINESS_DAY, "now_ms": NOW_MS}
Lines = Callable[[MessageType, Any, str], Iterable[tuple[str, str]]]
_VERIFY = MESSAGES[Transaction.VERIFY_OTP, Kind.REQUEST, 1]
_VERIFIED = MESSAGES[Transaction.VERIFY_OTP, Kind.RESPONSE, 1]
_REGISTER = MESSAGES[Transaction.REGISTER_USER, Kind.REQUEST, 1]
_REGISTERED = MESSAGES[Transaction.REGISTER_USER, Kind.RESPONSE, 1]


# ---------------------------------------------------------------- frames


def bad_frames() -> Iterator[Block]:
    """Streams for a client's reader: good frames, then perhaps one that it can't read."""
    pair = WirePair().sign_on()
    good = pair.server.respond(
        pair.ask_verify().header, ResponseCode.APPROVED, sample(_VERIFIED), NOW_MS
    )
    yield _stream("nothing", b"")
    yield _stream("one frame", good)
    yield _stream("two frames", good + good)
    yield _stream("an unfinished frame", good[:100])
    yield _stream("an unfinished header", good + good[:63])
    for name, place, octets in (
        ("magic", 0, b"HT"),
        ("half of the magic", 1, b"X"),
        ("version", 2, b"\x02"),
        ("header length", 3, b"\x41"),
        ("total length too small", 4, b"\0\0\0\x50"),
        ("total length too great", 4, b"\xff\xff\xff\xff"),
        ("total length of another type", 4, b"\0\0\0\xa3"),
        ("unknown transaction", 8, b"\xee\xee"),
        ("kind of a request", 10, b"\x01"),
        ("kind that there isn't", 10, b"\x05"),
        ("kind 0", 10, b"\0"),
        ("unknown flag", 11, b"\x04"),
        ("retry in a response", 11, b"\x02"),
        ("sealed where nothing is", 11, b"\x01"),
        ("schema 0", 60, b"\0\0"),
        ("unknown schema", 60, b"\x7f\x00"),
    ):
        spoilt = good[:place] + octets + good[place + len(octets) :]
        yield _stream(name, good + spoilt)
    notify = pair.server.drain(5000, NOW_MS)
    yield _stream("a result in a notify", notify[:35] + b"\1" + notify[36:])
    reject = good[:10] + b"\4\0" + good[12:64] + bytes(16)
    yield _stream("a reject of wrong length", reject)
    yield _stream("a reject", reject[:4] + b"\0\0\0\x50" + reject[8:])
    yield _stream("text of another protocol", b"HTTP/1.1 400 Bad Request\r\n\r\n")


def _stream(name: str, data: bytes) -> Block:
    reader = FrameReader(_KINDS)
    reader.feed(data)
    count, error = 0, "NONE"
    try:
        while reader.next_frame() is not None:
            count += 1
    except FrameError as problem:
        error = problem.code.name
    lines = [("name", name), ("hex", data.hex()), ("frames", str(count)), ("error", error)]
    return Block("stream", lines)


# ---------------------------------------------------------------- transcripts


class _Talk:
    """A conversation written down from the client's side.

    Every line is either something done to the client (`feed`, `do …`), followed by what must come
    of it (`frame`, `event …`).
    """

    def __init__(self, name: str, setup: ChannelSetup, lines: Lines) -> None:
        self.pair = WirePair(setup)
        self.setup = setup
        self._lines = lines
        self.block = Block(
            "transcript",
            [
                ("name", name),
                ("channel", str(setup.channel_id)),
                ("suite", str(int(setup.suite))),
                ("field_cipher", str(int(setup.field_cipher))),
                ("charset", setup.charset),
                ("master_key", setup.master_key.hex()),
                ("master_key_version", str(setup.master_key_version)),
                ("client_name", "front-end-1"),
                ("client_nonce", stream(f"{setup.seed} client", 16).hex()),
                ("now_ms", str(NOW_MS)),
                ("business_day", str(BUSINESS_DAY)),
            ],
        )

    @property
    def client(self) -> ClientConnection:
        return self.pair.client

    def do(self, what: str, frame: bytes) -> bytes:
        self.block.lines += [("do", what), ("frame", frame.hex())]
        return frame

    def feed(self, data: bytes) -> None:
        """Give the client `data` and write down every event that comes of it."""
        self.block.lines.append(("feed", data.hex()))
        self.client.feed(data)
        while (event := self.client.next_event()) is not None:
            self.block.lines += self._told(event)

    def _told(self, event: events.ClientEvent) -> Iterable[tuple[str, str]]:
        match event:
            case events.Greeted():
                return [("event", f"greeted {event.session_id} {event.server_time} {event.node}")]
            case events.SignedOn():
                limits = (event.in_flight_limit, event.heartbeat_s, event.idle_s)
                rest = (event.key_life_s, event.generation)
                return [("event", " ".join(map(str, ("signed-on", *limits, *rest))))]
            case events.ResponseReceived():
                head = event.header
                row = message_type(head.transaction, head.kind, head.schema)
                assert row is not None
                text = f"response {head.serial} {event.code.name} {event.retry_after_ms}"
                return [
                    ("event", text),
                    *self._lines(row, event.message, self.setup.charset),
                ]
            case events.RejectReceived():
                proof = "authentic" if event.authentic else "forged"
                return [("event", f"reject {event.header.serial} {event.code.name} {proof}")]
            case _:
                return [("event", _plain_event(event))]

    # ------------------------------------------------------------ what the two do

    def sign_on(self) -> None:
        pair = self.pair
        self.feed(pair.server.greeting(NOW_MS))
        serial = pair.next_serial()
        frame = self.do(f"sign-on {serial}", self.client.sign_on(NOW_MS, serial, BUSINESS_DAY))
        pair.to_server.append(frame)
        asked = only(pair.carry_to_server(), events.SignOnReceived)
        self.feed(pair.accept(asked))

    def request(self, row: MessageType, *, retry: bool = False) -> events.RequestReceived:
        """Ask; returns the server's event."""
        pair, message = self.pair, sample(row)
        serial = pair.serial if retry else pair.next_serial()
        frame = self.client.request(
            message, serial=serial, budget_ms=5000, retry=retry, transaction=row.transaction, **_DAY
        )
        flag = " retry" if retry else ""
        self.do(f"request {row.transaction.name} {serial} 5000{flag}", frame)
        self.block.lines[-1:-1] = self._lines(row, message, self.setup.charset)
        pair.to_server.append(frame)
        return only(pair.carry_to_server(), events.RequestReceived)

    def answer(self, asked: Any, code: ResponseCode, message: Any = None, wait: int = 0) -> bytes:
        return self.pair.server.respond(asked.header, code, message, NOW_MS, wait)

    def heartbeat(self) -> None:
        serial = self.pair.next_serial()
        frame = self.do(f"heartbeat {serial}", self.client.heartbeat(serial, **_DAY))
        self.pair.to_server.append(frame)
        beat = only(self.pair.carry_to_server(), events.HeartbeatReceived)
        self.feed(self.pair.server.heartbeat_reply(beat.header, NOW_MS))

    def change_keys(self, *, told: bool = True) -> None:
        pair = self.pair
        if told:
            self.feed(pair.server.key_change_due(60_000, NOW_MS))
        serial = pair.next_serial()
        pair.to_server.append(
            self.do(f"key-change {serial}", self.client.key_change(serial, **_DAY))
        )
        asked = only(pair.carry_to_server(), events.KeyChangeReceived)
        keys = self.setup.working_keys(pair.server.generation + 1)
        self.feed(pair.server.change_keys(asked.header, keys, NOW_MS))

    def sign_off(self) -> None:
        serial = self.pair.next_serial()
        self.pair.to_server.append(
            self.do(f"sign-off {serial}", self.client.sign_off(serial, **_DAY))
        )
        off = only(self.pair.carry_to_server(), events.SignOffReceived)
        self.feed(self.pair.server.sign_off_reply(off.header, NOW_MS))


def _plain_event(event: events.ClientEvent) -> str:
    match event:
        case events.DrainReceived():
            return f"drain {event.grace_ms}"
        case events.KeyChangeDueReceived():
            return f"key-change-due {event.grace_ms}"
        case events.KeysChanged():
            return f"keys-changed {event.generation}"
        case events.HeartbeatAnswered():
            return f"heartbeat {event.header.serial}"
        case events.SignedOff():
            return "signed-off"
        case events.ProtocolBroken():
            return "broken"
    raise AssertionError(event)


def transcripts(lines: Lines) -> Iterator[Block]:
    """A whole life under every suite, field cipher and charset; then what may go wrong."""
    for setup in ALL_SETUPS:
        for charset in ("utf-8", "gb18030"):
            own = ChannelSetup(setup.suite, setup.field_cipher, charset)
            yield _life(own, lines)
    for name, harm in _HARMS.items():
        for setup in (ChannelSetup(), ChannelSetup(SuiteId.GM_CMAC, FieldCipherId.SM4_CBC)):
            talk = _Talk(f"{name}, suite {int(setup.suite)}", setup, lines)
            harm(talk)
            yield talk.block


def _life(setup: ChannelSetup, lines: Lines) -> Block:
    name = f"a life, suite {int(setup.suite)}, cipher {int(setup.field_cipher)}, {setup.charset}"
    talk = _Talk(name, setup, lines)
    talk.sign_on()
    first, second = talk.request(_VERIFY), talk.request(_REGISTER)
    # Answers come in any order, and in one piece.
    talk.feed(
        talk.answer(second, ResponseCode.CHANGED, sample(_REGISTERED))
        + talk.answer(first, ResponseCode.WRONG_CODE, sample(_VERIFIED))
    )
    talk.heartbeat()
    open_ = talk.request(_VERIFY)
    talk.change_keys()
    talk.feed(talk.answer(open_, ResponseCode.BUSY, wait=250))
    talk.feed(talk.answer(talk.request(_VERIFY, retry=True), ResponseCode.APPROVED))
    talk.change_keys(told=False)
    _reject(talk)
    talk.feed(talk.pair.server.drain(5000, NOW_MS))
    talk.sign_off()
    return talk.block


def _reject(talk: _Talk) -> None:
    """A frame that the server takes for spoilt, and what it says to it, with a good MAC."""
    serial = talk.pair.next_serial()
    frame = talk.do(f"heartbeat {serial}", talk.client.heartbeat(serial, **_DAY))
    talk.pair.server.feed(frame[:-1] + bytes([frame[-1] ^ 1]), NOW_MS)
    event = talk.pair.server.next_event()
    assert isinstance(event, events.Rejected)
    talk.feed(event.frame)


# ---------------------------------------------------------------- what may go wrong


def _spoil(frame: bytes, place: int) -> bytes:
    place %= len(frame)
    return frame[:place] + bytes([frame[place] ^ 1]) + frame[place + 1 :]


def _refused(talk: _Talk) -> None:
    pair = talk.pair
    talk.feed(pair.server.greeting(NOW_MS))
    serial = pair.next_serial()
    pair.to_server.append(
        talk.do(f"sign-on {serial}", talk.client.sign_on(NOW_MS, serial, BUSINESS_DAY))
    )
    asked = only(pair.carry_to_server(), events.SignOnReceived)
    talk.feed(pair.server.refuse(asked.header, ResponseCode.SIGN_ON_REFUSED, NOW_MS))


def _sign_on_spoilt(place: int) -> Callable[[_Talk], None]:
    def harm(talk: _Talk) -> None:
        pair = talk.pair
        talk.feed(pair.server.greeting(NOW_MS))
        serial = pair.next_serial()
        pair.to_server.append(
            talk.do(f"sign-on {serial}", talk.client.sign_on(NOW_MS, serial, BUSINESS_DAY))
        )
        asked = only(pair.carry_to_server(), events.SignOnReceived)
        talk.feed(_spoil(pair.accept(asked), place))

    return harm


def _answer_spoilt(place: int) -> Callable[[_Talk], None]:
    def harm(talk: _Talk) -> None:
        talk.sign_on()
        asked = talk.request(_VERIFY)
        talk.feed(_spoil(talk.answer(asked, ResponseCode.APPROVED, sample(_VERIFIED)), place))

    return harm


def _twice(talk: _Talk) -> None:
    """The same frame again: its sequence number doesn't rise."""
    talk.sign_on()
    answer = talk.answer(talk.request(_VERIFY), ResponseCode.APPROVED, sample(_VERIFIED))
    talk.feed(answer + answer)


def _greeted_twice(talk: _Talk) -> None:
    greeting = talk.pair.server.greeting(NOW_MS)
    talk.feed(greeting)
    talk.feed(greeting)


def _reflected(talk: _Talk) -> None:
    """The client's own frame comes back."""
    talk.sign_on()
    serial = talk.pair.next_serial()
    talk.feed(talk.do(f"heartbeat {serial}", talk.client.heartbeat(serial, **_DAY)))


def _answer_first(talk: _Talk) -> None:
    """No greeting, an answer of another conversation at once."""
    other = WirePair(talk.setup).sign_on()
    talk.feed(other.server.respond(other.ask_verify().header, ResponseCode.APPROVED, None, NOW_MS))


def _forged_reject(talk: _Talk) -> None:
    talk.sign_on()
    asked = talk.request(_VERIFY)
    other = WirePair(talk.setup)
    talk.feed(other.server.refuse(asked.header, ResponseCode.BAD_MAC, NOW_MS))


_HARMS: dict[str, Callable[[_Talk], None]] = {
    "sign-on refused": _refused,
    "the server's proof is wrong": _sign_on_spoilt(-1),
    "another client's nonce": _sign_on_spoilt(64 + 32),
    "a wrapped key altered": _sign_on_spoilt(64 + 60),
    "an answer's MAC is wrong": _answer_spoilt(-1),
    "an answer's code altered": _answer_spoilt(35),
    "an answer's serial altered": _answer_spoilt(23),
    "another session": _answer_spoilt(51),
    "another channel": _answer_spoilt(15),
    "another suite": _answer_spoilt(42),
    "another generation": _answer_spoilt(41),
    "the same frame twice": _twice,
    "greeted twice": _greeted_twice,
    "a reflected frame": _reflected,
    "an answer before the greeting": _answer_first,
    "a forged reject": _forged_reject,
}
