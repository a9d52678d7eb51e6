"""Known secrets in every field of every request, and the search for what is left of them.

`Plants` gives each field a value of its own that fits its layout and its meaning; what was sent and
what was answered is remembered by kind. `Needles` writes each in every form in which a program
might have left it; `search` looks for all of them at once in files of any size, by grep.
"""

from __future__ import annotations

import base64
import random
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tigertally_protocol.registry import MESSAGES, MessageType
from tigertally_protocol.secret import SecretBytes, SecretText
from tigertally_protocol.transactions import Kind as FrameKind
from tigertally_server.sensitive.fields import row_of
from tigertally_server.sensitive.kinds import KINDS, Class, Kind

CHARSETS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
SHORTEST = 6
"""Shorter values are found in any big file by chance."""


def requests() -> list[MessageType]:
    """Every request that a channel may send, by code."""
    session = {"SIGN_ON", "SIGN_OFF", "HEARTBEAT", "KEY_CHANGE"}
    rows = [row for row in MESSAGES.values() if row.kind == FrameKind.REQUEST]
    return sorted((r for r in rows if r.transaction.name not in session), key=_order)


_LATE = (
    *("DISABLE_TOKEN", "ENABLE_TOKEN", "REPORT_LOSS", "WITHDRAW_LOSS"),
    *("DISABLE_PASSWORD", "ENABLE_PASSWORD", "RESET_PASSWORD", "REMOVE_APP_KEY"),
    *("CHANGE_PHONE", "CANCEL_PHONE_CHANGE", "UNBIND_PHONE", "REPLACE_TOKEN"),
    *("UNBIND_TOKEN", "VOID_TOKEN", "RESTORE_TOKEN", "CLOSE_USER"),
)


def _order(row: MessageType) -> tuple[int, int]:
    """By code, but what takes something away comes when everything else was tried."""
    name = row.transaction.name
    if name == "VERIFY_OTP":  # before failures throttle it
        return (-1, row.transaction)
    return (_LATE.index(name) + 1 if name in _LATE else 0, row.transaction)


@dataclass
class Plants:
    """What was planted: value → what it is. `kept`: those that the database may hold in the clear
    (a customer's number), which only logs must not.
    """

    seed: int
    secrets: dict[str | bytes, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def message(self, row: MessageType, known: Mapping[str, Any]) -> Any:
        """A request with a secret in each field that can hold one; `known`: what it must say to get
        anywhere. Raises BadField's cause at encoding only, so that garbage can be sent too.
        """
        values = {}
        for spec in row.fields:
            if spec.reserved or spec.kind in {"secret_pad", "seal_trailer"}:
                continue
            default = getattr(row.blank, spec.name, None)
            if default is None:
                continue
            value = known.get(f"{row.transaction.name}.{spec.name}", known.get(spec.name))
            if value is None:
                value = self._value(row.cls.__name__, spec, default)
            values[spec.name] = _typed(default, value, spec.width)
            self.note(row.cls.__name__, spec.name, values[spec.name])
        return row.cls(**values)

    def note(self, message: str, name: str, value: Any) -> None:
        """Remembers a value by what its field is."""
        kind = row_of(message, name)
        assert kind is not None, f"{message}.{name} is not in the catalogue"
        plain = value.reveal() if isinstance(value, SecretText | SecretBytes) else value
        if isinstance(plain, bytes):
            plain = plain.rstrip(b"\0")
        if not isinstance(plain, str | bytes) or len(plain) < SHORTEST:
            return
        if KINDS[kind.kind].cls not in (Class.SECRET, Class.PERSONAL):
            return
        what = f"{kind.kind.value} ({message}.{name})"
        if kind.kind is Kind.CUSTOMER:
            self.kept.setdefault(str(plain), what)
        else:
            self.secrets.setdefault(plain, what)

    def note_answer(self, row: MessageType, message: Any) -> None:
        """What the server drew or told."""
        if message is not None:
            for name, value in msgspec.structs.asdict(message).items():
                if not isinstance(value, int) and name != "delivery_reason":
                    self.note(row.cls.__name__, name, value)

    def digits(self, count: int) -> str:
        return "".join(self._random.choice("123456789") for _ in range(count))

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def _value(self, message: str, spec: Any, default: Any) -> Any:
        row = row_of(message, spec.name)
        assert row is not None, f"{message}.{spec.name} is not in the catalogue"
        if isinstance(default, int):
            return default
        if isinstance(default, bytes):
            return self._random.randbytes(spec.width)
        if "digits" in spec.kind:
            return self.digits(min(spec.width, 12))
        if KINDS[row.kind].cls is Class.PUBLIC:
            return ""
        if "ident" in spec.kind:
            return f"Pl{self.digits(min(spec.width, 20) - 2)}"
        return "密语" + self.digits(min(spec.width // 4, 10))


def _typed(default: Any, value: Any, width: int) -> Any:
    if isinstance(default, SecretText):
        return SecretText(value)
    if isinstance(default, SecretBytes):
        return SecretBytes(bytes(value).ljust(width, b"\0"))
    return value


# ---------------------------------------------------------------- the search


def forms(value: str | bytes) -> dict[str, bytes]:
    """Every spelling of a value: charsets, hexadecimal, base64 at each alignment, escapes."""
    plain = (
        {"raw": value}
        if isinstance(value, bytes)
        else {charset: value.encode(charset) for charset in CHARSETS}
    )
    found = dict(plain)
    for name, raw in plain.items():
        found |= {f"{name} hex": raw.hex().encode(), f"{name} HEX": raw.hex().upper().encode()}
        for offset in range(3):
            found[f"{name} base64+{offset}"] = _inner_base64(raw, offset, base64.b64encode)
            found[f"{name} base64url+{offset}"] = _inner_base64(
                raw, offset, base64.urlsafe_b64encode
            )
    if isinstance(value, bytes):
        found["repr"] = repr(value)[2:-1].encode()
        found["base32"] = base64.b32encode(value).rstrip(b"=")
    else:
        found["escaped"] = value.encode("unicode_escape")
    return {name: raw for name, raw in found.items() if raw and b"\n" not in raw}


def _inner_base64(raw: bytes, offset: int, encode: Any) -> bytes:
    """What stands within a longer text's base64, whatever stood before and behind."""
    text: bytes = encode(bytes(offset) + raw)
    start = (0, 2, 3)[offset]
    whole = (len(raw) + offset) * 8 // 6
    return text[start:whole]


def search(needles: Mapping[bytes, str], places: Iterable[Path]) -> list[tuple[str, str]]:
    """(what, where) of every needle that any of the files holds."""
    files = [str(path) for path in places]
    if not needles or not files:
        return []
    with tempfile.NamedTemporaryFile() as patterns:
        patterns.write(b"\n".join(needles))
        patterns.flush()
        answer = subprocess.run(
            ["grep", "-aoFHZ", "-f", patterns.name, "--", *files],
            capture_output=True,
            check=False,
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        )
    assert answer.returncode in (0, 1), answer.stderr[:500]
    found = []
    for line in answer.stdout.split(b"\n"):
        place, nul, needle = line.partition(b"\0")
        if nul:
            found.append((needles.get(needle, repr(needle)), place.decode()))
    return sorted(set(found))


def needles_of(values: Mapping[Any, str]) -> dict[bytes, str]:
    """Form → what it is, of every value."""
    return {
        raw: f"{what} as {form}: {raw!r}"
        for value, what in values.items()
        for form, raw in forms(value).items()
    }
