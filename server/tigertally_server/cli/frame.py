"""frame decode: what the bytes of a frame say, without any key.

MACs are not checked and sealed blocks stay shut: that takes the session's keys. What is secret and
lies open is masked all the same, because decoded frames end up in tickets and mails.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from typing import Any, Final

import click
import msgspec

from tigertally_protocol import registry
from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.constants import (
    CHARSETS,
    FLAG_RETRY,
    FLAG_SEALED,
    HEADER_LENGTH,
    MAC_LENGTH,
    REJECT_LENGTH,
    UTF_8,
)
from tigertally_protocol.errors import BadField, FrameError
from tigertally_protocol.header import Header, decode_header
from tigertally_protocol.registry import MessageType
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_server.cli.output import CommandError
from tigertally_server.domain.calendar import day_name

_MASK: Final = "«secret»"
_FLAGS: Final = ((FLAG_SEALED, "SEALED"), (FLAG_RETRY, "RETRY"))


@click.group()
def frame() -> None:
    """Frames of the socket protocol."""


@frame.command("decode")
@click.argument("hexadecimal", metavar="HEX|-", nargs=-1, required=True)
@click.option(
    "--charset",
    type=click.Choice(CHARSETS),
    default=UTF_8,
    show_default=True,
    help="Of the channel's text fields.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON, for scripts.")
def decode(hexadecimal: tuple[str, ...], charset: str, as_json: bool) -> None:
    """Decode one or more frames given in hex, or read from standard input with -.

    Blanks, line breaks, colons and 0x are passed over. No key is needed: MACs are not checked,
    sealed fields stay sealed, and secret fields that lie open are masked.
    """
    text = sys.stdin.read() if hexadecimal == ("-",) else "".join(hexadecimal)
    data = _bytes(text)
    frames = []
    at = 0
    while at < len(data):
        decoded, length = decode_frame(data, at, charset)
        frames.append({"offset": at, **decoded})
        at += length
    if as_json:
        click.echo(json.dumps(frames, ensure_ascii=False, indent=2))
    else:
        for number, item in enumerate(frames):
            if number:
                click.echo()
            _show(item)
    if any("fault" in item for item in frames):
        sys.exit(1)


def _bytes(text: str) -> bytes:
    dense = re.sub(r"0[xX]|[\s:,]", "", text)
    if not dense:
        raise CommandError("no bytes were given")
    try:
        return bytes.fromhex(dense)
    except ValueError:
        raise CommandError(
            "that is not hexadecimal: an even number of digits 0-9 and a-f"
        ) from None


def decode_frame(data: bytes, at: int, charset: str) -> tuple[dict[str, Any], int]:
    """The frame at an offset, in words, and how many bytes it takes. A fault is said, and takes the
    rest.
    """
    rest = len(data) - at
    if rest < HEADER_LENGTH:
        return {"fault": f"{rest} bytes are less than a header of {HEADER_LENGTH}"}, rest
    try:
        header = decode_header(data, at)
    except FrameError as problem:
        return {"fault": f"{problem.code.name}: {CODES[problem.code].text}"}, rest
    shown: dict[str, Any] = {"header": _header(header)}
    row = registry.message_type(header.transaction, header.kind, header.schema)
    size = REJECT_LENGTH if header.kind == Kind.REJECT else row.frame_size if row else 0
    if not size:
        return {**shown, "fault": "no message has this transaction, kind and schema"}, rest
    if header.total_length != size:
        return {
            **shown,
            "fault": f"total length {header.total_length}; this message has {size} bytes",
        }, rest
    if rest < size:
        return {**shown, "fault": f"cut: {rest} of {size} bytes"}, rest
    body = data[at + HEADER_LENGTH : at + size - MAC_LENGTH]
    if row is not None and header.kind != Kind.REJECT:
        shown["message"] = row.name
        shown.update(_body(row, body, charset, sealed=bool(header.flags & FLAG_SEALED)))
    shown["mac"] = data[at + size - MAC_LENGTH : at + size].hex()
    return shown, size


def _header(header: Header) -> dict[str, Any]:
    """Every field as it stands, and by name where it has one."""
    fields = msgspec.structs.asdict(header)
    fields["transaction"] = _named(Transaction, header.transaction)
    fields["kind"] = _named(Kind, header.kind)
    fields["flags"] = "|".join(name for bit, name in _FLAGS if header.flags & bit) or 0
    fields["sender_time"] = _moment(header.sender_time)
    fields["return_code"] = _named(ResponseCode, header.return_code) if header.return_code else 0
    fields["suite"] = _named(SuiteId, header.suite)
    fields["field_cipher"] = _named(FieldCipherId, header.field_cipher)
    fields["business_day"] = f"{header.business_day} ({day_name(header.business_day)})"
    return fields


def _named(kind: Any, number: int) -> str:
    try:
        return f"{number} ({kind(number).name})"
    except ValueError:
        return f"{number} (unknown)"


def _moment(ms: int) -> str:
    try:
        moment = datetime.fromtimestamp(ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return str(ms)
    return f"{ms} ({moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z')})"


def _body(row: MessageType, body: bytes, charset: str, *, sealed: bool) -> dict[str, Any]:
    sealed = sealed and row.has_secrets
    if sealed:
        # The public fields before the block are readable; a blank block stands for the sealed one.
        blank = registry.encode_body(row, row.blank, charset)
        body = body[: row.secret_offset] + blank[row.secret_offset :]
    try:
        message = registry.decode_body(row, body, charset)
    except BadField as problem:
        return {"fault": f"field {problem.field} holds what its kind does not allow"}
    secret = {spec.name for spec in row.fields if spec.secret}
    shown = {}
    for name in message.__struct_fields__:
        value = getattr(message, name)
        if name in secret:
            shown[name] = "(sealed)" if sealed else _MASK if len(value) else ""
        else:
            shown[name] = value.hex() if isinstance(value, bytes) else value
    return {"body": shown}


def _show(item: dict[str, Any]) -> None:
    title = item.get("message", "frame")
    click.secho(f"{title}, at byte {item['offset']}", bold=True)
    for part in ("header", "body"):
        fields = item.get(part)
        if fields is None:
            continue
        click.echo(f"{part}:")
        width = max((len(name) for name in fields), default=0)
        for name, value in fields.items():
            click.echo(f"  {name:<{width}}  {value}")
    if "mac" in item:
        click.echo(f"mac (not checked): {item['mac']}")
    if "fault" in item:
        click.secho(f"FAULT: {item['fault']}", fg="red", bold=True)
