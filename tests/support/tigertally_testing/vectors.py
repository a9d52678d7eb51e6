"""The vector files that every client runs, whatever its language: `tests/vectors/client/*.txt`, in
the format of the README beside them. Made from this protocol package with fixed keys and nonces, so
a file changes only when the wire does.

`read` is the format's reader for Python's own run over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tigertally_protocol.constants import CHARSETS, GB18030, UTF_8
from tigertally_protocol.errors import BadField
from tigertally_protocol.registry import MessageType, decode_body, encode_body
from tigertally_protocol.secret import SecretBytes, SecretText
from tigertally_testing import vectors_keys, vectors_talks
from tigertally_testing.layouts import ROWS, sample
from tigertally_testing.vectors_text import Block, render_blocks

FOLDER = Path(__file__).parents[2] / "vectors" / "client"

_ONE_PER_CLASS = tuple({row.cls: row for row in reversed(ROWS)}.values())

# Bytes that no field of the kind may hold, by kind: each alters the sample at the field's start.
_UNREADABLE = {
    "digits": (b"12a", b"1 2", b"\0", b"\xff"),
    "ident": (b"a b", b"\0", b"\x7f", b"\xe7"),
    "reserved": (b"\1",),
    "pad": (b"\1",),
    "seal": (b"\1",),
}
_UNREADABLE_TEXT = {
    UTF_8: (b"\xc0\x80", b"\xe7\x8e", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"a\nb",
            b"\x7f", b"\xc2\x85", b"\0"),
    GB18030: (b"\x80", b"\xff", b"\xcd\x7f", b"\x81\x30", b"\x84\x31\xa5\x30", b"\xe3\x32\x9a\x36",
              b"\x81\x30\x81\x30", b"a\nb", b"\0"),
}  # fmt: skip
_TEXTS = {
    UTF_8: ("", "A b", "王小明", "é", "😀", "乗誠", "　"),
    GB18030: ("", "A b", "王小明", "é", "😀", "乗誠", "　", "€"),
}


def shown(value: Any, kind: str, charset: str) -> str:
    """A field's value as the files write it."""
    if kind in {"digits", "ident"}:
        return value.reveal() if isinstance(value, SecretText) else str(value)
    if kind == "text":
        text = value.reveal() if isinstance(value, SecretText) else value
        return str(text.encode(charset).hex())
    if kind == "octets":
        return bytes(value).hex()
    return str(value)


def message_lines(row: MessageType, message: Any, charset: str) -> Iterator[tuple[str, str]]:
    """A message's fields, one line each."""
    for spec in row.fields:
        if not spec.reserved:
            yield f"field {spec.name}", shown(getattr(message, spec.name), spec.kind, charset)


def _body(row: MessageType, message: Any, charset: str) -> Block:
    lines = [("type", row.name), ("charset", charset), *message_lines(row, message, charset)]
    return Block("body", [*lines, ("hex", encode_body(row, message, charset).hex())])


def _bodies() -> Iterator[Block]:
    """Every layout in both charsets: filled, and blank."""
    for row in ROWS:
        for charset in CHARSETS:
            yield _body(row, sample(row), charset)
        yield _body(row, row.cls(), UTF_8)
    yield from _texts()


def _texts() -> Iterator[Block]:
    """The awkward texts, each in the first text field that there is."""
    row, name = _first("text")
    for charset in CHARSETS:
        for text in _TEXTS[charset]:
            yield _body(row, _changed(row, name, text), charset)


def _first(kind: str) -> tuple[MessageType, str]:
    return next(
        (row, spec.name)
        for row in ROWS
        for spec in row.fields
        if spec.kind == kind and not spec.secret and spec.width >= 16
    )


def _changed(row: MessageType, name: str, value: Any) -> Any:
    message = sample(row)
    values = {spec.name: getattr(message, spec.name) for spec in row.fields if not spec.reserved}
    return row.cls(**(values | {name: value}))


def _bad_bodies() -> Iterator[Block]:
    """For each layout and field: bytes that can't be read."""
    for row in _ONE_PER_CLASS:
        for charset in CHARSETS:
            for spec in row.fields:
                bad = _UNREADABLE_TEXT[charset] if spec.kind == "text" else ()
                for octets in bad or _UNREADABLE.get(spec.kind, ()):
                    if len(octets) <= spec.width and (bad or charset == UTF_8):
                        yield _unreadable(row, charset, spec, octets)


def _unreadable(row: MessageType, charset: str, spec: Any, octets: bytes) -> Block:
    # Text is cut at the field's very end, where it must not be.
    fill = b"\0" if spec.reserved else b" "
    value = (
        octets.rjust(spec.width, b"x") if spec.kind == "text" else octets.ljust(spec.width, fill)
    )
    good = encode_body(row, sample(row), charset)
    body = good[: spec.offset] + value + good[spec.offset + spec.width :]
    try:
        decode_body(row, body, charset)
    except BadField as problem:
        bad = problem.field
    else:
        raise AssertionError(f"{row.name} {spec.name} reads {octets!r}")
    lines = [("type", row.name), ("charset", charset), ("at", str(spec.offset))]
    return Block("unreadable", [*lines, ("put", value.hex()), ("bad", bad)])


def _unwritable() -> Iterator[Block]:
    """Values that don't fit their field, as far as every language can say them."""
    for row in _ONE_PER_CLASS:
        for spec in row.fields:
            if spec.reserved or spec.kind in {"octets", "u64"}:
                continue
            for value in _misfits(spec):
                yield _unwritable_block(row, spec, value)


def _misfits(spec: Any) -> Iterable[Any]:
    match spec.kind:
        case "digits":
            return ("1" * (spec.width + 1), "1 2", "1a", "-1")
        case "ident":
            return ("x" * (spec.width + 1), "a b", "é")
        case "text":
            return ("x" * (spec.width + 1), "王" * (spec.width // 3 + 1), "a\nb", "\x85")
        case _:
            return (256**spec.width,)


def _unwritable_block(row: MessageType, spec: Any, value: Any) -> Block:
    typed = SecretText(value) if spec.secret and spec.kind != "octets" else value
    with pytest.raises(BadField, match=f"^bad field: {spec.name}$"):
        encode_body(row, _changed(row, spec.name, typed), UTF_8)
    hexed = str(value) if spec.kind.startswith("u") else value.encode().hex()
    lines = [("type", row.name), ("charset", UTF_8), ("field", spec.name), ("value", hexed)]
    return Block("unwritable", [*lines, ("bad", spec.name)])


def render() -> dict[Path, str]:
    """Path to contents."""
    files = {
        "bodies.txt": _bodies(),
        "bad_bodies.txt": [*_bad_bodies(), *_unwritable()],
        "keys.txt": vectors_keys.blocks(),
        "frames.txt": vectors_talks.bad_frames(),
        "transcripts.txt": vectors_talks.transcripts(message_lines),
    }
    return {FOLDER / name: render_blocks(blocks) for name, blocks in files.items()}


def typed(spec: Any, text: str, charset: str) -> Any:
    """The value that `shown` wrote."""
    match spec.kind:
        case "digits" | "ident":
            return SecretText(text) if spec.secret else text
        case "text":
            plain = bytes.fromhex(text).decode(charset)
            return SecretText(plain) if spec.secret else plain
        case "octets":
            octets = bytes.fromhex(text)
            return SecretBytes(octets) if spec.secret else octets
        case _:
            return int(text)
