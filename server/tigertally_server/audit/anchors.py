"""The anchors of one shard's log: each size whose root somebody vouched for, in order of size.

Four witnesses: the head row (HMAC), the checkpoints in the database (signed, chained), the
notes of the outside file (the same notes, out of the database administrator's reach), and those
that an independent witness co-signed (out of the bank's own reach). Streams all four, merged by
size, in constant memory; reports bad signatures, broken chains and notes that the database lacks.
Whether a root fits the rows is decided in ``audit.verify``.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import groupby
from typing import Final

import msgspec

from tigertally_server.audit import merkle
from tigertally_server.audit.checkpoint import (
    NO_PREVIOUS,
    Checkpoint,
    CheckpointFile,
    origin_of,
    parse_checkpoint,
    verify_checkpoint,
)
from tigertally_server.audit.cosignature import WitnessKey, cosigned_by, is_cosigned
from tigertally_server.audit.head import verify_head_mac
from tigertally_server.audit.keychange import KeyChange, rounds_key, shard_key
from tigertally_server.audit.note import NoteError
from tigertally_server.audit.report import Collector, FindingKind
from tigertally_server.domain.entry import ShardHead


class Witness(IntEnum):
    """Who vouches. The order is that in which anchors of one size are read."""

    DATABASE = 0
    OUTSIDE = 1
    COSIGNED = 2
    HEAD = 3


WITNESS_NAMES: Final = {
    Witness.DATABASE: "a signed checkpoint in the database",
    Witness.OUTSIDE: "a signed checkpoint in the outside file",
    Witness.COSIGNED: "a checkpoint that an independent witness co-signed",
    Witness.HEAD: "the shard's head row",
}


class Anchor(msgspec.Struct, frozen=True):
    """One witness's word: the log had this root at this size."""

    size: int
    witness: Witness
    root: bytes
    digest: bytes = b""


class Trust(msgspec.Struct, frozen=True):
    """Whom to believe. Without an audit key the head's MAC is not checked.

    ``public_key`` is the first checkpoint key; ``changes``, verified from there, lead to others.
    """

    installation_id: str
    public_key: bytes
    audit_key: bytes | None
    changes: tuple[KeyChange, ...] = ()
    witnesses: tuple[WitnessKey, ...] = ()
    older_audit_keys: tuple[bytes, ...] = ()
    """Under which the head of a shard may stand that was not written to since the last rotation."""

    def key_of(self, shard: int, size: int) -> bytes:
        """The key that signs this shard's checkpoint of this size."""
        return shard_key(self.public_key, self.changes, shard, size)

    def rounds_key(self, size: int) -> bytes:
        """The key that signs the log of rounds at this size."""
        return rounds_key(self.public_key, self.changes, size)

    def __repr__(self) -> str:
        return f"Trust({self.installation_id})"


