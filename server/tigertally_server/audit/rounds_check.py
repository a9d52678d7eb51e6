"""Verification of the log of rounds: that no round is missing, each is signed, and each says of
every shard what that shard's own checkpoints say.

So a shard that vanished with all its rows, head and checkpoints is still told by the rounds; and
what a witness or a time-stamping authority said about the rounds holds for every shard.

One pass in constant memory; the rows of the shards are `audit.verify`'s.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

import msgspec

from tigertally_server.audit import merkle
from tigertally_server.audit.anchors import Trust
from tigertally_server.audit.checkpoint import Checkpoint, CheckpointFile, parse_checkpoint
from tigertally_server.audit.cosignature import cosigned_by, is_cosigned
from tigertally_server.audit.note import NoteError
from tigertally_server.audit.report import NOWHERE, Collector, FindingKind
from tigertally_server.audit.rounds import (
    Round,
    ShardState,
    parse_record,
    parse_rounds_checkpoint,
    record_leaf,
    rounds_origin,
    verify_rounds_checkpoint,
)


class StoredRound(Protocol):
    """A row: the record and the signed checkpoint of the log of rounds that it ends."""

    @property
    def number(self) -> int: ...
    @property
    def record(self) -> str: ...
    @property
    def note(self) -> str: ...


class Stamped(msgspec.Struct, frozen=True):
    """What an authority stamped, its stamp verified: the log of rounds had this root."""

    size: int
    root: bytes
    at_ms: int
    where: str


class RoundsLog(msgspec.Struct, frozen=True):
    """The log of rounds as it is stored. ``checkpoints(shard)``: the shard's notes by growing
    size; ``shards``: how many there are; ``stamps`` by growing size.
    """

    rounds: Iterable[StoredRound]
    checkpoints: Callable[[int], Iterable[str]]
    shards: int
    stamps: tuple[Stamped, ...] = ()


class _Word(msgspec.Struct, frozen=True, order=True):
    """What somebody outside says of the log of rounds."""

    size: int
    root: bytes
    kind: FindingKind
    text: str


def check_rounds(
    log: RoundsLog,
    trust: Trust,
    collect: Collector,
    *,
    outside: CheckpointFile | None = None,
    witnessed: CheckpointFile | None = None,
) -> int:
    """Verify the log of rounds into ``collect``; return how many rounds there are."""
    return _Pass(log, trust, collect, outside, witnessed).run()


class _Pass:
    def __init__(
        self,
        log: RoundsLog,
        trust: Trust,
        collect: Collector,
        outside: CheckpointFile | None,
        witnessed: CheckpointFile | None,
    ) -> None:
        self._log: Final = log
        self._trust: Final = trust
        self._collect: Final = collect
        self._origin: Final = rounds_origin(trust.installation_id)
        self._frontier = merkle.EMPTY
        self._lost = False
        self._expected = 0
        self._states: tuple[ShardState, ...] = ()
        self._own: dict[int, _Cursor] = {}
        self._words = heapq.merge(
            self._outside(outside), self._witnessed(witnessed), self._stamped()
        )
        self._word = next(self._words, None)

    def run(self) -> int:
        for row in self._log.rounds:
            if row.number != self._expected:
                self._missing(row.number)
            self._expected = row.number + 1
            found = self._read(row)
            self._frontier = merkle.append(self._frontier, [record_leaf(row.record)])
            self._signed(row, found)
            self._compare_words()
            if found is not None:
                self._compare_shards(found)
        self._finish()
        return self._expected

    def _add(self, kind: FindingKind, text: str) -> None:
        self._collect.add(kind, NOWHERE, text)

    def _missing(self, following: int) -> None:
        self._add(
            FindingKind.ROUND_MISSING,
            f"rounds {self._expected} to {following - 1} are missing: {following} follows",
        )
        self._lost = True

    def _read(self, row: StoredRound) -> Round | None:
        try:
            found = parse_record(row.record)
        except NoteError as problem:
            self._add(FindingKind.ROUND_BAD, f"round {row.number} was altered: {problem}")
            return None
        if (found.origin, found.number) != (self._origin, row.number):
            self._add(FindingKind.ROUND_BAD, f"round {row.number} was altered: it is another's")
            return None
        return found

    def _signed(self, row: StoredRound, found: Round | None) -> None:
        size = row.number + 1
        try:
            note = verify_rounds_checkpoint(row.note, self._trust.rounds_key(size), self._origin)
        except NoteError as problem:
            text = f"the checkpoint of round {row.number} is not genuine: {problem}"
            self._add(FindingKind.ROUND_BAD, text)
            return
        if note.size != size or (found is not None and note.super_root != found.super_root()):
            text = f"round {row.number} was altered: its signed checkpoint is another round's"
            self._add(FindingKind.ROUND_BAD, text)
        elif not self._lost and note.root != merkle.root(self._frontier):
            self._lost = True
            text = f"round {row.number} or one before it was altered: the signed root is another"
            self._add(FindingKind.ROUND_BAD, text)

    def _compare_shards(self, found: Round) -> None:
        if self._states and len(found.shards) != len(self._states):
            text = f"round {found.number} tells {len(found.shards)} shards, the one before it "
            self._add(FindingKind.ROUND_BAD, f"{text}{len(self._states)}")
        before = {state.shard: state for state in self._states}
        for state in found.shards:
            if state == before.get(state.shard):
                continue
            self._compare_shard(found.number, state, before.get(state.shard))
        self._states = found.shards

    def _compare_shard(self, number: int, state: ShardState, before: ShardState | None) -> None:
        if before is not None and state.size <= before.size:
            text = f"round {number} tells shard {state.shard} shorter or other than before"
            self._collect.add(FindingKind.ROUND_DISAGREES, state.shard, text)
            return
        if not state.size:
            return
        cursor = self._own.get(state.shard)
        if cursor is None:
            cursor = self._own[state.shard] = _Cursor(self._log.checkpoints(state.shard))
        own = cursor.at(state.size)
        if own is None or own.root != state.root:
            what = "has none of that size" if own is None else "has another root there"
            text = f"round {number} tells shard {state.shard} with {state.size} entries, but it "
            self._collect.add(
                FindingKind.ROUND_DISAGREES, state.shard, f"{text}{what} among its checkpoints"
            )

    # ------------------------------------------------------------------ words from outside

    def _outside(self, file: CheckpointFile | None) -> Iterator[_Word]:
        size = 0
        for note in file.notes(self._origin) if file is not None else ():
            found = parse_rounds_checkpoint(note)
            if found.size < size:
                text = f"outside, round {found.size - 1} stands after round {size - 1}"
                self._add(FindingKind.OUTSIDE_BAD, text)
                continue
            if found.size > size + 1:
                text = f"between rounds {size} and {found.size - 1} the outside file lacks notes"
                self._add(FindingKind.OUTSIDE_GAP, text)
            size = found.size
            text = f"the outside file has another round {size - 1}: the past was written anew"
            yield _Word(size, found.root, FindingKind.OUTSIDE_DISAGREES, text)

    def _witnessed(self, file: CheckpointFile | None) -> Iterator[_Word]:
        size = 0
        notes = file.notes(self._origin) if file is not None else ()
        for note in filter(is_cosigned, notes):
            found = parse_rounds_checkpoint(note)
            if found.size < size:
                continue  # another witness, or one that was asked again
            size = found.size
            try:
                who = cosigned_by(note, self._trust.witnesses)
            except NoteError as problem:
                text = f"a round's checkpoint of size {found.size} is not co-signed: {problem}"
                self._add(FindingKind.WITNESSED_BAD, text)
                continue
            text = f"{who.name} co-signed another round {found.size - 1}: the past was written anew"
            yield _Word(found.size, found.root, FindingKind.WITNESSED_DISAGREES, text)

    def _stamped(self) -> Iterator[_Word]:
        for stamp in self._log.stamps:
            text = f"{stamp.where} stamps another round {stamp.size - 1}: the past was written anew"
            yield _Word(stamp.size, stamp.root, FindingKind.STAMP_DISAGREES, text)

    def _compare_words(self) -> None:
        while self._word is not None and self._word.size <= self._expected:
            word = self._word
            self._word = next(self._words, None)
            if self._lost or word.size < self._expected:
                continue
            if word.root != merkle.root(self._frontier):
                self._add(word.kind, word.text)

    def _finish(self) -> None:
        last = 0
        while self._word is not None:
            last = max(last, self._word.size)
            self._word = next(self._words, None)
        if last:
            text = f"rounds {self._expected} to {last - 1} are missing: they are known outside"
            self._add(FindingKind.ROUND_MISSING, text)
        for state in self._states[self._log.shards :]:
            text = f"shard {state.shard} with {state.size} entries is told by the rounds, but gone"
            self._collect.add(FindingKind.SHARD_VANISHED, state.shard, text)


class _Cursor:
    """Walks a shard's checkpoints by growing size."""

    def __init__(self, notes: Iterable[str]) -> None:
        self._notes = iter(notes)
        self._found: Checkpoint | None = None

    def at(self, size: int) -> Checkpoint | None:
        """The checkpoint of this size; None where there is none."""
        while self._found is None or self._found.size < size:
            note = next(self._notes, None)
            if note is None:
                return None
            try:
                self._found = parse_checkpoint(note)
            except NoteError:
                continue  # named by the pass over the shard
        return self._found if self._found.size == size else None
