"""Reading an archive file whole: every entry proven, or the place where the file is wrong.

The server's own reader: it makes archives sure before a partition goes, restores them and lets the
verification of the log read them. ``tigertally_client.archive`` is another hand's.

Knows files, keys and the tree; no database. About 120 000 entries a second on one core.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tigertally_server.audit import archive_file as form
from tigertally_server.audit import merkle
from tigertally_server.audit.archive_file import ArchiveError, Header
from tigertally_server.audit.checkpoint import Checkpoint, origin_of, verify_checkpoint
from tigertally_server.audit.leaf import EncodingError, decode_entry, leaf_hash_of
from tigertally_server.audit.note import NoteError, VerifierKey, encode_base64, open_note
from tigertally_server.domain.entry import Entry

RUN: Final = 1_024
"""Leaves per run, and per call of the tree."""

Taken = Callable[[int, int, bytes], None]
"""Told (shard, first, leaf hashes) of each run of the month's own entries."""

Each = Callable[[Entry, bytes], None]
"""Told each entry and its leaf hash, before it is known that the file holds."""


class ShardFacts(msgspec.Struct, frozen=True):
    """One shard of a file. The month's own entries stand within [first, stop)."""

    shard: int
    first: int
    stop: int
    entries: int
    place: int
    frontier: bytes


class ArchiveFacts(msgspec.Struct, frozen=True):
    """A whole file that holds. ``sha256`` and ``size`` are the file's."""

    header: Header
    shards: tuple[ShardFacts, ...]
    entries: int
    manifest: str
    sha256: bytes
    size: int


def check_archive(
    path: Path,
    keys: Sequence[bytes],
    *,
    taken: Taken | None = None,
    each: Each | None = None,
    progress: Callable[[int], None] | None = None,
) -> ArchiveFacts:
    """Verify a file; ``keys``: public keys that may have signed.

    Raises:
        ArchiveError: it doesn't hold; says why.
        OSError: it can't be read.
    """
    return _Check(keys, taken, each, progress).run(path)


