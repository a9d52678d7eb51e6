"""Two ends of a connection and a wire between them, without any I/O.

    pair = WirePair(ChannelSetup(SuiteId.GM_CMAC, FieldCipherId.SM4_GCM)).sign_on()
    asked = pair.ask(VerifyOtpRequest(...))             # RequestReceived, as the server saw it
    got = pair.answer(asked, ResponseCode.APPROVED)     # ResponseReceived, as the client saw it

Everything is derived from the setup's seed, so the same setup makes the same bytes. `deliver`
carries what was sent and returns the events of both sides; tests that want to cut, swap or alter
bytes take them out of `to_server` and `to_client` first.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.connection import (
    ClientConnection,
    ClientEvent,
    Greeted,
    KeyChangeReceived,
    KeysChanged,
    RequestReceived,
    ResponseReceived,
    ServerConnection,
    ServerEvent,
    SignedOn,
    SignOnReceived,
)
from tigertally_protocol.keys import WorkingKeys, split_working_keys, working_key_bytes
from tigertally_protocol.messages.verification import VerifyOtpRequest, VerifyOtpResponse
from tigertally_protocol.secret import SecretText
from tigertally_protocol.suites import ALLOWED_PAIRS, SUITES, FieldCipherId, SuiteId

NOW_MS = 1_767_225_600_000  # 2026-01-01 00:00 UTC
BUSINESS_DAY = 20_454  # the same day

# Something to ask, and a good answer to it.
VERIFY = VerifyOtpRequest(
    institution="0001",
    customer="6222020200012345",
    token="TK-000017",
    reference="pay-77",
    end_user_address="203.0.113.9",
    otp=SecretText("314159"),
)
VERIFIED = VerifyOtpResponse(
    entry_shard=3, entry_seq=99, token="TK-000017", token_state=2, remaining_tries=5
)

EventT = TypeVar("EventT", bound=ServerEvent | ClientEvent)


def stream(seed: str, length: int) -> bytes:
    """`length` bytes that depend on `seed` only. For tests: nothing about them is secret."""
    return hashlib.shake_256(seed.encode()).digest(length)


@dataclass(frozen=True, slots=True)
class ChannelSetup:
    """A channel as both sides know it."""

    suite: SuiteId = SuiteId.INTL_HMAC
    field_cipher: FieldCipherId = FieldCipherId.NONE
    charset: str = "utf-8"
    channel_id: int = 7
    master_key_version: int = 1
    session_id: int = 0x1122334455667788
    seed: str = "tigertally"

    @property
    def master_key(self) -> bytes:
        return stream(f"{self.seed} master", SUITES[self.suite].master_key_bytes)

    def working_keys(self, generation: int) -> WorkingKeys:
        suite = SUITES[self.suite]
        length = working_key_bytes(suite, self.field_cipher)
        material = stream(f"{self.seed} working {generation}", length)
        return split_working_keys(suite, self.field_cipher, material)

    def server(self) -> ServerConnection:
        return ServerConnection(self.session_id, stream(f"{self.seed} server", 16), "node-1")

    def client(self) -> ClientConnection:
        return ClientConnection(
            self.channel_id,
            self.master_key,
            self.master_key_version,
            self.suite,
            self.field_cipher,
            self.charset,
            "front-end-1",
            stream(f"{self.seed} client", 16),
        )


ALL_SETUPS = tuple(ChannelSetup(suite, cipher) for suite, cipher in sorted(ALLOWED_PAIRS))


class WirePair:
    """See the module's text. Attributes: `server`, `client`, and what is under way in each
    direction, one entry a frame.
    """

    def __init__(self, setup: ChannelSetup | None = None, now_ms: int = NOW_MS) -> None:
        self.setup = setup or ChannelSetup()
        self.now_ms = now_ms
        self.server = self.setup.server()
        self.client = self.setup.client()
        self.to_server: deque[bytes] = deque()
        self.to_client: deque[bytes] = deque()
        self.serial = 0

    # ------------------------------------------------------------------ carrying

    def carry_to_server(self) -> list[ServerEvent]:
        """Deliver what the client sent; the server's events."""
        self.server.feed(b"".join(self.to_server), self.now_ms)
        self.to_server.clear()
        return drain(self.server)

    def carry_to_client(self) -> list[ClientEvent]:
        """Deliver what the server sent; the client's events."""
        self.client.feed(b"".join(self.to_client))
        self.to_client.clear()
        return drain(self.client)

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    # ------------------------------------------------------------------ whole exchanges

    def greet(self) -> Greeted:
        self.to_client.append(self.server.greeting(self.now_ms))
        return only(self.carry_to_client(), Greeted)

    def send_sign_on(self) -> SignOnReceived:
        frame = self.client.sign_on(self.now_ms, self.next_serial(), BUSINESS_DAY)
        self.to_server.append(frame)
        return only(self.carry_to_server(), SignOnReceived)

    def accept(self, asked: SignOnReceived, **changes: Any) -> bytes:
        """The server's answer to a sign-on, not delivered yet."""
        arguments: dict[str, Any] = {
            "master_key": self.setup.master_key,
            "suite": self.setup.suite,
            "field_cipher": self.setup.field_cipher,
            "charset": self.setup.charset,
            "working": self.setup.working_keys(1),
            "in_flight_limit": 256,
            "heartbeat_s": 30,
            "idle_s": 90,
            "key_life_s": 86_400,
            "now_ms": self.now_ms,
        }
        return self.server.accept_sign_on(asked.header, asked.message, **(arguments | changes))

    def sign_on(self) -> Self:
        self.greet()
        self.to_client.append(self.accept(self.send_sign_on()))
        only(self.carry_to_client(), SignedOn)
        return self

    def request(self, message: Any, **changes: Any) -> bytes:
        """A client's request, not delivered yet."""
        arguments: dict[str, Any] = {
            "business_day": BUSINESS_DAY,
            "budget_ms": 5_000,
            "now_ms": self.now_ms,
        } | changes
        serial = arguments.pop("serial", 0) or self.next_serial()
        return self.client.request(message, serial=serial, **arguments)

    def ask(self, message: Any, **changes: Any) -> RequestReceived:
        self.to_server.append(self.request(message, **changes))
        return only(self.carry_to_server(), RequestReceived)

    def ask_verify(self, **changes: Any) -> RequestReceived:
        return self.ask(VERIFY, **changes)

    def answer(
        self, asked: RequestReceived, code: ResponseCode, message: Any = None
    ) -> ResponseReceived:
        self.to_client.append(self.server.respond(asked.header, code, message, self.now_ms))
        return only(self.carry_to_client(), ResponseReceived)

    def change_keys(self) -> KeysChanged:
        frame = self.client.key_change(
            self.next_serial(), business_day=BUSINESS_DAY, now_ms=self.now_ms
        )
        self.to_server.append(frame)
        asked = only(self.carry_to_server(), KeyChangeReceived)
        working = self.setup.working_keys(self.server.generation + 1)
        self.to_client.append(self.server.change_keys(asked.header, working, self.now_ms))
        return only(self.carry_to_client(), KeysChanged)


def drain(end: Any) -> list[Any]:
    """All events that `end`, a connection, has now."""
    events = []
    while (event := end.next_event()) is not None:
        events.append(event)
    return events


def only(events: list[Any], kind: type[EventT]) -> EventT:
    """The single event, which must be of `kind`."""
    assert len(events) == 1, events
    (event,) = events
    assert isinstance(event, kind), event
    return event
