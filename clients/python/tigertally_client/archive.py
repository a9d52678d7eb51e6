"""An independent verifier of archive files: ``python -m tigertally_client.archive FILE --key KEY``.

For the auditor who needn't trust the server: nothing here is the server's code. A file is gzip
members of records (docs/ARCHIVE.md): every entry in it is hashed into its shard's tree, whose root
must be that of the signed checkpoint which the file carries, and the manifest at its end signs all.

``--entry SHARD:SEQ`` prints one entry's public fields. Exit status: 0 holds, 1 doesn't.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import json
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from tigertally_client.proof import NotProven, decode_entry, readable
from tigertally_client.verification.notes import (
    ED25519,
    SM2,
    Key,
    NotGenuine,
    checkpoint_of,
    split,
    verify,
)
from tigertally_client.verification.tree import EMPTY_ROOT, leaf_hash, node_hash

FORMAT: Final = "tigertally-archive-1"
_RECORD: Final = struct.Struct(">cI")
_LONGEST: Final = 1 << 23
_MANIFEST: Final = re.compile(
    r"(?P<origin>tigertally/[^\s+/]+/archive/\d{4}-\d{2})\n(?P<entries>0|[1-9]\d{0,18})\n"
    r"(?P<digest>[A-Za-z0-9+/]{43}=)\ntime (?:0|[1-9]\d{0,18})\n",
    re.ASCII,
)
_HEADER: Final = {"format", "installation", "month", "first_day", "last_day", "made_at"}


class NotHolding(ValueError):
    """Why the file proves nothing, in a sentence."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What a file proves: so many entries of this installation's month, in these shards."""

    installation: str
    month: str
    entries: int
    shards: tuple[tuple[int, int], ...]
    """(shard, size of the signed tree its entries stand under)."""


@dataclass(slots=True)
class _Tree:
    """A tree that grows: the perfect subtrees of its right edge, by size."""

    size: int
    edge: list[tuple[int, bytes]] = field(default_factory=list)

    @classmethod
    def read(cls, data: bytes) -> _Tree:
        size, nodes = int.from_bytes(data[:8], "big"), data[8:]
        if len(data) != 8 + 32 * size.bit_count():
            raise NotHolding("a shard's beginning is no tree's edge")
        bits = [1 << bit for bit in range(size.bit_length() - 1, -1, -1) if size >> bit & 1]
        hashes = [nodes[at : at + 32] for at in range(0, len(nodes), 32)]
        return cls(size, list(zip(bits, hashes, strict=True)))

    def append(self, leaf: bytes) -> None:
        width = 1
        while self.edge and self.edge[-1][0] == width:
            _, left = self.edge.pop()
            leaf = node_hash(left, leaf)
            width *= 2
        self.edge.append((width, leaf))
        self.size += 1

    def root(self) -> bytes:
        if not self.edge:
            return EMPTY_ROOT
        *rest, (_, root) = self.edge
        for _, left in reversed(rest):
            root = node_hash(left, root)
        return root


def parse_key(text: str) -> Key:
    """Return a public key as the operator publishes it: 32 (Ed25519) or 65 bytes (SM2) in hex or
    base64. Raises NotHolding.
    """
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        try:
            raw = base64.b64decode(text, validate=True)
        except ValueError:
            raw = b""
    kind = {32: ED25519, 65: SM2}.get(len(raw))
    if kind is None:
        raise NotHolding("the key is neither 32 nor 65 bytes in hex or base64")
    return Key("", kind, raw)


