"""The archive files at hand, for whoever reads the log: the verification, a proof, a look.

Which of them are there, whether each is the file that was made, and the entries in them beside the
leaves that the database kept. A damaged file is read as far as it goes; what it can't give is known
by its leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from heapq import merge
from pathlib import Path

from tigertally_server.audit.archive_check import shard_entries
from tigertally_server.audit.archive_file import ArchiveError
from tigertally_server.audit.report import NOWHERE, Finding, FindingKind
from tigertally_server.domain.entry import ArchivedEntry, Entry
from tigertally_server.store import archives
from tigertally_server.store.archives import Archive, Connection
from tigertally_server.store.reading import LogRow


class ArchiveFiles:
    """See the module's text. Reads the archives' rows once; belongs to that snapshot."""

    def __init__(self, conn: Connection, folder: Path) -> None:
        self._folder = folder
        self._archives = archives.archives(conn)
        self._shards = {
            row.month: {shard.shard: shard for shard in archives.shards_of(conn, row.month)}
            for row in self._archives
        }
        self.findings: list[Finding] = []

    def path(self, row: Archive) -> Path:
        """Where a month's file lies."""
        return self._folder / row.file

    def missing(self) -> list[Archive]:
        """The months whose files are not here."""
        return [row for row in self._archives if not self.path(row).is_file()]

    def compare(self) -> None:
        """Adds a finding for each file at hand that is another than was made. Reads them all."""
        for row in self._archives:
            path = self.path(row)
            try:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").digest()
            except OSError:
                continue
            if digest != row.sha256:
                self._found(f"{path.name} is not the file that was made")

    def rows(self, shard: int, archived: Iterator[tuple[ArchivedEntry, bytes]]) -> Iterator[LogRow]:
        """The archived entries of a shard, each with the leaf that the database kept."""
        entries = merge(*self._entries(shard), key=lambda entry: entry.seq)
        following = next(entries, None)
        for known, leaf in archived:
            while following is not None and following.seq < known.seq:
                following = next(entries, None)
            if following is not None and following.seq == known.seq:
                yield following, leaf
            else:
                yield known, leaf

    def entry(self, month: int, shard: int, seq: int) -> Entry | None:
        """One archived entry, found by reading its shard in the file; None: no file, or damaged."""
        row = next(row for row in self._archives if row.month == month)
        for entry in self._file_entries(row, shard):
            if entry.seq == seq:
                return entry
        return None

    def _entries(self, shard: int) -> Sequence[Iterator[Entry]]:
        return [self._file_entries(row, shard) for row in self._archives]

    def _file_entries(self, row: Archive, shard: int) -> Iterator[Entry]:
        place = self._shards[row.month].get(shard)
        if place is None:
            return
        try:
            yield from shard_entries(self.path(row), place.place)
        except FileNotFoundError:
            return
        except (ArchiveError, OSError) as problem:
            self._found(f"{row.file}: {problem}")

    def _found(self, text: str) -> None:
        finding = Finding(FindingKind.ARCHIVE_ALTERED, NOWHERE, NOWHERE, NOWHERE, text)
        if finding not in self.findings:
            self.findings.append(finding)
