"""A worked example for the specification: one short conversation with fixed keys, frame by frame.

It uses the two connection classes like any program, so what it shows is what they do. The keys and
nonces are counted bytes, good for nothing but reading. Renders Markdown; knows no files.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any, Final

from tigertally_protocol.client_connection import ClientConnection
from tigertally_protocol.codec import SEAL_FIELD, FieldSpec, walk
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import FLAG_SEALED, HEADER_LENGTH, MAC_LENGTH, UTF_8
from tigertally_protocol.events import KeyChangeReceived, Rejected, RequestReceived, SignOnReceived
from tigertally_protocol.header import HEADER, decode_header
from tigertally_protocol.keys import (
    LABEL_REQUEST,
    LABEL_RESPONSE,
    WorkingKeys,
    check_value,
    kdf,
    kek,
    master_key_check_value,
    split_working_keys,
    working_key_bytes,
    wrap_key,
)
from tigertally_protocol.mac import MacKey
from tigertally_protocol.messages.verification import VerifyOtpRequest, VerifyOtpResponse
from tigertally_protocol.registry import message_type
from tigertally_protocol.seal import FieldKey
from tigertally_protocol.secret import SecretText
from tigertally_protocol.server_connection import ServerConnection
from tigertally_protocol.suites import FIELD_CIPHERS, SUITES, FieldCipherId, Suite, SuiteId
from tigertally_protocol.transactions import Direction, TokenState

NOW_MS: Final = 1_767_225_600_000  # 2026-01-01 00:00 UTC
BUSINESS_DAY: Final = 20_454
CHANNEL: Final = 7
SESSION: Final = 0x0102030405060708
SERVER_NONCE: Final = bytes(range(0x10, 0x20))
CLIENT_NONCE: Final = bytes(range(0x20, 0x30))
_TOKEN: Final = "TK-000017"  # noqa: S105  # a serial number
_VERIFY: Final = VerifyOtpRequest(
    institution="0001",
    customer="6222020200012345",
    token=_TOKEN,
    reference="pay-77",
    end_user_address="203.0.113.9",
    otp=SecretText("314159"),
)
_VERIFIED: Final = VerifyOtpResponse(
    entry_shard=3,
    entry_seq=99,
    token=_TOKEN,
    token_state=TokenState.ACTIVE,
    remaining_tries=5,
)
Rows = Iterable[tuple[Any, ...]]


def table(heads: tuple[str, ...], rows: Rows) -> str:
    """A Markdown table."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def master_key(suite: Suite) -> bytes:
    """The example's channel master key: 00 01 02 …"""
    return bytes(range(suite.master_key_bytes))


def working_keys(suite: Suite, field_cipher: int, generation: int) -> WorkingKeys:
    """The example's working keys: 40 41 42 … in the order of the slots, C0 … in generation 2."""
    start = 0x40 * (1 if generation == 1 else 3)
    length = working_key_bytes(suite, field_cipher)
    material = bytes((start + index) % 256 for index in range(length))
    return split_working_keys(suite, field_cipher, material)


# ---------------------------------------------------------------- the conversation


class _Talk:
    """Both ends, and what they have said."""

    def __init__(self, suite: SuiteId, field_cipher: FieldCipherId) -> None:
        self.suite, self.field_cipher = SUITES[suite], field_cipher
        self.server = ServerConnection(SESSION, SERVER_NONCE, "node-1")
        self.client = ClientConnection(
            CHANNEL,
            master_key(self.suite),
            1,
            suite,
            field_cipher,
            UTF_8,
            "front-end-1",
            CLIENT_NONCE,
        )
        self.said: list[tuple[str, bytes]] = []

    def to_client(self, title: str, frame: bytes) -> None:
        self.said.append((title, frame))
        self.client.feed(frame)
        while self.client.next_event() is not None:
            pass

    def to_server(self, title: str, frame: bytes) -> Any:
        self.said.append((title, frame))
        self.server.feed(frame, NOW_MS)
        return self.server.next_event()