def _records(file: BinaryIO) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(kind, contents, the record as it stood)."""
    with gzip.GzipFile(fileobj=file) as stream:
        try:
            while head := stream.read(_RECORD.size):
                if len(head) < _RECORD.size:
                    raise NotHolding("the file is cut")
                kind, length = _RECORD.unpack(head)
                data = stream.read(length) if length <= _LONGEST else b""
                if len(data) != length:
                    raise NotHolding("the file is cut, or a record is too long")
                yield kind, data, head + data
        except (OSError, EOFError, zlib.error):
            raise NotHolding("the file is damaged: it does not unpack") from None


def check(
    path: Path, keys: Sequence[str], *, entry: Callable[[int, int, bytes], None] | None = None
) -> Holding:
    """Verify a file.

    Args:
        path: the file.
        keys: the checkpoint keys as the operator published them; one, unless it was changed.
        entry: told (shard, seq, canonical bytes) of each entry.

    Raises:
        NotHolding: the file is damaged, altered, or signed by another key.
    """
    walk = _Walk([parse_key(key) for key in keys], entry)
    with path.open("rb") as file:
        for kind, data, whole in _records(file):
            walk.take(kind, data)
            if kind != b"M":
                walk.digest.update(whole)
    if walk.manifest is None:
        raise NotHolding("the file ends before its manifest: it is cut")
    header = walk.header
    return Holding(header["installation"], header["month"], walk.entries, tuple(walk.shards))


class _Walk:
    """One pass."""

    def __init__(
        self, keys: Sequence[Key], entry: Callable[[int, int, bytes], None] | None
    ) -> None:
        self._keys, self._told = keys, entry
        self.digest = hashlib.sha256()
        self.header: dict[str, Any] = {}
        self.manifest: str | None = None
        self.shards: list[tuple[int, int]] = []
        self.entries = 0
        self._shard = -1
        self._tree = _Tree(0)

    def take(self, kind: bytes, data: bytes) -> None:
        steps = {
            b"H": self._begin,
            b"S": self._shard_begins,
            b"E": self._entry,
            b"L": self._others,
            b"T": self._shard_ends,
            b"M": self._end,
        }
        if self.manifest is not None or kind not in steps or bool(self.header) is (kind == b"H"):
            raise NotHolding("a record stands where none may be")
        if (self._shard >= 0) is not (kind in b"ELT"):
            raise NotHolding("a record stands outside of its shard")
        steps[kind](data)

    def _begin(self, data: bytes) -> None:
        try:
            header = json.loads(data)
        except ValueError:
            header = None
        if not isinstance(header, dict) or set(header) != _HEADER or header["format"] != FORMAT:
            raise NotHolding(f"the file is not of the format {FORMAT}")
        self.header = header

    def _shard_begins(self, data: bytes) -> None:
        self._shard = int.from_bytes(data[:2], "big")
        self._tree = _Tree.read(data[2:])
        if self.shards and self._shard <= self.shards[-1][0]:
            raise NotHolding(f"shard {self._shard} stands there twice")

    def _entry(self, data: bytes) -> None:
        seq = self._tree.size
        try:
            found = decode_entry(data)
        except NotProven as problem:
            raise NotHolding(f"entry {self._shard}:{seq}: {problem}") from None
        if (found["shard"], found["seq"]) != (self._shard, seq):
            raise NotHolding(f"where entry {self._shard}:{seq} should be there is another")
        if not self.header["first_day"] <= found["business_day"] <= self.header["last_day"]:
            raise NotHolding(f"entry {self._shard}:{seq} is not of this month")
        self._tree.append(leaf_hash(data))
        self.entries += 1
        if self._told is not None:
            self._told(self._shard, seq, data)

    def _others(self, data: bytes) -> None:
        if not data or len(data) % 32:
            raise NotHolding("leaf hashes that are none")
        for at in range(0, len(data), 32):
            self._tree.append(data[at : at + 32])

    def _shard_ends(self, data: bytes) -> None:
        name = f"tigertally/{self.header['installation']}/{self._shard}"
        try:
            note = data.decode()
            found = checkpoint_of(note)
            if found.origin != name:
                raise NotGenuine("it is another log's")
            verify(note, [key.under(name) for key in self._keys])
        except (UnicodeDecodeError, NotGenuine) as problem:
            raise NotHolding(f"shard {self._shard}: its checkpoint: {problem}") from None
        if (found.size, found.root) != (self._tree.size, self._tree.root()):
            raise NotHolding(
                f"shard {self._shard}: its entries are not what the checkpoint of size "
                f"{found.size} committed to"
            )
        self.shards.append((self._shard, found.size))
        self._shard = -1

    def _end(self, data: bytes) -> None:
        origin = f"tigertally/{self.header['installation']}/archive/{self.header['month']}"
        try:
            note = data.decode()
            text, _ = split(note)
            verify(note, [key.under(origin) for key in self._keys])
        except (UnicodeDecodeError, NotGenuine) as problem:
            raise NotHolding(f"the manifest: {problem}") from None
        match = _MANIFEST.fullmatch(text)
        if match is None or match["origin"] != origin:
            raise NotHolding("the manifest is another file's")
        digest = base64.b64encode(self.digest.digest()).decode()
        if (int(match["entries"]), match["digest"]) != (self.entries, digest):
            raise NotHolding("the file is not what its manifest was signed for")
        self.manifest = note


def main(arguments: list[str] | None = None) -> int:
    """Verify the file named on the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tigertally_client.archive",
        description="Verify that an archive file holds what a Tigertally log recorded.",
    )
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--key", required=True, action="append", help="the checkpoint key as it was published"
    )
    parser.add_argument("--entry", metavar="SHARD:SEQ", help="show this entry's public fields")
    parsed = parser.parse_args(arguments)
    wanted: list[bytes] = []

    def seen(shard: int, seq: int, data: bytes) -> None:
        if f"{shard}:{seq}" == parsed.entry:
            wanted.append(data)

    try:
        found = check(parsed.file, parsed.key, entry=seen if parsed.entry else None)
    except (NotHolding, OSError) as problem:
        sys.stderr.write(f"NOT PROVEN: {problem}\n")
        return 1
    sys.stdout.write(
        f"PROVEN: {found.entries:,} entries of {found.installation}, {found.month}, exactly as its "
        f"log committed to them ({len(found.shards)} shards).\n"
    )
    if parsed.entry is not None:
        if not wanted:
            sys.stderr.write(f"entry {parsed.entry} is not in this file\n")
            return 1
        fields = readable(decode_entry(wanted[0]))
        sys.stdout.write(json.dumps(fields, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
