"""Renders the registry, codes, suites and states into the specification, so that it cannot lie.

    python -m tigertally_protocol.export docs/PROTOCOL.md            write the generated parts
    python -m tigertally_protocol.export --check docs/PROTOCOL.md    exit 1 if one is out of date

A generated part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`; the rest of
the page is written by hand and left alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Final, TypeVar

from tigertally_protocol import example
from tigertally_protocol.codec import walk
from tigertally_protocol.codes import CODES
from tigertally_protocol.example import table
from tigertally_protocol.header import HEADER
from tigertally_protocol.meanings import HEADER_FIELDS, field_meaning
from tigertally_protocol.registry import MESSAGES, MessageType
from tigertally_protocol.states import CLIENT_TRANSITIONS, SERVER_TRANSITIONS
from tigertally_protocol.suites import FIELD_CIPHERS, SUITES
from tigertally_protocol.transactions import (
    FACTORS,
    FlowState,
    Kind,
    MessageState,
    PasswordKind,
    PasswordState,
    PhoneState,
    QueryState,
    TokenState,
    Transaction,
    UserState,
)

_PART: Final = re.compile(
    r"(?P<open><!-- generated: (?P<name>[a-z-]+) -->\n).*?(?P<close><!-- end of (?P=name) -->)",
    re.DOTALL,
)


def header() -> str:
    """The header's fields."""
    rows = (
        (spec.offset, spec.width, f"`{spec.name}`", HEADER_FIELDS[spec.name])
        for spec in walk(HEADER)
    )
    return table(("offset", "size", "field", "meaning"), rows)


def transactions() -> str:
    """Codes, and which kinds of frame there are of each, with their sizes."""
    rows = []
    for transaction in Transaction:
        sizes = {
            row.kind: f"{row.body_size} ({row.frame_size})"
            for row in MESSAGES.values()
            if row.transaction is transaction
        }
        cells = [sizes.get(kind, "—") for kind in (Kind.REQUEST, Kind.RESPONSE, Kind.NOTIFY)]
        rows.append((f"`0x{transaction:04X}`", transaction.name, *cells))
    return table(("code", "transaction", "request", "response", "notify"), rows)


def _title(rows: list[MessageType]) -> str:
    names = ", ".join(row.transaction.name for row in rows)
    first = rows[0]
    return f"#### {names} — {first.kind.name.lower()}, schema {first.schema}"


def _layout(rows: list[MessageType]) -> str:
    first = rows[0]
    parts = [_title(rows), f"{first.body_size} bytes, frame {first.frame_size}."]
    if first.has_secrets:
        start, end = first.secret_offset, first.secret_offset + first.secret_width
        parts[1] += f" Secret block: bytes {start} … {end - 1}; seal trailer: {end} … {end + 31}."
    if first.fields:
        lines = (
            (
                spec.offset,
                spec.width,
                f"secret {spec.kind}" if spec.secret and spec.kind != "pad" else spec.kind,
                f"`{spec.name}`",
                field_meaning(spec.name),
            )
            for spec in first.fields
        )
        parts.append(table(("offset", "size", "kind", "field", "meaning"), lines))
    else:
        parts.append("No body.")
    return "\n\n".join(parts)


def layouts() -> str:
    """Every body's layout; transactions that share one stand together."""
    groups: dict[tuple[int, int, int, type], list[MessageType]] = {}
    for row in MESSAGES.values():
        key = (id(row.layout), row.kind, row.schema, row.cls if row.fields else type(None))
        groups.setdefault(key, []).append(row)
    return "\n\n".join(_layout(rows) for rows in groups.values())


def codes() -> str:
    """Every response code."""
    rows = (
        (
            row.number,
            f"`{row.name}`",
            str(row.cls),
            "yes" if row.transient else "",
            "yes" if row.recorded else "",
            "yes" if row.hidden else "",
            row.text,
        )
        for row in CODES.values()
    )
    heads = ("code", "name", "class", "transient", "recorded", "hidden", "meaning")
    return table(heads, rows)


