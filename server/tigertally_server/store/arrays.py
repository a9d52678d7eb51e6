"""Parameters in PostgreSQL's binary format, arrays packed in one go.

psycopg chooses an array's element type from its values, so that the same statement would be
prepared again and again, and dumps element by element. These wrappers fix the type and pack a whole
column with one `struct` call or one join. The layout is that of `array_send`
(src/backend/utils/adt/arrayfuncs.c): dimensions, null flag, element oid, length, lower bound, then
each element behind its length. NULL elements are not offered.

`packed` is for statements that go past psycopg's cursors (`drivers.postgres.exchange`); there a plain
int is a bigint, whatever its size.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

from psycopg import BaseConnection
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = struct.Struct(">iiIii")
_LENGTHS = tuple(n.to_bytes(4, "big") for n in range(1024))
"""Packed lengths of nearly every value: indexing is cheaper than packing."""


class Int2Array(list[int]):
    """smallint[]"""


class Int4Array(list[int]):
    """integer[]"""


class Int8Array(list[int]):
    """bigint[]"""


class TextArray(list[str]):
    """text[]"""


class ByteaArray(list[bytes]):
    """bytea[]"""


def _head(count: int, oid: int) -> bytes:
    return (
        _HEAD.pack(1 if count else 0, 0, oid, count, 1) if count else struct.pack(">iiI", 0, 0, oid)
    )


def _integers(values: Sequence[int], oid: int, width: int, code: str) -> bytes:
    count = len(values)
    flat = [width] * (2 * count)
    flat[1::2] = values
    return _head(count, oid) + struct.pack(f">{('i' + code) * count}", *flat)


def _octets(values: Sequence[bytes], oid: int) -> bytes:
    parts = [b""] * (2 * len(values))
    try:
        parts[::2] = [_LENGTHS[len(value)] for value in values]
    except IndexError:
        parts[::2] = [len(value).to_bytes(4, "big") for value in values]
    parts[1::2] = values
    return _head(len(values), oid) + b"".join(parts)


class _ArrayDumper(Dumper):
    format = Format.BINARY


class _Int2Dumper(_ArrayDumper):
    oid = 1005

    def dump(self, obj: Int2Array) -> bytes:
        return _integers(obj, 21, 2, "h")


class _Int4Dumper(_ArrayDumper):
    oid = 1007

    def dump(self, obj: Int4Array) -> bytes:
        return _integers(obj, 23, 4, "i")


class _Int8Dumper(_ArrayDumper):
    oid = 1016

    def dump(self, obj: Int8Array) -> bytes:
        return _integers(obj, 20, 8, "q")


class _TextDumper(_ArrayDumper):
    oid = 1009

    def dump(self, obj: TextArray) -> bytes:
        return _octets([value.encode() for value in obj], 25)


class _ByteaDumper(_ArrayDumper):
    oid = 1001

    def dump(self, obj: ByteaArray) -> bytes:
        return _octets(obj, 17)


_DUMPERS: tuple[tuple[type, type[Dumper]], ...] = (
    (Int2Array, _Int2Dumper),
    (Int4Array, _Int4Dumper),
    (Int8Array, _Int8Dumper),
    (TextArray, _TextDumper),
    (ByteaArray, _ByteaDumper),
)


_BIGINT = struct.Struct(">q")
_PACKED: dict[type, tuple[int, Callable[[Any], Any]]] = {
    int: (20, _BIGINT.pack),
    bytes: (17, bytes),
    **{cls: (dumper.oid, dumper(cls).dump) for cls, dumper in _DUMPERS},
}


def packed(params: Sequence[Any]) -> tuple[list[bytes], list[int]]:
    """(values, oids of their types) of ints, bytes and the arrays above."""
    values, oids = [], []
    for param in params:
        oid, pack = _PACKED[type(param)]
        values.append(pack(param))
        oids.append(oid)
    return values, oids


def register(conn: BaseConnection[Any]) -> None:
    """Teaches one connection these types."""
    for cls, dumper in _DUMPERS:
        conn.adapters.register_dumper(cls, dumper)