class Anchors:
    """The merged anchors of one shard; iterate :meth:`groups` once, then call :meth:`finish`."""

    def __init__(self, shard: int, trust: Trust, collect: Collector) -> None:
        self._shard: Final = shard
        self._trust: Final = trust
        self._origin: Final = origin_of(trust.installation_id, shard)
        self._collect: Final = collect
        self._verified: str = ""  # the last good note: its twin outside needs no second check
        self._unpaired: list[int] = []  # smallest and largest size the database lacks
        self.checkpoints = 0
        self.outside_notes = 0
        self.largest: dict[Witness, int] = {}

    def head_frontier(self, head: ShardHead | None) -> merkle.Frontier | None:
        """Return the head's frontier if the head is genuine; report it otherwise."""
        if head is None:
            return None
        key = self._trust.audit_key
        try:
            frontier = merkle.decode_frontier(head.frontier)
        except merkle.MerkleError:
            self._add(FindingKind.HEAD_ALTERED, "the head row's frontier is damaged")
            return None
        if frontier.size != head.size or merkle.root(frontier) != head.root:
            text = "the head row's size, root and frontier don't fit one another"
            self._add(FindingKind.HEAD_ALTERED, text)
            return None
        if key is not None and not any(
            verify_head_mac(k, self._shard, head.size, head.root, head.frontier, head.mac)
            for k in (key, *self._trust.older_audit_keys)
        ):
            self._add(FindingKind.HEAD_ALTERED, "the head row's MAC is wrong: it was altered")
            return None
        return frontier

    def groups(
        self,
        frontier: merkle.Frontier | None,
        checkpoints: Iterable[str],
        outside: CheckpointFile | None,
        witnessed: CheckpointFile | None = None,
    ) -> Iterator[tuple[int, list[Anchor]]]:
        """Yield (size, its anchors) by growing size."""
        heads = [Anchor(frontier.size, Witness.HEAD, merkle.root(frontier))] if frontier else []
        if heads:
            self.largest[Witness.HEAD] = heads[0].size
        merged = heapq.merge(
            self._database(checkpoints),
            self._outside(outside) if outside is not None else (),
            self._cosigned(witnessed) if witnessed is not None else (),
            heads,
            key=lambda anchor: (anchor.size, anchor.witness),
        )
        for size, anchors in groupby(merged, key=lambda anchor: anchor.size):
            group = list(anchors)
            self._pair(group)
            yield size, group

    def finish(self, *, with_outside: bool) -> None:
        """Report what is known only at the end; call it after the last group."""
        if self._unpaired:
            low, high = self._unpaired[0], self._unpaired[-1]
            self._add(
                FindingKind.CHECKPOINT_MISSING,
                f"the outside file holds checkpoints of sizes {low} to {high} that the database "
                "lacks or has otherwise: they were removed or replaced there",
            )
        inside = self.largest.get(Witness.DATABASE, 0)
        outside = self.largest.get(Witness.OUTSIDE, 0)
        if with_outside and outside < inside:
            self._add(
                FindingKind.OUTSIDE_BEHIND,
                f"the outside file ends at size {outside}, the database's checkpoints at {inside}",
            )

    def _database(self, notes: Iterable[str]) -> Iterator[Anchor]:
        previous, size, chained = NO_PREVIOUS, 0, True
        for note in notes:
            self.checkpoints += 1
            checkpoint = self._verify(note, FindingKind.CHECKPOINT_BAD, f"after size {size}")
            if checkpoint is None:
                chained = False  # the next one follows a note that can't be read: not its fault
                continue
            if chained and checkpoint.previous != previous:
                self._add(
                    FindingKind.CHECKPOINT_CHAIN,
                    f"the checkpoint of size {checkpoint.size} doesn't follow that of size {size}: "
                    "checkpoints between them were removed or replaced",
                )
            previous, chained = checkpoint.digest(), True
            if checkpoint.size < size:
                text = f"a checkpoint of size {checkpoint.size} stands after one of size {size}"
                self._add(FindingKind.CHECKPOINT_BAD, text)
                continue
            size = self.largest[Witness.DATABASE] = checkpoint.size
            yield Anchor(size, Witness.DATABASE, checkpoint.root, previous)

    def _outside(self, file: CheckpointFile) -> Iterator[Anchor]:
        previous, size = NO_PREVIOUS, 0
        for note in file.notes(self._origin):
            self.outside_notes += 1
            checkpoint = self._verify(note, FindingKind.OUTSIDE_BAD, f"after size {size}")
            if checkpoint is None:
                continue
            digest = checkpoint.digest()
            if digest == previous:
                continue  # written twice: a writer that wasn't sure caught up after a crash
            if checkpoint.previous != previous:
                text = f"between sizes {size} and {checkpoint.size} the outside file lacks notes"
                self._add(FindingKind.OUTSIDE_GAP, text)
            previous = digest
            if checkpoint.size < size:
                text = f"outside, a note of size {checkpoint.size} stands after one of size {size}"
                self._add(FindingKind.OUTSIDE_BAD, text)
                continue
            size = self.largest[Witness.OUTSIDE] = checkpoint.size
            yield Anchor(size, Witness.OUTSIDE, checkpoint.root, digest)

    def _cosigned(self, file: CheckpointFile) -> Iterator[Anchor]:
        """What witnesses co-signed, whoever signed it for the log: their word is about the tree."""
        size = 0
        for note in filter(is_cosigned, file.notes(self._origin)):
            checkpoint = parse_checkpoint(note)
            try:
                cosigned_by(note, self._trust.witnesses)
            except NoteError as error:
                text = f"a checkpoint of size {checkpoint.size} is not co-signed: {error}"
                self._add(FindingKind.WITNESSED_BAD, text)
                continue
            if checkpoint.size < size:
                continue  # another witness, or one that was asked again
            size = self.largest[Witness.COSIGNED] = checkpoint.size
            yield Anchor(size, Witness.COSIGNED, checkpoint.root, checkpoint.digest())

    def _verify(self, note: str, kind: FindingKind, where: str) -> Checkpoint | None:
        try:
            checkpoint = parse_checkpoint(note)
            if note == self._verified:
                return checkpoint
            key = self._trust.key_of(self._shard, checkpoint.size)
            checkpoint = verify_checkpoint(note, key, self._origin)
        except NoteError as error:
            self._add(kind, f"a checkpoint {where} is not genuine: {error}")
            return None
        self._verified = note
        return checkpoint

    def _pair(self, group: list[Anchor]) -> None:
        inside = {anchor.digest for anchor in group if anchor.witness is Witness.DATABASE}
        for anchor in group:
            if anchor.witness is Witness.OUTSIDE and anchor.digest not in inside:
                self._unpaired = [*self._unpaired[:1], anchor.size]

    def _add(self, kind: FindingKind, text: str) -> None:
        self._collect.add(kind, self._shard, text)
