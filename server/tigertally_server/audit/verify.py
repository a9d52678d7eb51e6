"""Whole-log verification: does every row stand as it was committed, and is none missing?

One pass over each shard's rows in order of ``seq``. Each row's leaf is computed anew and compared
with the stored one; the stored leaves are grown into the tree, whose root must be that of every
anchor (``audit.anchors``) as its size is reached. So

* a row altered without its leaf is named;
* a row altered with its leaf shows as a range between two anchors, and is named when its sealed
  outcome doesn't open for it (``open_sealed``);
* gaps, doubles, swaps, rows beyond every anchor and a cut tail are named.

After damage that hides a leaf the tree can't be continued; it is taken up again at the next
perfect subtree of the (genuine) head's frontier, and until then rows are opened one by one.

Knows no database and no clock: rows, notes and keys are given. Memory: O(log n) and one bounded
range of leaves. Around 200 000 rows/s on one core.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, chain
from typing import Final

import msgspec

from tigertally_server.audit import doubts as doubtful
from tigertally_server.audit import merkle
from tigertally_server.audit.anchors import WITNESS_NAMES, Anchor, Anchors, Trust, Witness
from tigertally_server.audit.checkpoint import CheckpointFile, origin_of
from tigertally_server.audit.doubts import MAX_DOUBTS, Doubt
from tigertally_server.audit.keychange import keys_name
from tigertally_server.audit.leaf import EncodingError, leaf_hash
from tigertally_server.audit.report import (
    NOWHERE,
    Collector,
    FindingKind,
    Report,
    ShardReport,
    merged,
)
from tigertally_server.audit.rounds import rounds_origin
from tigertally_server.audit.rounds_check import RoundsLog, check_rounds
from tigertally_server.domain.entry import ArchivedEntry, Entry, ShardHead, StoredEntry

STEP: Final = 8192
"""Rows between two calls of the progress callback."""
MAX_RANGE: Final = 32768
"""Leaves kept since the last anchor, for ``audit.doubts``; a longer range is folded up."""

Row = StoredEntry | tuple[Entry | ArchivedEntry, bytes]
"""An entry and its stored leaf; of one whose file is not at hand, the leaf alone."""

_CONTRADICTIONS: Final = {
    Witness.HEAD: FindingKind.HEAD_ALTERED,
    Witness.DATABASE: FindingKind.CHECKPOINT_DISAGREES,
    Witness.OUTSIDE: FindingKind.OUTSIDE_DISAGREES,
    Witness.COSIGNED: FindingKind.WITNESSED_DISAGREES,
}

_EXTERNAL: Final = frozenset({Witness.OUTSIDE, Witness.COSIGNED})

OpenSealed = Callable[[Entry], bool]
"""Whether the entry's sealed outcome opens with the entry's identity as associated data. True
also where that can't be told (a destroyed key)."""

Progress = Callable[[int, int], None]
"""Called with (shard, rows read of it so far)."""


class ShardLog(msgspec.Struct, frozen=True):
    """One shard as it is stored: all of one database snapshot.

    ``read(start, stop)`` yields the rows with ``start <= seq < stop`` (None: no end) in order of
    ``seq``, each a StoredEntry or a plain pair (entry, leaf); called again only to look closer.
    ``checkpoints``: the signed notes by growing size.
    """

    shard: int
    read: Callable[[int, int | None], Iterable[Row]]
    head: ShardHead | None
    checkpoints: Iterable[str]


def verify_log(
    shards: Iterable[ShardLog],
    trust: Trust,
    *,
    outside: CheckpointFile | None = None,
    witnessed: CheckpointFile | None = None,
    rounds: RoundsLog | None = None,
    open_sealed: OpenSealed | None = None,
    progress: Progress | None = None,
) -> Report:
    """Verify all shards and return what was found.

    Args:
        shards: every shard of the installation (their number is fixed when it is installed).
        trust: the installation, the checkpoint public key and, if at hand, the audit key.
        outside: the outside file, opened before the database snapshot was taken.
        witnessed: notes that witnesses co-signed, in order of size; likewise.
        rounds: the log of rounds over all shards.
        open_sealed: narrows altered ranges down to entries.
        progress: called every few thousand rows.
    """
    one_by_one = [
        verify_shard(
            log,
            trust,
            outside=outside,
            witnessed=witnessed,
            open_sealed=open_sealed,
            progress=progress,
        )
        for log in shards
    ]
    known = {report.shard for each in one_by_one for report in each.shards}
    rest = verify_rest(known, trust, outside=outside, witnessed=witnessed, rounds=rounds)
    return merged([*one_by_one, rest])


