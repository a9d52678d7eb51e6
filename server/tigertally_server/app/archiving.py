"""A month of the log into a file outside, step by step: a crash at any of them loses nothing, and
the next call goes on.

    1 closed    nobody adds to the month any more
    2 written   the file `….part`, resumable; each entry compared with its leaf, each shard's tree
                with a signed checkpoint; flushed to disk
    3 named     the file has its name, and the folder is flushed
    4 kept      read back whole and proven; its leaves and its row committed
    5 detached  the partition is no part of the log any more; readers have the leaves
    6 released  read once more and still the same file: the partition is dropped

Until the end of 4 the partition is the log, from there on the file is; what is read back is what
was flushed. Runs as the schema's owner, one at a time per database; servers go on meanwhile.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tigertally_drivers.ports import Clock
from tigertally_server.audit import archive_file as form
from tigertally_server.audit import merkle
from tigertally_server.audit.archive_check import ArchiveFacts, check_archive
from tigertally_server.audit.archive_file import ArchiveError, ArchiveWriter, Header
from tigertally_server.audit.checkpoint import parse_checkpoint
from tigertally_server.audit.leaf import encode_entry, leaf_hash_of
from tigertally_server.audit.note import NoteSigner
from tigertally_server.domain.entry import Entry
from tigertally_server.store import archives, reading
from tigertally_server.store.archives import Archive, ArchiveShard, Connection
from tigertally_server.store.reading import LogReader

RUN: Final = 4_096
"""Leaves of other months per record, at most."""

Step = Callable[[str], None]
Told = Callable[[str, int, int], None]
"""Told (what is done, entries so far, entries in all)."""


class NotArchived(Exception):
    """Why the month stays where it is; nothing was lost."""


def demand_archivable(month: int, this_month: int, keep_months: int, oldest: int | None) -> None:
    """The bank's rule of retention: so many whole months stay in the database, and the oldest goes
    first, so that what is archived is the log's beginning. Raises NotArchived.
    """
    name = archives.month_name(month)
    from_ = archives.later(month, keep_months + 1)
    if this_month < from_:
        raise NotArchived(
            f"{name} may be archived from {archives.month_name(from_)} on: audit.keep_months "
            f"keeps {keep_months} whole months in the database"
        )
    if oldest is not None and oldest < month:
        raise NotArchived(f"archive {archives.month_name(oldest)} before it")


def file_name(month: int) -> str:
    """entries-2026-11.tta"""
    return f"entries-{archives.month_name(month)}.tta"


@dataclass(slots=True)
class Archiver:
    """Archives months of one installation. `keys`: every public key that signed checkpoints; `at`
    hears each step as it is over.
    """

    owner: Connection
    folder: Path
    installation_id: str
    signer: NoteSigner
    keys: list[bytes]
    clock: Clock
    tell: Told
    at: Step = field(default=lambda _: None)

    def run(self, month: int) -> Archive:
        """Brings the month to its end, from wherever it is. Raises NotArchived, OSError."""
        if not archives.lock(self.owner):
            raise NotArchived("another process is archiving, or the log is being verified")
        self.owner.commit()
        found = self._row(month)
        if found is None:
            self._write(month)
            self._keep(month)
            found = self._demand(month)
        if found.state == archives.KEPT:
            self._release(found)
            found = self._demand(month)
        return found

    def _row(self, month: int) -> Archive | None:
        rows = archives.archives(self.owner)
        self.owner.commit()
        return next((row for row in rows if row.month == month), None)

    def _demand(self, month: int) -> Archive:
        row = self._row(month)
        assert row is not None
        return row

    # ------------------------------------------------------------------ the file

    def _write(self, month: int) -> None:
        final = self.folder / file_name(month)
        if final.exists():
            return  # a crash came between the name and the row
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        archives.close_month(self.owner, month)
        self.owner.commit()
        self.at("closed")
        reading.snapshot(self.owner)
        part = final.with_name(final.name + ".part")
        try:
            _Writing(self, month, part).run()
        except (ArchiveError, ValueError) as problem:
            raise NotArchived(
                f"{archives.month_name(month)} can't be archived: {problem}; run `tigertally audit "
                "verify`"
            ) from None
        finally:
            self._writable()
        self.at("written")
        part.replace(final)
        sync_folder(self.folder)
        self.at("named")

    def _writable(self) -> None:
        self.owner.rollback()
        self.owner.read_only = None
        self.owner.isolation_level = None

    # ------------------------------------------------------------------ the database

    def _keep(self, month: int) -> None:
        """The file's leaves and its row, in one transaction, from what is read back."""
        spans = archives.spans_of(self.owner, month)
        facts = self._read_back(month, sum(entries for *_, entries in spans))
        found = [(s.shard, s.first, s.stop - 1, s.entries) for s in facts.shards]
        if found != spans:
            raise NotArchived("the file doesn't hold the month's entries; remove it and try again")
        row = Archive(
            month=month,
            state=archives.KEPT,
            file=file_name(month),
            size=facts.size,
            sha256=facts.sha256,
            entries=facts.entries,
            manifest=facts.manifest,
            archived_at_ms=self.clock.now_ms(),
            released_at_ms=0,
        )
        shards = [
            ArchiveShard(month, s.shard, s.first, s.stop, s.entries, s.place, s.frontier)
            for s in facts.shards
        ]
        archives.insert_archive(self.owner, row, shards)
        self.owner.commit()
        self.at("kept")

    def _read_back(self, month: int, total: int) -> ArchiveFacts:
        path = self.folder / file_name(month)
        try:
            with archives.inserting_leaves(self.owner, month) as insert:
                return check_archive(
                    path,
                    self.keys,
                    taken=insert,
                    progress=lambda done: self.tell("reading back", done, total),
                )
        except ArchiveError as problem:
            raise NotArchived(
                f"{path} doesn't hold: {problem}. The month is still in the database; remove the "
                "file and try again"
            ) from None

    def _release(self, row: Archive) -> None:
        self.owner.autocommit = True
        try:
            archives.detach(self.owner, row.month)
        finally:
            self.owner.autocommit = False
        self.at("detached")
        self._still_there(row)
        archives.release(self.owner, row.month, self.clock.now_ms())
        self.owner.commit()
        self.at("released")

    def _still_there(self, row: Archive) -> None:
        """The last look before the only other copy goes."""
        path = self.folder / row.file
        try:
            with path.open("rb") as file:
                os.fsync(file.fileno())
                same = hashlib.file_digest(file, "sha256").digest() == row.sha256
        except OSError as problem:
            raise NotArchived(
                f"{path}: {problem.strerror}; the entries stay where they are"
            ) from None
        if not same:
            raise NotArchived(f"{path} is not the file that was made; the entries stay")


