"""What a verification of the log found: findings, each with its place and a sentence.

Knows no log and no tree; ``audit.verify`` writes into a :class:`Collector`. A finding's text names
places and sizes, never an entry's contents.

Invariant: the report's memory is bounded: of one kind in one shard the first ``MAX_EACH`` findings
are kept, the others counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

MAX_EACH: Final = 100


class FindingKind(StrEnum):
    """What was done to the log. The values are for ever: they stand in JSON."""

    ALTERED_ROW = "altered-row"
    ALTERED_LEAF = "altered-leaf"
    ALTERED_RANGE = "altered-range"
    MISSING = "missing-rows"
    DUPLICATE = "duplicate-row"
    SWAPPED = "swapped-rows"
    INSERTED = "inserted-rows"
    TAIL_CUT = "tail-cut"
    HEAD_MISSING = "head-missing"
    HEAD_ALTERED = "head-altered"
    HEAD_SET_BACK = "head-set-back"
    CHECKPOINT_BAD = "checkpoint-bad"
    CHECKPOINT_CHAIN = "checkpoint-chain-broken"
    CHECKPOINT_MISSING = "checkpoint-missing"
    CHECKPOINT_DISAGREES = "checkpoint-disagrees"
    OUTSIDE_BAD = "outside-note-bad"
    OUTSIDE_DISAGREES = "outside-disagrees"
    OUTSIDE_UNKNOWN = "outside-unknown-shard"
    OUTSIDE_TORN = "outside-note-torn"
    OUTSIDE_GAP = "outside-gap"
    OUTSIDE_BEHIND = "outside-behind"
    WITNESSED_BAD = "witnessed-note-bad"
    WITNESSED_DISAGREES = "witnessed-disagrees"
    STAMP_BAD = "stamp-bad"
    STAMP_DISAGREES = "stamp-disagrees"
    ROUND_BAD = "round-bad"
    ROUND_MISSING = "round-missing"
    ROUND_DISAGREES = "round-disagrees"
    SHARD_VANISHED = "shard-vanished"
    KEY_CHANGE_BAD = "key-change-bad"
    TILE_ALTERED = "tile-altered"
    TILE_MISSING = "tile-missing"
    ARCHIVE_ALTERED = "archive-altered"


NOTICES: Final = frozenset(
    {FindingKind.OUTSIDE_TORN, FindingKind.OUTSIDE_GAP, FindingKind.OUTSIDE_BEHIND}
)
"""Kinds that a crash explains too: worth a look, but no proof that the log was touched."""

NOWHERE: Final = -1


class Finding(msgspec.Struct, frozen=True):
    """One thing found. ``first`` and ``last``: sequence numbers, both included; -1: no place."""

    kind: FindingKind
    shard: int
    first: int
    last: int
    text: str


class ShardReport(msgspec.Struct, frozen=True):
    """What was checked of one shard.

    ``rows`` rows were read; the first ``anchored`` entries are covered by a signed checkpoint
    that agrees with them.
    """

    shard: int
    rows: int
    anchored: int
    checkpoints: int
    outside_notes: int


class Report(msgspec.Struct, frozen=True):
    """The whole result. ``counts``: findings by kind, those not kept included."""

    shards: tuple[ShardReport, ...]
    findings: tuple[Finding, ...]
    counts: dict[FindingKind, int]

    @property
    def ok(self) -> bool:
        """Whether the log holds: nothing was found, or notices only."""
        return all(kind in NOTICES for kind in self.counts)

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return sum(shard.rows for shard in self.shards)


def with_findings(report: Report, more: Sequence[Finding]) -> Report:
    """Return the report with what was found beside the walk over the shards."""
    counts = Counter(report.counts)
    counts.update(finding.kind for finding in more)
    return Report(report.shards, (*report.findings, *more), dict(counts))


def merged(reports: Sequence[Report]) -> Report:
    """Return one report of parts, findings in order of shard and place."""
    counts: Counter[FindingKind] = Counter()
    for report in reports:
        counts.update(report.counts)
    findings = sorted(
        (finding for report in reports for finding in report.findings),
        key=lambda finding: (finding.shard, finding.first),
    )
    shards = sorted((s for report in reports for s in report.shards), key=lambda s: s.shard)
    return Report(tuple(shards), tuple(findings), dict(counts))


class Collector:
    """Gathers findings, and forgets none of their counts."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._each: Counter[tuple[int, FindingKind]] = Counter()

    def add(
        self, kind: FindingKind, shard: int, text: str, first: int = NOWHERE, last: int = NOWHERE
    ) -> None:
        """Add a finding; ``last`` defaults to ``first``."""
        self._each[shard, kind] += 1
        if self._each[shard, kind] <= MAX_EACH:
            end = last if last != NOWHERE else first
            self._findings.append(Finding(kind, shard, first, end, text))

    def report(self, shards: list[ShardReport]) -> Report:
        """Return the report, findings in order of shard and place."""
        counts: Counter[FindingKind] = Counter()
        for (_, kind), n in self._each.items():
            counts[kind] += n
        findings = sorted(self._findings, key=lambda f: (f.shard, f.first))
        return Report(tuple(shards), tuple(findings), dict(counts))
