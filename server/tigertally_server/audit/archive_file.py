"""The archive file: one month of the log, compressed, signed, provable without anything else.

A file is gzip members one after another (``gunzip`` reads it); inside, records, each a kind (1
byte), a length (u32, big-endian) and that many bytes; no record crosses a member::

    H  what this is, JSON: format, installation, month, first_day, last_day, made_at (ms)
    S  a shard begins: its number u16, then the frontier of its tree before what follows
    E  an entry's canonical bytes (``audit.leaf``): the month's own
    L  leaf hashes, 32 bytes each: entries of other months that stand between or behind
    T  the shard ends: the signed checkpoint whose tree is exactly what was read so far
    M  the manifest: a signed note over all before it, and the end

So every entry is proven as ``audit prove`` would prove it: the tree grown from the frontier over
all leaves has the root that was signed while the log was live. The manifest's text::

    tigertally/<installation>/archive/<YYYY-MM>
    <number of entries>
    <base64 SHA-256 of all records before the manifest>
    time <ms>

``tigertally_client.archive`` checks a file without any code of the server.

Knows files and hashes; no database, no clock. A file is written from its beginning; what a crash
left is taken up behind its last whole member.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from tigertally_server.audit.note import NoteError, encode_base64, split_note

FORMAT: Final = "tigertally-archive-1"
LEVEL: Final = 6
MEMBER: Final = 1 << 20
"""Bytes of records per gzip member, about."""
MEMBER_MAX: Final = 1 << 23
_GZIP: Final = 31
_READ: Final = 1 << 18
_RECORD: Final = struct.Struct(">cI")
_SHARD: Final = struct.Struct(">H")
_TEXT: Final = re.compile(
    r"(?P<origin>tigertally/[^\s+/]+/archive/\d{4}-\d{2})\n(?P<entries>0|[1-9]\d{0,18})\n"
    r"(?P<digest>[A-Za-z0-9+/]{43}=)\ntime (?P<time>0|[1-9]\d{0,18})\n",
    re.ASCII,
)


class ArchiveError(ValueError):
    """A file that is no archive, or not what was signed; says where."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file is. Days since 1970-01-01, both included; ``made_at`` in ms since then."""

    format: str
    installation: str
    month: str
    first_day: int
    last_day: int
    made_at: int


class Manifest(msgspec.Struct, frozen=True):
    """What was signed."""

    origin: str
    entries: int
    digest: str


def origin_of(installation_id: str, month: str) -> str:
    """Return the manifest's first line, which is the name of the key that signs it, too."""
    return f"tigertally/{installation_id}/archive/{month}"


def manifest_text(origin: str, entries: int, digest: bytes, at_ms: int) -> str:
    """Return the lines that are signed."""
    return f"{origin}\n{entries}\n{encode_base64(digest)}\ntime {at_ms}\n"


def parse_manifest(note: str) -> Manifest:
    """Read a manifest without verifying its signature. Raises ArchiveError."""
    try:
        match = _TEXT.fullmatch(split_note(note)[0])
    except NoteError:
        match = None
    if match is None:
        raise ArchiveError("the manifest is no signed manifest of an archive")
    return Manifest(match["origin"], int(match["entries"]), match["digest"])


def encode_header(header: Header) -> bytes:
    """Return the H record's bytes."""
    return msgspec.json.encode(header)


def decode_header(data: bytes) -> Header:
    """Raises ArchiveError."""
    try:
        header = msgspec.json.decode(data, type=Header)
    except msgspec.DecodeError as problem:
        raise ArchiveError(f"the file's header: {problem}") from None
    if header.format != FORMAT:
        raise ArchiveError(f"the file is not of the format {FORMAT}")
    return header


def encode_shard(shard: int, frontier: bytes) -> bytes:
    """Return the S record's bytes."""
    return _SHARD.pack(shard) + frontier


def decode_shard(data: bytes) -> tuple[int, bytes]:
    """Return (shard, encoded frontier). Raises ArchiveError."""
    if len(data) < _SHARD.size:
        raise ArchiveError("a shard's beginning is cut")
    return _SHARD.unpack_from(data)[0], data[_SHARD.size :]


# ------------------------------------------------------------------------------------ reading


def members(file: BinaryIO, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield (place behind it, records' bytes) of every whole gzip member from ``start`` on.

    Raises:
        ArchiveError: damaged, or cut: what came before was whole.
    """
    file.seek(start)
    waiting, place = b"", start
    while True:
        if not waiting:
            waiting = file.read(_READ)
            if not waiting:
                return
        inflate = zlib.decompressobj(_GZIP)
        parts: list[bytes] = []
        size = 0
        while True:
            try:
                part = inflate.decompress(waiting, MEMBER_MAX + 1 - size)
            except zlib.error:
                raise ArchiveError(f"damaged at byte {place}") from None
            size += len(part)
            if size > MEMBER_MAX:
                raise ArchiveError(f"the part at byte {place} is larger than an archive's can be")
            parts.append(part)
            place += len(waiting) - len(inflate.unused_data) - len(inflate.unconsumed_tail)
            waiting = inflate.unused_data or inflate.unconsumed_tail
            if inflate.eof:
                break
            waiting = waiting or file.read(_READ)
            if not waiting:
                raise ArchiveError(f"the file is cut at byte {place}")
        yield place, b"".join(parts)


def records(member: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, bytes) of a member's records. Raises ArchiveError."""
    at, size = 0, len(member)
    unpack, width = _RECORD.unpack_from, _RECORD.size
    while at < size:
        if at + width > size:
            raise ArchiveError("a record is cut")
        kind, length = unpack(member, at)
        at += width
        if at + length > size:
            raise ArchiveError("a record is cut")
        yield kind, member[at : at + length]
        at += length


def read_header(path: Path) -> Header:
    """Read what a file says it is, unverified. Raises ArchiveError, OSError."""
    with path.open("rb") as file:
        for _, member in members(file):
            for kind, data in records(member):
                if kind == b"H":
                    return decode_header(data)
            break
    raise ArchiveError("the file is no archive")


# ------------------------------------------------------------------------------------ writing


class ArchiveWriter:
    """Appends records to an open file. `taken_up`: the bytes of whole members that are there
    already; behind them the file is cut.
    """

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._file = path.open("r+b")
        self._digest = hashlib.sha256()
        self._buffer = bytearray()

    def taken_up(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the records that are there; iterate to the end before writing."""
        place = 0
        try:
            for behind, member in members(self._file):
                found = list(records(member))
                if any(kind == b"M" for kind, _ in found):
                    break  # written anew: signing costs nothing
                self._digest.update(member)
                place = behind
                yield from found
        except ArchiveError:
            pass  # what a crash tore stands behind the last whole member
        self._file.seek(place)
        self._file.truncate()

    def add(self, kind: bytes, data: bytes) -> None:
        """Append one record. Raises OSError."""
        self._buffer += _RECORD.pack(kind, len(data))
        self._buffer += data
        if len(self._buffer) >= MEMBER:
            self.flush()

    def flush(self) -> int:
        """End the member; return the place where the next one begins. Raises OSError."""
        if self._buffer:
            self._digest.update(self._buffer)
            deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
            self._file.write(deflate.compress(self._buffer) + deflate.flush())
            self._buffer.clear()
        return self._file.tell()

    def digest(self) -> bytes:
        """Return SHA-256 over all records so far; call :meth:`flush` before."""
        assert not self._buffer
        return self._digest.digest()

    def close(self) -> None:
        """Close the file; what wasn't flushed is gone."""
        self._file.close()

    def fileno(self) -> int:
        self._file.flush()
        return self._file.fileno()