def conversation(
    suite: SuiteId = SuiteId.INTL_HMAC, field_cipher: FieldCipherId = FieldCipherId.AES_128_GCM
) -> list[tuple[str, bytes]]:
    """Titles and frames: greeting, sign-on, a verification, a key change, a reject."""
    talk = _Talk(suite, field_cipher)
    talk.to_client("Greeting", talk.server.greeting(NOW_MS))
    asked = talk.to_server("Sign-on request", talk.client.sign_on(NOW_MS, 1, BUSINESS_DAY))
    assert isinstance(asked, SignOnReceived)
    welcome = talk.server.accept_sign_on(
        asked.header,
        asked.message,
        master_key=master_key(talk.suite),
        suite=suite,
        field_cipher=field_cipher,
        charset=UTF_8,
        working=working_keys(talk.suite, field_cipher, 1),
        in_flight_limit=256,
        heartbeat_s=30,
        idle_s=90,
        key_life_s=86_400,
        now_ms=NOW_MS,
    )
    talk.to_client("Sign-on response", welcome)
    _verify(talk)
    _change_keys(talk)
    return talk.said


def _verify(talk: _Talk) -> None:
    frame = talk.client.request(
        _VERIFY, serial=2, business_day=BUSINESS_DAY, budget_ms=5_000, now_ms=NOW_MS
    )
    asked = talk.to_server("VERIFY_OTP request", frame)
    assert isinstance(asked, RequestReceived)
    assert asked.message == _VERIFY
    answer = talk.server.respond(asked.header, ResponseCode.APPROVED, _VERIFIED, NOW_MS)
    talk.to_client("VERIFY_OTP response", answer)


def _change_keys(talk: _Talk) -> None:
    frame = talk.client.key_change(3, business_day=BUSINESS_DAY, now_ms=NOW_MS)
    asked = talk.to_server("KEY_CHANGE request", frame)
    assert isinstance(asked, KeyChangeReceived)
    keys = working_keys(talk.suite, talk.field_cipher, 2)
    answer = talk.server.change_keys(asked.header, keys, NOW_MS)
    talk.to_client("KEY_CHANGE response, still under generation 1", answer)
    frame = talk.client.heartbeat(4, business_day=BUSINESS_DAY, now_ms=NOW_MS)
    title = "HEARTBEAT request under generation 2, its last byte spoilt on the way"
    rejected = talk.to_server(title, frame[:-1] + bytes([frame[-1] ^ 1]))
    assert isinstance(rejected, Rejected)
    talk.to_client("Reject (BAD_MAC), MACed under generation 2", rejected.frame)


# ---------------------------------------------------------------- frames for reading


def _shown(spec: FieldSpec, raw: bytes) -> str:
    if spec.kind.startswith("u"):
        return str(int.from_bytes(raw, "big"))
    if spec.kind in {"ident", "digits", "text"}:
        return f"“{raw.decode(UTF_8).rstrip()}”"
    return ""


def _lines(specs: Iterable[FieldSpec], frame: bytes, start: int, *, sealed: bool) -> Rows:
    for spec in specs:
        at = start + spec.offset
        raw = frame[at : at + spec.width]
        hidden = sealed and (spec.secret or spec.name == SEAL_FIELD)
        shown = "sealed" if hidden else _shown(spec, raw)
        yield at, f"`{raw.hex(' ')}`", spec.name, shown


def annotated(frame: bytes) -> str:
    """A frame as a table of its fields."""
    header = decode_header(frame)
    row = message_type(header.transaction, header.kind, header.schema)
    rows = list(_lines(walk(HEADER), frame, 0, sealed=False))
    if row is not None:
        sealed = bool(header.flags & FLAG_SEALED)
        rows += _lines(row.fields, frame, HEADER_LENGTH, sealed=sealed)
    rows.append((len(frame) - MAC_LENGTH, f"`{frame[-MAC_LENGTH:].hex(' ')}`", "MAC", ""))
    return table(("offset", "bytes", "field", "value"), rows)