def suites() -> str:
    """Suites and what may go with them."""
    rows = (
        (
            suite.id.value,
            suite.id.name,
            f"HMAC-{suite.kdf.upper()}",
            f"{suite.mac.upper()}, {suite.mac_key_bytes}-byte key, {suite.mac_bytes} bytes count",
            f"{suite.wrap.upper()}, {suite.kek_bytes}-byte KEK",
            suite.master_key_bytes,
            ", ".join(str(int(cipher)) for cipher in sorted(suite.field_ciphers)),
            f"2^{suite.frames_per_key.bit_length() - 1}",
        )
        for suite in SUITES.values()
    )
    heads = ("id", "suite", "KDF over", "MAC", "key wrap", "master key bytes", "field ciphers",
             "frames per key")  # fmt: skip
    return table(heads, rows)


def field_ciphers() -> str:
    """What seals secret blocks."""
    rows = ((row.id.value, row.id.name, row.key_bytes or "—") for row in FIELD_CIPHERS.values())
    return table(("id", "field cipher", "key bytes"), rows)


def enumerations() -> str:
    """Numbers that stand in bodies."""
    named: tuple[tuple[str, type[IntEnum]], ...] = (
        ("token state", TokenState),
        ("user state", UserState),
        ("password kind", PasswordKind),
        ("password state", PasswordState),
        ("phone state", PhoneState),
        ("message state", MessageState),
        ("query state", QueryState),
        ("flow state", FlowState),
    )
    rows = ((name, ", ".join(f"{item.value} {item.name}" for item in kind)) for name, kind in named)
    return table(("", "values"), rows)


def factors() -> str:
    """What flows may ask for, and which body a step encloses."""
    rows = ((f"`{name}`", transaction.name) for name, transaction in FACTORS.items())
    return table(("factor", "enclosed body"), rows)


StateT = TypeVar("StateT", bound=IntEnum)
TriggerT = TypeVar("TriggerT", bound=IntEnum)


def _states(transitions: Mapping[StateT, Mapping[TriggerT, StateT]]) -> str:
    rows = (
        (state.name, trigger.name, after.name)
        for state, row in transitions.items()
        for trigger, after in row.items()
    )
    return table(("state", "trigger", "next state"), rows)


def server_states() -> str:
    """The server's table of states."""
    return _states(SERVER_TRANSITIONS)


def client_states() -> str:
    """The client's table of states."""
    return _states(CLIENT_TRANSITIONS)


PARTS: Final[dict[str, Callable[[], str]]] = {
    "header": header,
    "transactions": transactions,
    "layouts": layouts,
    "codes": codes,
    "suites": suites,
    "field-ciphers": field_ciphers,
    "enumerations": enumerations,
    "factors": factors,
    "server-states": server_states,
    "client-states": client_states,
    "example-keys": example.derivations,
    "example-frames": example.transcript,
    "example-suites": example.suite_values,
    "example-ciphers": example.cipher_values,
}


def render(page: str) -> str:
    """`page` with its generated parts made anew.

    Raises:
        ValueError: a part of `PARTS` is missing from the page, or stands in it twice.
        KeyError: the page names a part that doesn't exist.
    """
    names = sorted(match["name"] for match in _PART.finditer(page))
    if names != sorted(PARTS):
        raise ValueError(f"generated parts are {names}, must be {sorted(PARTS)}")
    return _PART.sub(lambda m: f"{m['open']}\n{PARTS[m['name']]()}\n\n{m['close']}", page)


def main(arguments: list[str]) -> int:
    """The command line; see the module's text."""
    check = "--check" in arguments
    paths = [Path(argument) for argument in arguments if argument != "--check"]
    for path in paths:
        page = path.read_text("utf-8")
        current = render(page)
        if check and current != page:
            sys.stderr.write(f"{path}: out of date; run `make generate`\n")
            return 1
        if current != page:
            path.write_text(current, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