class _Check:
    """One pass over one file."""

    def __init__(
        self,
        keys: Sequence[bytes],
        taken: Taken | None,
        each: Each | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._keys, self._taken, self._each, self._progress = keys, taken, each, progress
        self._header: Header | None = None
        self._manifest = ""
        self._digest = hashlib.sha256()
        self._shards: list[ShardFacts] = []
        self._entries = 0
        # The shard that is being read: nothing between two.
        self._shard = -1
        self._frontier = merkle.EMPTY
        self._leaves: list[bytes] = []
        self._own: list[bytes] = []
        self._own_first = 0
        self._before = b""
        self._member = self._place = self._first = self._stop = self._count = 0

    def run(self, path: Path) -> ArchiveFacts:
        steps = {
            b"H": self._begin,
            b"S": self._begin_shard,
            b"E": self._entry,
            b"L": self._others,
            b"T": self._end_shard,
            b"M": self._end,
        }
        place = 0
        with path.open("rb") as file:
            for behind, member in form.members(file):
                self._member = place
                for kind, data in form.records(member):
                    if self._manifest:
                        raise ArchiveError("something stands behind the manifest")
                    if kind not in steps or (self._header is None) != (kind == b"H"):
                        raise ArchiveError(f"a record {kind!r} where none may be")
                    if kind == b"M" and member[:1] != b"M":
                        raise ArchiveError("the manifest is no part of its own")
                    steps[kind](data)
                if not self._manifest:
                    self._digest.update(member)
                place = behind
                if self._progress is not None:
                    self._progress(self._entries)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").digest()
        if not self._manifest or self._header is None:
            raise ArchiveError("the file ends before its manifest: it is cut")
        return ArchiveFacts(
            self._header, tuple(self._shards), self._entries, self._manifest, sha256, place
        )

    def _begin(self, data: bytes) -> None:
        self._header = form.decode_header(data)

    def _begin_shard(self, data: bytes) -> None:
        shard, self._before = form.decode_shard(data)
        if self._shard >= 0 or (self._shards and shard <= self._shards[-1].shard):
            raise ArchiveError(f"shard {shard} begins where it may not")
        try:
            self._frontier = merkle.decode_frontier(self._before)
        except merkle.MerkleError as problem:
            raise ArchiveError(f"shard {shard}: {problem}") from None
        self._shard, self._count, self._place = shard, 0, self._member
        self._first = self._stop = self._frontier.size

    def _entry(self, data: bytes) -> None:
        seq = self._frontier.size + len(self._leaves)
        header = self._header
        assert header is not None
        try:
            entry = decode_entry(data)
        except EncodingError as problem:
            raise ArchiveError(f"entry {self._shard}:{seq}: {problem}") from None
        if (entry.shard, entry.seq) != (self._shard, seq):
            raise ArchiveError(f"where entry {self._shard}:{seq} should be there is another")
        if not header.first_day <= entry.business_day <= header.last_day:
            raise ArchiveError(f"entry {self._shard}:{seq} is not of this month")
        leaf = leaf_hash_of(data)
        if not self._count:
            self._first = seq
        if self._taken is not None:
            if not self._own:
                self._own_first = seq
            self._own.append(leaf)
        if self._each is not None:
            self._each(entry, leaf)
        self._leaves.append(leaf)
        self._count += 1
        self._entries += 1
        self._stop = seq + 1
        if len(self._leaves) >= RUN:
            self._grow()

    def _others(self, data: bytes) -> None:
        if self._shard < 0 or not data or len(data) % merkle.HASH_SIZE:
            raise ArchiveError("leaf hashes where none may be")
        self._give()
        size = merkle.HASH_SIZE
        self._leaves += [data[at : at + size] for at in range(0, len(data), size)]
        self._grow()

    def _grow(self) -> None:
        self._give()
        self._frontier = merkle.append(self._frontier, self._leaves)
        self._leaves.clear()

    def _give(self) -> None:
        if self._own and self._taken is not None:
            self._taken(self._shard, self._own_first, b"".join(self._own))
            self._own.clear()

    def _end_shard(self, data: bytes) -> None:
        assert self._header is not None
        self._grow()
        origin = origin_of(self._header.installation, self._shard)
        try:
            note = data.decode()
            checkpoint = self._verified(note, origin)
        except (UnicodeDecodeError, NoteError) as problem:
            raise ArchiveError(f"shard {self._shard}: its checkpoint: {problem}") from None
        if (checkpoint.size, checkpoint.root) != (self._frontier.size, merkle.root(self._frontier)):
            raise ArchiveError(
                f"shard {self._shard}: its entries are not what the checkpoint of size "
                f"{checkpoint.size} committed to"
            )
        self._shards.append(
            ShardFacts(self._shard, self._first, self._stop, self._count, self._place, self._before)
        )
        self._shard = -1

    def _verified(self, note: str, origin: str) -> Checkpoint:
        problem: NoteError | None = None
        for key in self._keys:
            try:
                return verify_checkpoint(note, key, origin)
            except NoteError as found:
                problem = found
        raise problem or NoteError("no key was given")

    def _end(self, data: bytes) -> None:
        header = self._header
        assert header is not None
        if self._shard >= 0:
            raise ArchiveError(f"shard {self._shard} has no end")
        try:
            note = data.decode()
        except UnicodeDecodeError:
            raise ArchiveError("the manifest is not UTF-8") from None
        manifest = form.parse_manifest(note)
        if manifest.origin != form.origin_of(header.installation, header.month):
            raise ArchiveError("the manifest is another file's")
        if not any(_signed(note, manifest.origin, key) for key in self._keys):
            raise ArchiveError("the manifest is not signed by this installation's key")
        if (manifest.entries, manifest.digest) != (
            self._entries,
            encode_base64(self._digest.digest()),
        ):
            raise ArchiveError("the file is not what the manifest was signed for")
        self._manifest = note


def _signed(note: str, name: str, key: bytes) -> bool:
    try:
        open_note(note, VerifierKey(name, key))
    except NoteError:
        return False
    return True


def shard_entries(path: Path, place: int) -> Iterator[Entry]:
    """Yield the entries of the shard that begins at ``place`` of a file that was checked.

    Raises ArchiveError, OSError.
    """
    with path.open("rb") as file:
        for _, member in form.members(file, place):
            for kind, data in form.records(member):
                if kind == b"E":
                    try:
                        yield decode_entry(data)
                    except EncodingError as problem:
                        raise ArchiveError(f"an entry behind byte {place}: {problem}") from None
                elif kind == b"T":
                    return
