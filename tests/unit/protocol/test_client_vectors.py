"""The vector files for clients are current, and this package's own client passes them."""

from __future__ import annotations

from typing import Any

import pytest

from tigertally_protocol import events as wire
from tigertally_protocol.connection import ClientConnection
from tigertally_protocol.errors import BadField, FrameError
from tigertally_protocol.frame import FrameReader
from tigertally_protocol.registry import MESSAGES, decode_body, encode_body, message_type
from tigertally_protocol.suites import ALLOWED_PAIRS
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_testing import vectors
from tigertally_testing.layouts import ROWS
from tigertally_testing.vectors_text import Block, read_blocks

BY_NAME = {row.name: row for row in MESSAGES.values()}
FILES = {path.name: path for path in vectors.render()}
TALKS = read_blocks(FILES["transcripts.txt"])


@pytest.mark.parametrize(
    ("path", "text"), vectors.render().items(), ids=lambda p: getattr(p, "name", "")
)
def test_current(path, text):
    assert path.read_text("ascii") == text, "make generate"


def message_of(row, block: Block, charset: str):
    specs = {spec.name: spec for spec in row.fields}
    return row.cls(
        **{name: vectors.typed(specs[name], text, charset) for name, text in block.fields().items()}
    )


def test_bodies():
    blocks = read_blocks(FILES["bodies.txt"])
    assert {block["type"] for block in blocks} == {row.name for row in ROWS}
    for block in blocks:
        row, charset = BY_NAME[block["type"]], block["charset"]
        message, body = message_of(row, block, charset), bytes.fromhex(block["hex"])
        assert encode_body(row, message, charset) == body
        assert decode_body(row, body, charset) == message


def test_bad_bodies():
    good: dict[tuple[str, str], bytes] = {}
    for block in read_blocks(FILES["bodies.txt"]):
        good.setdefault((block["type"], block["charset"]), bytes.fromhex(block["hex"]))
    unreadable = [b for b in read_blocks(FILES["bad_bodies.txt"]) if b.kind == "unreadable"]
    for block in unreadable:
        body = bytearray(good[block["type"], block["charset"]])
        put, at = bytes.fromhex(block["put"]), int(block["at"])
        body[at : at + len(put)] = put
        with pytest.raises(BadField) as caught:
            decode_body(BY_NAME[block["type"]], bytes(body), block["charset"])
        assert caught.value.field == block["bad"]
    assert len(unreadable) > 500


@pytest.mark.parametrize("block", read_blocks(FILES["frames.txt"]), ids=lambda b: b["name"])
def test_streams_in_pieces(block):
    data = bytes.fromhex(block["hex"])
    for size in (1, 3, 64, len(data) or 1):
        reader = FrameReader([Kind.RESPONSE, Kind.NOTIFY, Kind.REJECT])
        count, error = 0, "NONE"
        try:
            for start in range(0, len(data), size):
                reader.feed(data[start : start + size])
                while reader.next_frame() is not None:
                    count += 1
        except FrameError as problem:
            error = problem.code.name
        assert (count, error) == (int(block["frames"]), block["error"])


def test_transcripts_show_every_channel():
    shown = {(int(t["suite"]), int(t["field_cipher"])) for t in TALKS}
    assert shown == {(int(suite), int(cipher)) for suite, cipher in ALLOWED_PAIRS}


@pytest.mark.parametrize("talk", TALKS, ids=lambda t: t["name"].replace(" ", "-"))
def test_transcripts(talk):
    client = ClientConnection(
        int(talk["channel"]),
        bytes.fromhex(talk["master_key"]),
        int(talk["master_key_version"]),
        int(talk["suite"]),
        int(talk["field_cipher"]),
        talk["charset"],
        talk["client_name"],
        bytes.fromhex(talk["client_nonce"]),
    )
    told: list[str] = []
    for step in steps(talk):
        if step.kind == "feed":
            assert not told
            client.feed(bytes.fromhex(step["feed"]))
            while (event := client.next_event()) is not None:
                told.append(type(event).__name__)
                check_event(event, step, len(told) - 1, talk["charset"])
            assert len(told) == len([1 for name, _ in step.lines if name == "event"])
            told = []
        else:
            assert do(client, talk, step).hex() == step["frame"]


def steps(talk: Block) -> list[Block]:
    """The transcript cut at each `feed` and `do`."""
    found: list[Block] = []
    for name, value in talk.lines:
        if name in {"feed", "do"}:
            found.append(Block(name))
        if found:
            found[-1].lines.append((name, value))
    return found


def do(client, talk, step):
    what, *words = step["do"].split()
    day = {"business_day": int(talk["business_day"]), "now_ms": int(talk["now_ms"])}
    if what == "request":
        row = MESSAGES[Transaction[words[0]], Kind.REQUEST, 1]
        return client.request(
            message_of(row, step, talk["charset"]),
            serial=int(words[1]),
            budget_ms=int(words[2]),
            retry=words[3:] == ["retry"],
            transaction=row.transaction,
            **day,
        )
    if what == "sign-on":
        return client.sign_on(day["now_ms"], int(words[0]), day["business_day"])
    build = {
        "heartbeat": client.heartbeat,
        "key-change": client.key_change,
        "sign-off": client.sign_off,
    }
    return build[what](int(words[0]), **day)


KINDS: dict[str, type[Any]] = {
    "greeted": wire.Greeted,
    "signed-on": wire.SignedOn,
    "response": wire.ResponseReceived,
    "reject": wire.RejectReceived,
    "drain": wire.DrainReceived,
    "key-change-due": wire.KeyChangeDueReceived,
    "keys-changed": wire.KeysChanged,
    "heartbeat": wire.HeartbeatAnswered,
    "signed-off": wire.SignedOff,
    "broken": wire.ProtocolBroken,
}


def check_event(event, step, place, charset):
    lines = [index for index, (name, _) in enumerate(step.lines) if name == "event"]
    start, end = lines[place], lines[place + 1] if place + 1 < len(lines) else len(step.lines)
    kind, *words = step.lines[start][1].split()
    assert isinstance(event, KINDS[kind])
    if kind == "response":
        header = event.header
        assert words == [str(header.serial), event.code.name, str(event.retry_after_ms)]
        row = message_type(header.transaction, header.kind, header.schema)
        assert row is not None
        assert event.message == message_of(row, Block("fields", step.lines[start:end]), charset)
    elif kind == "reject":
        proof = "authentic" if event.authentic else "forged"
        assert words == [str(event.header.serial), event.code.name, proof]