def verify_shard(
    log: ShardLog,
    trust: Trust,
    *,
    outside: CheckpointFile | None = None,
    witnessed: CheckpointFile | None = None,
    open_sealed: OpenSealed | None = None,
    progress: Progress | None = None,
) -> Report:
    """Verify one shard; shards may be verified side by side. Arguments as :func:`verify_log`."""
    collect = Collector()
    walk = _Walk(log, trust, collect, outside, witnessed, open_sealed, progress)
    return collect.report([walk.run()])


def verify_rest(
    shards: set[int],
    trust: Trust,
    *,
    outside: CheckpointFile | None = None,
    witnessed: CheckpointFile | None = None,
    rounds: RoundsLog | None = None,
) -> Report:
    """Verify what belongs to no single shard: the file as a whole, and the rounds."""
    collect = Collector()
    if rounds is not None:
        check_rounds(rounds, trust, collect, outside=outside, witnessed=witnessed)
    if outside is not None:
        _check_file(outside, trust, shards, collect)
    return collect.report([])


def _check_file(
    outside: CheckpointFile, trust: Trust, shards: set[int], collect: Collector
) -> None:
    for torn in outside.torn():
        text = f"the outside file has no whole note at byte {torn.offset}: {torn.reason}"
        collect.add(FindingKind.OUTSIDE_TORN, NOWHERE, text)
    known = {origin_of(trust.installation_id, shard) for shard in shards}
    known |= {rounds_origin(trust.installation_id), keys_name(trust.installation_id)}
    for origin in sorted(outside.origins() - known):
        text = f"the outside file speaks of {origin}, which the database doesn't know"
        collect.add(FindingKind.OUTSIDE_UNKNOWN, NOWHERE, text)


