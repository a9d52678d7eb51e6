"""Just enough DER (X.690) to read and write time stamps: definite lengths, short tags. Strict: what
is cut, longer than its frame or in a longer form than needed is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tigertally_client.verification.notes import NotGenuine

INTEGER: Final = 0x02
OCTETS: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
SEQUENCE: Final = 0x30
SET: Final = 0x31


@dataclass(frozen=True, slots=True)
class Item:
    """One tag, its contents, and the whole of it as it stood."""

    tag: int
    value: bytes
    whole: bytes


def read(data: bytes) -> list[Item]:
    """Return the items that stand one after another. Raises NotGenuine."""
    items = []
    at = 0
    while at < len(data):
        start = at
        tag, size, at = _head(data, at)
        if at + size > len(data):
            raise NotGenuine("DER that is cut")
        items.append(Item(tag, data[at : at + size], data[start : at + size]))
        at += size
    return items


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    if at + 2 > len(data) or data[at] & 0x1F == 0x1F:
        raise NotGenuine("DER that is cut, or with a long tag")
    tag, size, at = data[at], data[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        octets = data[at : at + count]
        size, at = int.from_bytes(octets), at + count
        if not 1 <= count <= 4 or len(octets) != count or not octets[0] or size < 0x80:
            raise NotGenuine("DER with a length in another form")
    return tag, size, at


def one(data: bytes, tag: int) -> Item:
    """Return the only item of this tag. Raises NotGenuine."""
    items = read(data)
    if len(items) != 1 or items[0].tag != tag:
        raise NotGenuine("DER of another structure")
    return items[0]


def item(tag: int, *parts: bytes) -> bytes:
    """Write an item."""
    value = b"".join(parts)
    size = len(value)
    if size < 0x80:
        return bytes((tag, size)) + value
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets + value


def integer(number: int) -> bytes:
    """Write a non-negative INTEGER."""
    return item(INTEGER, number.to_bytes(number.bit_length() // 8 + 1))


def oid(text: str) -> bytes:
    """Write an object identifier from its dotted form."""
    first, second, *rest = (int(part) for part in text.split("."))
    octets = bytearray()
    for number in (40 * first + second, *rest):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(0x80 | number & 0x7F)
        octets += bytes(reversed(groups))
    return item(OID, bytes(octets))