# ---------------------------------------------------------------------------------- writing


class _Writing:
    """One file from its beginning, or from where a crash left it."""

    def __init__(self, archiver: Archiver, month: int, part: Path) -> None:
        self._archiver, self._month, self._part = archiver, month, part
        self._conn = archiver.owner
        self._days = archives.days_of(month)
        self._reader = LogReader(self._conn, reading.business_days(self._conn))
        self._spans = archives.spans_of(self._conn, month)
        self._total = sum(entries for *_, entries in self._spans)
        self._done = 0
        # The shard that a crash cut, and the tree as far as it was written.
        self._shard = -1
        self._tree = merkle.EMPTY
        self._finished: set[int] = set()

    def run(self) -> None:
        if not self._spans:
            raise NotArchived(f"{archives.month_name(self._month)} has no entries")
        writer = ArchiveWriter(self._part)
        try:
            self._take_up(writer)
            for shard, first, last, _ in self._spans:
                if shard not in self._finished:
                    self._write_shard(writer, shard, first, last)
            self._sign(writer)
            os.fsync(writer.fileno())
        finally:
            writer.close()

    def _take_up(self, writer: ArchiveWriter) -> None:
        found = False
        leaves: list[bytes] = []
        for kind, data in writer.taken_up():
            found = True
            if kind == b"S":
                self._shard, frontier = form.decode_shard(data)
                self._tree = merkle.decode_frontier(frontier)
            elif kind == b"E":
                leaves.append(leaf_hash_of(data))
                self._done += 1
            elif kind == b"L":
                leaves += _hashes(data)
            elif kind == b"T":
                self._finished.add(self._shard)
                self._shard = -1
                leaves.clear()
            if len(leaves) >= RUN:
                self._tree = merkle.append(self._tree, leaves)
                leaves.clear()
        self._tree = merkle.append(self._tree, leaves)
        if not found:
            name = archives.month_name(self._month)
            header = Header(
                form.FORMAT,
                self._archiver.installation_id,
                name,
                self._days[0],
                self._days[-1],
                self._archiver.clock.now_ms(),
            )
            writer.add(b"H", form.encode_header(header))
            writer.flush()

    def _write_shard(self, writer: ArchiveWriter, shard: int, first: int, last: int) -> None:
        note = archives.first_note_from(self._conn, shard, last + 1)
        if note is None:
            raise NotArchived(
                f"no signed checkpoint covers entry {shard}:{last} yet; a running server signs one "
                "each second"
            )
        if shard != self._shard:
            self._tree = self._frontier(shard, first)
            writer.flush()
            writer.add(b"S", form.encode_shard(shard, merkle.encode_frontier(self._tree)))
        size = parse_checkpoint(note).size
        leaves: list[bytes] = []
        for kind, data, hashes in self._records(shard, self._tree.size, size):
            writer.add(kind, data)
            leaves += hashes
            if len(leaves) >= RUN:
                self._tree = merkle.append(self._tree, leaves)
                leaves.clear()
                self._archiver.tell("writing", self._done, self._total)
        self._tree = merkle.append(self._tree, leaves)
        if merkle.root(self._tree) != parse_checkpoint(note).root:
            raise ArchiveError(f"the entries of shard {shard} are not what was signed")
        writer.add(b"T", note.encode())
        writer.flush()

    def _records(
        self, shard: int, start: int, stop: int
    ) -> Iterator[tuple[bytes, bytes, list[bytes]]]:
        """(kind, bytes, their leaves) of what stands in [start, stop)."""
        first, last = self._days[0], self._days[-1]
        others: list[bytes] = []
        for entry, leaf in self._reader.entries(shard, start, stop):
            if not isinstance(entry, Entry) or not first <= entry.business_day <= last:
                others.append(leaf)
                if len(others) >= RUN:
                    yield b"L", b"".join(others), others
                    others = []
                continue
            if others:
                yield b"L", b"".join(others), others
                others = []
            data = encode_entry(entry)
            if leaf_hash_of(data) != leaf:
                raise ArchiveError(f"entry {shard}:{entry.seq} was altered")
            self._done += 1
            yield b"E", data, [leaf]
        if others:
            yield b"L", b"".join(others), others

    def _frontier(self, shard: int, size: int) -> merkle.Frontier:
        """The tree before the month: from the last archive's on, or from the log's beginning."""
        known = archives.nearest_frontier(self._conn, shard, size)
        tree = merkle.EMPTY if known is None else merkle.decode_frontier(known)
        leaves: list[bytes] = []
        for leaf in self._reader.leaves(shard, tree.size, size):
            leaves.append(leaf)
            if len(leaves) >= RUN:
                tree = merkle.append(tree, leaves)
                leaves = []
        tree = merkle.append(tree, leaves)
        if tree.size != size:
            raise ArchiveError(f"of shard {shard} entries before {size} are missing")
        return tree

    def _sign(self, writer: ArchiveWriter) -> None:
        archiver = self._archiver
        writer.flush()
        origin = form.origin_of(archiver.installation_id, archives.month_name(self._month))
        now_ms = archiver.clock.now_ms()
        text = form.manifest_text(origin, self._done, writer.digest(), now_ms)
        writer.add(b"M", archiver.signer.sign(origin, text).encode())
        writer.flush()


def _hashes(data: bytes) -> list[bytes]:
    size = merkle.HASH_SIZE
    return [data[at : at + size] for at in range(0, len(data), size)]


def sync_folder(folder: Path) -> None:
    """What was named in a folder stays named after a power cut. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