class _Walk:
    """One pass over one shard. ``_expected`` is the next sequence number."""

    def __init__(
        self,
        log: ShardLog,
        trust: Trust,
        collect: Collector,
        outside: CheckpointFile | None,
        witnessed: CheckpointFile | None,
        open_sealed: OpenSealed | None,
        progress: Progress | None,
    ) -> None:
        self._log: Final = log
        self._shard: Final = log.shard
        self._collect: Final = collect
        self._outside: Final = outside
        self._witnessed: Final = witnessed
        self._open_sealed: Final = open_sealed
        self._progress: Final = progress
        self._anchors: Final = Anchors(log.shard, trust, collect)
        self._source: Final[Iterator[Row]] = iter(log.read(0, None))
        self._held: list[Row] = []  # read, but beyond the stop
        self._ended = False
        self._expected = 0
        self._rows = 0
        # The tree: everything folded, then the leaves since.
        self._frontier = merkle.EMPTY
        self._leaves: list[bytes] = []
        self._doubts: list[Doubt] = []
        self._lost = False  # a leaf is unknown: no root can be computed
        self._agreed = 0  # the largest size at which a witness (or the head's frontier) agreed
        self._anchored = 0  # the same, signed checkpoints only
        self._marks: dict[int, merkle.Frontier] = {}
        self._missing: list[range] = []
        self._said: set[FindingKind] = set()

    # ------------------------------------------------------------------------------ the pass

    def run(self) -> ShardReport:
        frontier = self._anchors.head_frontier(self._log.head)
        if frontier is not None:
            self._marks = _marks(frontier)
        groups = self._anchors.groups(
            frontier, self._log.checkpoints, self._outside, self._witnessed
        )
        for size, anchors in groups:
            self._advance(size)
            self._judge(size, anchors)
        self._finish(max(self._anchors.largest.values(), default=0))
        self._anchors.finish(with_outside=self._outside is not None)
        return ShardReport(
            self._shard,
            self._rows,
            self._anchored,
            self._anchors.checkpoints,
            self._anchors.outside_notes,
        )

    def _advance(self, stop: int) -> None:
        """Read all rows below ``stop``, taking the tree up again where that is possible."""
        while self._expected < stop and not self._ended:
            mark = self._next_mark(stop) if self._lost else None
            if mark is not None and mark == self._expected:
                self._resume(self._marks[mark])
                mark = None
            self._read(stop if mark is None else mark)
            if not self._held:
                continue
            following = self._held[0][0].seq
            if following >= stop:
                break
            if following > self._expected:
                self._gap(following)

    def _next_mark(self, stop: int) -> int | None:
        return min((at for at in self._marks if self._expected <= at < stop), default=None)

    def _read(self, stop: int) -> None:
        """Read rows below ``stop`` up to a gap, and hold the row that follows them."""
        while self._expected < stop and not self._ended:
            self._read_some(min(stop, self._expected + STEP))
            if self._lost:
                self._leaves.clear()
            elif len(self._leaves) >= MAX_RANGE:
                self._fold()
            if self._progress is not None:
                self._progress(self._shard, self._rows)
            if self._held:
                return
        self._peek()

    def _read_some(self, stop: int) -> None:
        """The hot loop: rows up to ``stop``, or up to one that is ahead of its turn."""
        expected = self._expected
        leaves = self._leaves
        opener = self._open_sealed if self._lost else None
        count = 0
        for row in chain(self._take_held(), self._source):
            entry, stored = row
            if entry.seq > expected:
                self._held = [row]
                break
            count += 1
            if entry.seq < expected:
                self._late(entry, stored)
                continue
            leaves.append(stored)
            if isinstance(entry, Entry):
                try:
                    computed = leaf_hash(entry)
                except EncodingError:
                    computed = None
                if computed != stored:
                    self._doubt(Doubt(expected, entry, stored, computed))
                elif opener is not None and not opener(entry):
                    self._named(expected)
            expected += 1
            if expected == stop:
                break
        else:
            self._ended = True
        self._expected = expected
        self._rows += count

    def _take_held(self) -> list[Row]:
        held, self._held = self._held, []
        return held

    def _peek(self) -> None:
        """Consume the rows that double a number already passed; hold the next."""
        while not self._held and not self._ended:
            row = next(self._source, None)
            if row is None:
                self._ended = True
            elif row[0].seq >= self._expected:
                self._held = [row]
            else:
                self._rows += 1
                self._late(*row)

    def _late(self, entry: Entry | ArchivedEntry, stored: bytes) -> None:
        """Judge a row whose number was passed already."""
        seq = entry.seq
        if any(seq in gap for gap in self._missing):
            text = f"entry {seq} is not missing, but stands out of order"
            self._collect.add(FindingKind.SWAPPED, self._shard, text, seq)
            return
        if not isinstance(entry, Entry):
            text = f"entry {seq} is archived, and a row of that number stands beside it"
            self._collect.add(FindingKind.DUPLICATE, self._shard, text, seq)
            return
        try:
            computed = leaf_hash(entry)
        except EncodingError:
            computed = None
        self._doubt(Doubt(seq, entry, stored, computed, second=True))

    def _gap(self, following: int) -> None:
        """Entries up to ``following`` are missing; go on there."""
        first, self._expected = self._expected, following
        n = following - first
        text = f"{n} entries are missing" if n > 1 else "one entry is missing"
        self._collect.add(FindingKind.MISSING, self._shard, text, first, following - 1)
        self._missing = [*self._missing[-63:], range(first, following)]
        if not self._lost:
            self._lose(first)

    # ------------------------------------------------------------------------------ the tree

    def _doubt(self, doubt: Doubt) -> None:
        self._doubts.append(doubt)
        if self._lost or len(self._doubts) > MAX_DOUBTS:
            self._settle(None)

    def _settle(self, choice: doubtful.Choice | None) -> None:
        """Report the doubts of the range; ``choice``: the leaves that the anchor confirmed."""
        if self._doubts:
            doubtful.report(self._doubts, choice, self._shard, self._collect)
            self._doubts = []

    def _fold(self) -> None:
        self._frontier = merkle.append(self._frontier, self._leaves)
        self._leaves.clear()

    def _lose(self, stop: int) -> None:
        """Give the tree up: since the last agreeing witness, rows below ``stop`` are uncertain."""
        named = {doubt.seq for doubt in self._doubts}
        self._settle(None)
        self._lost = True
        self._leaves.clear()
        if self._open_sealed is None:
            return
        for entry, _ in self._log.read(self._agreed, stop):
            if not isinstance(entry, Entry) or entry.seq in named:
                continue
            if not self._open_sealed(entry):
                self._named(entry.seq)

    def _resume(self, frontier: merkle.Frontier) -> None:
        self._frontier = frontier
        self._leaves.clear()
        self._lost = False
        self._agreed = frontier.size

    def _judge(self, size: int, anchors: list[Anchor]) -> None:
        """Compare the tree with what the witnesses say about it at this size."""
        if self._expected < size:
            return  # the next row, or the end, lies beyond: a gap, or a cut tail
        if self._lost:
            return
        roots = {anchor.root for anchor in anchors}
        after = merkle.append(self._frontier, self._leaves)
        choice: doubtful.Choice | None
        if merkle.root(after) in roots:
            choice = self._as_read()
        else:
            solved = doubtful.solve(self._doubts, self._frontier, self._leaves, roots)
            if solved is None:
                self._disagree(size, anchors)
                return
            choice, after = solved
        self._settle(choice)
        root = merkle.root(after)
        self._frontier = after
        self._leaves.clear()
        self._agreed = size
        if any(a.root == root and a.witness is not Witness.HEAD for a in anchors):
            self._anchored = size
        for anchor in anchors:
            if anchor.root != root:
                self._contradicts(anchor)

    def _as_read(self) -> doubtful.Choice:
        base = self._frontier.size
        inside = (doubt.seq for doubt in self._doubts if doubt.seq >= base)
        choice = {seq: self._leaves[seq - base] for seq in inside}
        return {doubt.seq: doubt.stored for doubt in self._doubts if not doubt.second} | choice

    def _contradicts(self, anchor: Anchor) -> None:
        """One witness is alone against the rows and another witness of the same size."""
        kind = _CONTRADICTIONS[anchor.witness]
        who = WITNESS_NAMES[anchor.witness]
        text = f"{who} of size {anchor.size} has another root than the entries"
        if anchor.witness in _EXTERNAL:
            text += ": the past was written anew"
        if kind not in self._said:
            self._said.add(kind)
            self._collect.add(kind, self._shard, text)

    def _disagree(self, size: int, anchors: list[Anchor]) -> None:
        """No witness of this size agrees with the rows."""
        if all(anchor.witness in _EXTERNAL for anchor in anchors):
            # The database has no checkpoint here; its next one, or the head, judges the rows.
            for anchor in anchors:
                self._contradicts(anchor)
            return
        if len({anchor.root for anchor in anchors}) > 1:
            text = f"the witnesses of size {size} contradict one another"
            self._collect.add(FindingKind.CHECKPOINT_DISAGREES, self._shard, text)
        first = self._agreed
        witness = WITNESS_NAMES[anchors[0].witness]
        since = f"at size {first} it still agreed" if first else "nothing before it agreed"
        text = f"{witness} of size {size} disagrees with the entries; {since}"
        self._collect.add(FindingKind.ALTERED_RANGE, self._shard, text, first, size - 1)
        self._lose(size)

    def _named(self, seq: int) -> None:
        text = f"entry {seq} was altered together with its leaf: its sealed outcome doesn't open"
        self._collect.add(FindingKind.ALTERED_ROW, self._shard, text, seq)

    # ------------------------------------------------------------------------------ the end

    def _finish(self, covered: int) -> None:
        if self._expected < covered:
            if self._ended:
                self._cut(covered)
            else:
                self._gap(covered)  # rows go on beyond all that is covered: no cut, but a gap
        self._settle(None)
        self._inserted(covered)
        head = self._log.head
        if head is None and (self._rows or covered):
            text = "the shard has no head row"
            self._collect.add(FindingKind.HEAD_MISSING, self._shard, text)
        genuine = self._anchors.largest.get(Witness.HEAD)
        if genuine is not None and genuine < covered:
            text = f"the head says {genuine} entries, a checkpoint {covered}: it was set back"
            self._collect.add(FindingKind.HEAD_SET_BACK, self._shard, text)

    def _cut(self, size: int) -> None:
        end = self._expected
        witnesses = sorted(self._anchors.largest.items())
        says = ", ".join(f"{WITNESS_NAMES[w]} says {n}" for w, n in witnesses if n > end)
        text = f"the log's tail was cut: rows end after {end} entries, but {says}"
        self._collect.add(FindingKind.TAIL_CUT, self._shard, text, end, size - 1)
        if not self._lost:
            self._lose(end)

    def _inserted(self, covered: int) -> None:
        """Rows beyond every witness: nobody committed to them."""
        n, first, last = 0, NOWHERE, NOWHERE
        for entry, _ in chain(self._take_held(), self._source):
            self._rows += 1
            n += 1
            first = entry.seq if first == NOWHERE else first
            last = entry.seq
        if n:
            text = f"{n} rows stand beyond the {covered} entries that a head or checkpoint covers"
            self._collect.add(FindingKind.INSERTED, self._shard, text, first, last)


def _marks(frontier: merkle.Frontier) -> dict[int, merkle.Frontier]:
    """Return the sizes at which the head's frontier gives the whole tree before them."""
    bits = [1 << bit for bit in range(frontier.size.bit_length() - 1, -1, -1)]
    sizes = accumulate(bit for bit in bits if frontier.size & bit)
    return {
        size: merkle.Frontier(size, frontier.nodes[:n]) for n, size in enumerate(sizes, start=1)
    }
