"""The registry as plain rows, for the generators of other languages' codecs.

What they share is worked out once here: one *record* per message class (its fields with offsets and
initial values), one *frame* per registry row that names its record, and the enumerations. Knows no
language; holds nothing that the registry doesn't say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from tigertally_protocol.meanings import field_meaning
from tigertally_protocol.registry import MESSAGES, MessageType
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_protocol.transactions import (
    READ_ONLY,
    FlowState,
    MessageState,
    PasswordKind,
    PasswordState,
    PhoneState,
    QueryState,
    TokenState,
    UserState,
    VerificationState,
)

ENUMERATIONS: Final[tuple[type[IntEnum], ...]] = (
    SuiteId,
    FieldCipherId,
    TokenState,
    UserState,
    PasswordKind,
    PasswordState,
    PhoneState,
    MessageState,
    QueryState,
    FlowState,
    VerificationState,
)
"""What stands in bodies and headers as a number, beside transactions and response codes."""

NUMBERS: Final = frozenset({"u8", "u16", "u32", "u64"})
TEXTS: Final = frozenset({"digits", "ident", "text"})
ZEROS: Final = frozenset({"reserved", "pad", "seal"})


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field of a record.

    Attributes:
        kind: digits, ident, text, octets, u8 … u64, reserved, pad or seal.
        offset: in the body, in bytes.
        initial: of a number, what a message has when nobody sets it.
        meaning: one line of English; blank for zeros.
    """

    name: str
    kind: str
    offset: int
    width: int
    secret: bool
    initial: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Record:
    """One message class.

    Attributes:
        name: as in Python, `VerifyOtpRequest`.
        secret_offset: of the secret block in the body, -1 without one.
    """

    name: str
    summary: str
    fields: tuple[RecordField, ...]
    body_size: int
    secret_offset: int
    secret_width: int

    @property
    def values(self) -> tuple[RecordField, ...]:
        """Its fields that hold something."""
        return tuple(field for field in self.fields if field.kind not in ZEROS)


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One row of the registry."""

    transaction: str
    number: int
    kind: str
    schema: int
    record: Record
    read_only: bool


def records() -> tuple[Record, ...]:
    """Every message class once, in the registry's order.

    Raises:
        ValueError: two classes of one name, or one class with several layouts: a generator could
            not tell them apart.
    """
    found: dict[str, tuple[Record, type[Any], int]] = {}
    for row in MESSAGES.values():
        name = row.cls.__name__
        if name not in found:
            found[name] = (_record(row), row.cls, id(row.layout))
        elif found[name][1:] != (row.cls, id(row.layout)):
            raise ValueError(f"{name} names several layouts")
    return tuple(record for record, _, _ in found.values())


def frames() -> tuple[FrameRow, ...]:
    """Every row of the registry, by transaction, kind and schema."""
    by_name = {record.name: record for record in records()}
    return tuple(
        FrameRow(
            transaction=row.transaction.name,
            number=int(row.transaction),
            kind=row.kind.name,
            schema=row.schema,
            record=by_name[row.cls.__name__],
            read_only=row.transaction in READ_ONLY,
        )
        for _, row in sorted(MESSAGES.items())
    )


def words(name: str) -> Iterator[str]:
    """`VerifyOtpRequest` in words, small: verify, otp, request."""
    return (word.lower() for word in re.findall(r"[A-Z][a-z0-9]*", name))


def _record(row: MessageType) -> Record:
    initial = row.cls()
    return Record(
        name=row.cls.__name__,
        summary=_summary(row.cls),
        fields=tuple(
            RecordField(
                name=spec.name,
                kind=spec.kind,
                offset=spec.offset,
                width=spec.width,
                secret=spec.secret,
                initial=getattr(initial, spec.name) if spec.kind in NUMBERS else 0,
                meaning="" if spec.reserved else field_meaning(spec.name),
            )
            for spec in row.fields
        ),
        body_size=row.body_size,
        secret_offset=row.secret_offset,
        secret_width=row.secret_width,
    )


def _summary(cls: type[Any]) -> str:
    """The first paragraph of the class's text, in one line."""
    return " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())
