"""Rows that don't fit their leaf, or their number, and what the next anchor says about them.

Between two anchors a few rows may be doubtful: altered, with an altered leaf, swapped, or doubled.
The leaf that was committed to is then one of a few candidates; the anchor's root tells which. So
the verifier can say whether the row or its leaf column was touched, and go on with a whole tree.

Knows rows, hashes and one range of leaves; no checkpoints, no storage.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Final

import msgspec

from tigertally_server.audit import merkle
from tigertally_server.audit.leaf import EncodingError, leaf_hash
from tigertally_server.audit.report import Collector, FindingKind
from tigertally_server.domain.entry import Entry

MAX_DOUBTS: Final = 32
MAX_TRIALS: Final = 64

Choice = dict[int, bytes]
"""The leaf chosen for each doubtful sequence number."""


class Doubt(msgspec.Struct, frozen=True):
    """One doubtful row. ``computed``: its leaf made anew; None: the row can't be encoded."""

    seq: int
    entry: Entry
    stored: bytes
    computed: bytes | None
    second: bool = False
    """Not the first row with its number."""


def solve(
    doubts: Sequence[Doubt], frontier: merkle.Frontier, leaves: list[bytes], roots: set[bytes]
) -> tuple[Choice, merkle.Frontier] | None:
    """Find the committed leaves of the doubtful rows.

    Args:
        doubts: the range's; those before ``frontier.size`` can't be chosen any more.
        frontier: the tree before the range.
        leaves: the range's leaves as read; changed to the solution when there is one.
        roots: what the anchors at the range's end say.

    Returns:
        The choice and the tree's frontier after the range; None when nothing fits.
    """
    options: dict[int, list[bytes]] = {}
    for doubt in doubts:
        if doubt.seq >= frontier.size:
            options.setdefault(doubt.seq, [leaves[doubt.seq - frontier.size]])
            _offer(options, doubt.seq, doubt.stored, doubt.computed)
    for low, high, low_leaf, high_leaf in _swaps(doubts):
        _offer(options, low, low_leaf)
        _offer(options, high, high_leaf)
    if not options or prod(len(each) for each in options.values()) > MAX_TRIALS:
        return None
    trial = list(leaves)
    for chosen in product(*options.values()):
        choice = dict(zip(options, chosen, strict=True))
        for seq, leaf in choice.items():
            trial[seq - frontier.size] = leaf
        after = merkle.append(frontier, trial)
        if merkle.root(after) in roots:
            leaves[:] = trial
            return choice, after
    return None


def _offer(options: dict[int, list[bytes]], seq: int, *leaves: bytes | None) -> None:
    known = options.get(seq)
    if known is None:
        return
    known.extend(leaf for leaf in dict.fromkeys(leaves) if leaf is not None and leaf not in known)


def _swaps(doubts: Sequence[Doubt]) -> list[tuple[int, int, bytes, bytes]]:
    """Return (low, high, low's leaf, high's leaf) of rows that stand in each other's place."""
    found = []
    altered = [doubt for doubt in doubts if not doubt.second and doubt.stored != doubt.computed]
    for i, low in enumerate(altered):
        for high in altered[i + 1 :]:
            at_high, at_low = _moved(low.entry, high.seq), _moved(high.entry, low.seq)
            stored = {low.stored, high.stored}
            if at_high is not None and at_low is not None and {at_high, at_low} == stored:
                found.append((low.seq, high.seq, at_low, at_high))
    return found


def _moved(entry: Entry, seq: int) -> bytes | None:
    try:
        return leaf_hash(msgspec.structs.replace(entry, seq=seq))
    except EncodingError:
        return None


def report(doubts: Sequence[Doubt], choice: Choice | None, shard: int, collect: Collector) -> None:
    """Write the doubts down as findings; ``choice`` None: no anchor could tell."""
    swapped: set[int] = set()
    for low, high, _, _ in _swaps(doubts):
        swapped |= {low, high}
        text = f"entries {low} and {high} stand in each other's place"
        collect.add(FindingKind.SWAPPED, shard, text, low, high)
    for doubt in doubts:
        if doubt.seq in swapped:
            continue
        kind, text = _describe(doubt, None if choice is None else choice.get(doubt.seq))
        collect.add(kind, shard, text, doubt.seq)


def _describe(doubt: Doubt, committed: bytes | None) -> tuple[FindingKind, str]:
    seq = doubt.seq
    if doubt.second:
        which = ""
        if committed is not None:
            mine = committed == doubt.computed
            which = ", which is what was committed to" if mine else ", which isn't the genuine one"
        entry = doubt.entry
        row = f"business day {entry.business_day}, channel {entry.channel_id}, "
        row += f"serial {entry.serial}, phase {entry.phase}"
        return FindingKind.DUPLICATE, f"entry {seq} is there twice; one is ({row}){which}"
    if doubt.computed is None:
        return FindingKind.ALTERED_ROW, f"entry {seq} was altered: it has values no entry can have"
    if committed is not None and committed == doubt.computed:
        text = f"entry {seq} is as it was written, but its stored leaf was altered"
        return FindingKind.ALTERED_LEAF, text
    if committed is not None and committed == doubt.stored:
        text = f"entry {seq} was altered: its leaf is the one committed to, its row isn't"
        return FindingKind.ALTERED_ROW, text
    return FindingKind.ALTERED_ROW, f"entry {seq} was altered: it doesn't fit its leaf"
