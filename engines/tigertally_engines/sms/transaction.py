"""What a code is for, as typed fields, in one canonical form, and its digest.

Two transactions have the same digest only if every field is the same: names, types and lengths
stand in the encoding, so no field can flow into its neighbour (a payee "12" of amount 3 is not a
payee "1" of amount 23).

Canonical form: magic `TTX1`, number of fields u16, then by name in byte order: type u8 (1 text, 2
number), length of the name u16, the name, length of the value u32, the value (text in UTF-8,
numbers as u64), all big-endian. Fields that say nothing ("" and 0) stand in it, too.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

MAGIC: Final = b"TTX1"
_TEXT: Final = 1
_NUMBER: Final = 2
_FIELD_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,23}", re.ASCII)
_FREE: Final = "x."  # free fields can't take the place of ours
DIGEST_BYTES: Final = 32


class Field(NamedTuple):
    """One typed field."""

    name: str
    value: str | int


class BadFields(ValueError):
    """The text of free fields can't be read; the message names no value."""


class Transaction(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the customer is asked to confirm.

    channel   number of the calling system
    scene     what kind of act it is
    amount    in the currency's smallest unit; 0 with a blank currency: none
    currency  three letters (ISO 4217)
    free      further fields, by name
    """

    institution: str
    customer: str
    channel: int
    scene: str
    amount: int = 0
    currency: str = ""
    payee: str = ""
    payee_name: str = ""
    purpose: str = ""
    free: tuple[Field, ...] = ()

    def fields(self) -> list[Field]:
        """All fields in no particular order."""
        own = [Field(name, getattr(self, name)) for name in self.__struct_fields__[:-1]]
        return own + [Field(_FREE + name, value) for name, value in self.free]

    def digest(self) -> bytes:
        """SHA-256 of the canonical form."""
        return hashlib.sha256(canonical(self.fields())).digest()


def canonical(fields: Iterable[Field]) -> bytes:
    """The one encoding of these fields; raises BadFields where a name stands twice."""
    ordered = sorted(fields, key=lambda field: field.name)
    names = [field.name for field in ordered]
    if len(set(names)) != len(names):
        raise BadFields("a field stands twice")
    return MAGIC + struct.pack(">H", len(ordered)) + b"".join(map(_encoded, ordered))


def _encoded(field: Field) -> bytes:
    name = field.name.encode()
    if isinstance(field.value, int):
        kind, value = _NUMBER, struct.pack(">Q", field.value)
    else:
        kind, value = _TEXT, field.value.encode()
    return struct.pack(">BH", kind, len(name)) + name + struct.pack(">I", len(value)) + value


def parse_free(text: str) -> tuple[Field, ...]:
    """Free fields written as `name=value; name=value`; raises BadFields.

    Names begin with a small letter and have small letters, digits and underscores, at most 24;
    values hold no semicolon. Blanks around a value don't count, the order doesn't either.
    """
    found = []
    for part in filter(None, (part.strip(" ") for part in text.split(";"))):
        name, equals, value = part.partition("=")
        if not equals or not _FIELD_NAME.fullmatch(name.strip(" ")):
            raise BadFields("a free field is not written as name=value")
        found.append(Field(name.strip(" "), value.strip(" ")))
    if len({field.name for field in found}) != len(found):
        raise BadFields("a free field stands twice")
    return tuple(sorted(found))
