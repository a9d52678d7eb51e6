"""The log outside the database: each shard's tiles and checkpoint, and those of the log of rounds,
below one folder::

    <folder>/<shard>/…     <folder>/rounds/…     as `audit.tile_folder` lays them out
    <folder>/keys          the changes of the checkpoint key, one note after another

What is found there when the duty is taken over is compared with the database before anything is
written: a checkpoint outside that the database doesn't have means that the past was written anew,
and is never overwritten. Tiles that a power cut took are made again from the rows, and must give
the root that was signed.

Synchronous; belongs to the process that checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import structlog

from tigertally_server.audit import merkle
from tigertally_server.audit.note import NoteError
from tigertally_server.audit.rounds import record_leaf
from tigertally_server.audit.tile_folder import TileFolder
from tigertally_server.audit.tiles import (
    WIDTH,
    Edge,
    Tile,
    TileError,
    root_of,
    split_hashes,
    tile_name,
)

AT_ONCE: Final = 65_536
"""Leaves held in memory while a log is brought up to date."""
FLUSHED_MS: Final = 60_000
"""What was written so long before the last checkpoint is on disk, even if the machine lost power
then: Linux writes pages back after half a minute (vm.dirty_expire_centisecs)."""


class HeadAltered(Exception):
    """What would be signed is not what this system wrote, or not what stands outside; it is not
    signed.
    """


ReadLeaves = Callable[[int, int], Sequence[bytes]]
"""(start, stop) → the stored leaf hashes of that stretch, all of them. Raises HeadAltered."""


class PublishedLog:
    """One log's folder and right edge. What grew is written by `publish`, not before."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name, self._folder = name, TileFolder(folder)
        self._edge = Edge()
        self._pending: list[Tile] = []

    @property
    def size(self) -> int:
        return self._edge.size

    def grow(self, leaves: Sequence[bytes]) -> merkle.Frontier:
        """Appends; the tiles are written by `publish`."""
        self._pending += self._edge.append(leaves)
        return self._edge.frontier()

    def publish(self, note: str) -> None:
        """Tiles first, then the checkpoint. Raises OSError."""
        self._folder.write(self._pending)
        self._pending = []
        self._folder.write_checkpoint(note)

    def take_over(
        self,
        note: str,
        size: int,
        root: bytes,
        read: ReadLeaves,
        known: Known,
        flushed: int = 0,
    ) -> None:
        """Brings the folder to the log's last signed checkpoint. `known`: whether the database
        has a note; `flushed`: leaves whose tiles have been on disk for long (see FLUSHED_MS).
        Raises OSError, HeadAltered.
        """
        self._pending = []
        published, published_root = self._published(size, known)
        self._edge = self._edge_at(published, published_root, read, flushed)
        self._bring_to(size, read)
        if self._edge.root() != root:
            raise HeadAltered(
                f"the rows of {self._name} don't give the root that was signed for size {size}: "
                "run `tigertally audit verify`"
            )
        if published < size:
            self.publish(note)

    def published_size(self, known: Known) -> int:
        """What the folder's checkpoint says, 0 where it says nothing known. Raises OSError."""
        outside = self._folder.checkpoint()
        try:
            found = None if outside is None else known(outside)
        except NoteError:
            found = None
        return 0 if found is None else found[0]

    def _published(self, size: int, known: Known) -> tuple[int, bytes]:
        outside = self._folder.checkpoint()
        if outside is None:
            return 0, merkle.EMPTY_ROOT
        try:
            found = known(outside)
        except NoteError:
            return 0, merkle.EMPTY_ROOT
        if found is None or found[0] > size:
            raise HeadAltered(
                f"the published checkpoint of {self._name} is not in the database: the past was "
                "written anew, or an older database was restored; run `tigertally audit verify`"
            )
        return found

    def _edge_at(self, size: int, root: bytes, read: ReadLeaves, flushed: int) -> Edge:
        try:
            edge = Edge.load(size, self._folder.read)
        except TileError as problem:
            return self._again(str(problem))
        if edge.root() != root:
            return self._again("its right edge is not what was signed")
        for index in self._damaged(size, flushed):
            leaves = read(index * WIDTH, (index + 1) * WIDTH)
            self._folder.write([Tile(0, index, b"".join(leaves))])
            structlog.get_logger("checkpoints").warning(
                "a tile was not as it was signed and is written again from the rows",
                log=self._name,
                tile=tile_name(0, index),
            )
        return edge

    def _again(self, why: str) -> Edge:
        structlog.get_logger("checkpoints").warning(
            "the tiles outside are made again from the rows", log=self._name, why=why
        )
        return Edge()

    def _damaged(self, size: int, flushed: int) -> Iterator[int]:
        """Full tiles of level 0 that may not have been on disk, and aren't what the level above
        says of them. One costs a third of a millisecond, beside the first requests of a start.
        """
        count = size // WIDTH
        expected: list[bytes] = []
        for index in range(flushed // WIDTH, count):
            above, place = divmod(index, WIDTH)
            try:
                if not expected or place == 0:
                    expected = []  # nothing is known of this one until it was read
                    width = min(WIDTH, count - WIDTH * above)
                    expected = split_hashes(self._folder.read(1, above, width))
                if root_of(split_hashes(self._folder.read(0, index, WIDTH))) == expected[place]:
                    continue
            except TileError:
                pass
            yield index

    def _bring_to(self, size: int, read: ReadLeaves) -> None:
        while self._edge.size < size:
            start = self._edge.size
            tiles = self._edge.append(read(start, min(size, start + AT_ONCE)))
            self._folder.write(tiles)


Known = Callable[[str], tuple[int, bytes] | None]
"""A note found outside → (size, root) where the database has it, None where it doesn't. Raises
NoteError for what is no checkpoint of that log."""


class PublishedRounds(PublishedLog):
    """The log of rounds: its entries are published as well."""

    def __init__(self, folder: Path) -> None:
        super().__init__("the log of rounds", folder)
        self._bundle: list[bytes] = []
        self._first = 0

    def add(self, record: str) -> merkle.Frontier:
        """One more round."""
        self._bundle.append(record.encode())
        return self.grow([record_leaf(record)])

    def publish(self, note: str) -> None:
        self._write_bundle()
        super().publish(note)

    def load_bundles(self, records: Iterable[str], first: int) -> None:
        """The records from round `first` on, which begins a bundle: written again, the last bundle
        is kept to go on with.
        """
        self._first, self._bundle = first, []
        waiting = iter(records)
        while some := [record.encode() for record in islice(waiting, WIDTH)]:
            self._first, self._bundle = first, some
            self._folder.write_entries(first // WIDTH, some)
            first += len(some)
        if len(self._bundle) == WIDTH:
            self._first, self._bundle = first, []

    def _write_bundle(self) -> None:
        while self._bundle:
            some = self._bundle[:WIDTH]
            self._folder.write_entries(self._first // WIDTH, some)
            if len(some) < WIDTH:
                return
            del self._bundle[:WIDTH]
            self._first += WIDTH