def transcript() -> str:
    """The conversation, every frame annotated."""
    parts = []
    for number, (title, frame) in enumerate(conversation(), 1):
        parts.append(f"**{number}. {title}** ({len(frame)} bytes)\n\n{annotated(frame)}")
    return "\n\n".join(parts)


# ---------------------------------------------------------------- keys for reading


def derivations() -> str:
    """What the example's keys come from, step by step, in suite 1 with field cipher 1."""
    suite, cipher = SUITES[SuiteId.INTL_HMAC], FieldCipherId.AES_128_GCM
    key, keys = master_key(suite), working_keys(suite, cipher, 1)
    context = struct.pack(">I", CHANNEL) + SERVER_NONCE + struct.pack(">Q", SESSION)
    wrapping = kek(suite, key, CHANNEL, CLIENT_NONCE, SERVER_NONCE, SESSION, 1)
    field_key = FieldKey(cipher, keys.field_request)
    frame = dict(conversation())["VERIFY_OTP request"]
    block = b"314159    " + bytes(6)
    sealed, trailer = field_key.seal(block, frame[:HEADER_LENGTH], Direction.REQUEST, 2)
    assert sealed in frame, "the example shows what the frame holds"
    rows = [
        ("channel master key, version 1", key),
        ("its check value", master_key_check_value(suite, key)),
        ("channel id, server nonce, session id", context),
        ("sign-on request key", kdf(suite.kdf, key, LABEL_REQUEST, context, 32)),
        ("sign-on response key", kdf(suite.kdf, key, LABEL_RESPONSE, context, 32)),
        ("client nonce", CLIENT_NONCE),
        ("KEK of generation 1", wrapping),
        ("mac_request", keys.mac_request),
        ("mac_request, wrapped", wrap_key(suite.wrap, wrapping, keys.mac_request)),
        ("mac_request, check value", check_value(suite.mac, keys.mac_request)),
        ("field_request", keys.field_request),
        ("secret block of frame 4 in the clear", block),
        ("its nonce: direction, 0×3, sequence", struct.pack(">B3xQ", 1, 2)),
        ("its associated data", frame[:HEADER_LENGTH]),
        ("sealed", sealed),
        ("trailer: tag, zeros", trailer),
        ("MAC of frame 4, of bytes 0 … 251", frame[-MAC_LENGTH:]),
    ]
    return table(("", "hex"), ((name, f"`{value.hex()}`") for name, value in rows))


def suite_values() -> str:
    """The same inputs through every suite: for testing one's own primitives one by one."""
    rows = []
    for suite in SUITES.values():
        key = master_key(suite)
        wrapping = kek(suite, key, CHANNEL, CLIENT_NONCE, SERVER_NONCE, SESSION, 1)
        mac_key = working_keys(suite, FieldCipherId.NONE, 1).mac_request
        values = [
            ("channel master key", key),
            ("check value of it", master_key_check_value(suite, key)),
            ("KEK of generation 1", wrapping),
            ("mac_request", mac_key),
            ("wrapped", wrap_key(suite.wrap, wrapping, mac_key)),
            ("check value", check_value(suite.mac, mac_key)),
            ("MAC of the 5 bytes `hello`", MacKey(suite.mac, mac_key).tag(b"hello")),
        ]
        rows += [(suite.id.value, name, f"`{value.hex()}`") for name, value in values]
    return table(("suite", "", "hex"), rows)


def cipher_values() -> str:
    """One block through every field cipher."""
    header, block = bytes(range(HEADER_LENGTH)), b"314159    " + bytes(6)
    rows = []
    for row in FIELD_CIPHERS.values():
        if row.cipher is None:
            continue
        key = bytes(range(0x80, 0x80 + row.key_bytes))
        sealed, trailer = FieldKey(row.id, key).seal(block, header, Direction.REQUEST, 5)
        values = [
            ("key", key),
            ("check value", check_value(row.cipher, key)),
            ("sealed block", sealed),
            ("trailer", trailer),
        ]
        rows += [(row.id.value, name, f"`{value.hex()}`") for name, value in values]
    return table(("field cipher", "", "hex"), rows)
