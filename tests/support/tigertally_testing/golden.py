"""Golden frames: whole conversations, byte for byte, for clients in other languages and for us.

    python -m tigertally_testing.golden tests/vectors/golden_frames.json     (or `make generate`)

Keys and nonces are fixed, so the file changes only when the wire does — which, for a layout that
was ever released, is a mistake: a change is a new schema beside the old one. Two channels show
every message type, the others what their algorithms touch.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.connection import (
    HeartbeatReceived,
    KeyChangeReceived,
    Rejected,
    RequestReceived,
    SignOffReceived,
    SignOnReceived,
)
from tigertally_protocol.header import decode_header
from tigertally_protocol.registry import MESSAGES, MessageType, decode_body, message_type
from tigertally_protocol.secret import SecretText
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_testing.layouts import ROWS, sample
from tigertally_testing.wire import (
    ALL_SETUPS,
    BUSINESS_DAY,
    NOW_MS,
    ChannelSetup,
    WirePair,
    only,
)

PATH = Path(__file__).parents[2] / "vectors" / "golden_frames.json"
FULL = (
    ChannelSetup(SuiteId.INTL_HMAC, FieldCipherId.NONE),
    ChannelSetup(SuiteId.GM_CMAC, FieldCipherId.SM4_CBC, "gb18030"),
)
SHORT = {Transaction.REGISTER_USER, Transaction.VERIFY_OTP}
_DAY = {"business_day": BUSINESS_DAY, "now_ms": NOW_MS}


def _plain(message: Any) -> dict[str, Any]:
    """A message's fields as JSON has them: octets in hex, secrets (samples here) in the clear."""
    return {name: _json(value) for name, value in msgspec.structs.asdict(message).items()}


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.reveal() if isinstance(value, SecretText) else value


class Recorder:
    """A conversation that writes down every frame."""

    def __init__(self, setup: ChannelSetup) -> None:
        self.pair = WirePair(setup)
        self.frames: list[dict[str, Any]] = []

    def note(self, frame: bytes, message: Any = None) -> bytes:
        """Write `frame` down; a body whose message isn't given has nothing sealed in it."""
        header = decode_header(frame)
        row = message_type(header.transaction, header.kind, header.schema)
        if message is None and row is not None:
            message = decode_body(row, frame[64:-16], "utf-8")
        self.frames.append(
            {
                "type": row.name if row else f"reject {ResponseCode(header.return_code).name}",
                "header": msgspec.structs.asdict(header),
                "message": _plain(message) if row else None,
                "hex": frame.hex(),
            }
        )
        return frame

    def sign_on(self) -> None:
        pair = self.pair
        pair.to_client.append(self.note(pair.server.greeting(NOW_MS)))
        pair.carry_to_client()
        frame = self.note(pair.client.sign_on(NOW_MS, pair.next_serial(), BUSINESS_DAY))
        pair.to_server.append(frame)
        asked = only(pair.carry_to_server(), SignOnReceived)
        pair.to_client.append(self.note(pair.accept(asked)))
        pair.carry_to_client()

    def exchange(self, row: MessageType) -> None:
        """A business request and its answer."""
        pair, message = self.pair, sample(row)
        frame = pair.request(message, transaction=row.transaction)
        pair.to_server.append(self.note(frame, message))
        asked = only(pair.carry_to_server(), RequestReceived)
        answer_row = MESSAGES[row.transaction, Kind.RESPONSE, row.schema]
        answer = sample(answer_row)
        frame = pair.server.respond(asked.header, ResponseCode.APPROVED, answer, NOW_MS)
        pair.to_client.append(self.note(frame, answer))
        pair.carry_to_client()

    def heartbeat(self) -> None:
        pair = self.pair
        pair.to_server.append(self.note(pair.client.heartbeat(pair.next_serial(), **_DAY)))
        beat = only(pair.carry_to_server(), HeartbeatReceived)
        pair.to_client.append(self.note(pair.server.heartbeat_reply(beat.header, NOW_MS)))
        pair.carry_to_client()

    def change_keys(self) -> None:
        pair = self.pair
        pair.to_client.append(self.note(pair.server.key_change_due(60_000, NOW_MS)))
        pair.carry_to_client()
        pair.to_server.append(self.note(pair.client.key_change(pair.next_serial(), **_DAY)))
        asked = only(pair.carry_to_server(), KeyChangeReceived)
        keys = pair.setup.working_keys(2)
        pair.to_client.append(self.note(pair.server.change_keys(asked.header, keys, NOW_MS)))
        pair.carry_to_client()

    def reject(self) -> None:
        """A frame with a wrong MAC (not recorded) and what the server says to it."""
        pair = self.pair
        pair.server.feed(pair.client.heartbeat(pair.next_serial(), **_DAY)[:-1] + b"\x5a", NOW_MS)
        event = pair.server.next_event()
        assert isinstance(event, Rejected)
        pair.to_client.append(self.note(event.frame))
        pair.carry_to_client()

    def sign_off(self) -> None:
        pair = self.pair
        pair.to_client.append(self.note(pair.server.drain(5_000, NOW_MS)))
        pair.to_server.append(self.note(pair.client.sign_off(pair.next_serial(), **_DAY)))
        off = only(pair.carry_to_server(), SignOffReceived)
        self.note(pair.server.sign_off_reply(off.header, NOW_MS))


def conversation(setup: ChannelSetup, *, full: bool) -> dict[str, Any]:
    """One channel's keys and frames."""
    recorder = Recorder(setup)
    recorder.sign_on()
    business = [row for row in ROWS if row.kind is Kind.REQUEST and row.transaction >= 0x0100]
    for row in business:
        if full or row.transaction in SHORT:
            recorder.exchange(row)
    recorder.heartbeat()
    recorder.change_keys()
    recorder.exchange(MESSAGES[Transaction.VERIFY_OTP, Kind.REQUEST, 1])
    recorder.reject()
    recorder.sign_off()
    return {
        "suite": int(setup.suite),
        "field_cipher": int(setup.field_cipher),
        "charset": setup.charset,
        "channel_id": setup.channel_id,
        "master_key": setup.master_key.hex(),
        "master_key_version": setup.master_key_version,
        "working_keys": [
            {
                name: getattr(setup.working_keys(generation), name).hex()
                for name in ("mac_request", "mac_response", "field_request", "field_response")
            }
            for generation in (1, 2)
        ],
        "frames": recorder.frames,
    }


def render() -> str:
    """The file's contents."""
    full = [(setup.suite, setup.field_cipher) for setup in FULL]
    conversations = [conversation(setup, full=True) for setup in FULL]
    conversations += [
        conversation(setup, full=False)
        for setup in ALL_SETUPS
        if (setup.suite, setup.field_cipher) not in full
    ]
    return json.dumps(conversations, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), "utf-8")
