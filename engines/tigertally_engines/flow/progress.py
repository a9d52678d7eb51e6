"""How far a flow is: which factors are proven, which are lost, which may be tried now.

A flow's past is a sequence of marks, each a factor that was proven or lost for good; everything
else follows from it and the tree. A proof counts for those leaves that want it at that moment: a
leaf of an `order` whose turn hasn't come doesn't, and a group that has what it needs wants nothing
more. A loss counts for every leaf of that factor that isn't proven.

Three values, OPEN until the marks decide: SATISFIED and FAILED never change again, whatever marks
follow. Pure; knows neither time nor what a factor is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from tigertally_engines.flow.expression import Node, leaves_of


class Standing(IntEnum):
    """Of a leaf, a group or a whole flow."""

    OPEN = 0
    SATISFIED = 1
    FAILED = 2


class Mark(NamedTuple):
    """What became of a factor: `standing` is SATISFIED (proven) or FAILED (lost for good)."""

    factor: str
    standing: Standing


class Progress(NamedTuple):
    """A flow after its marks.

    Attributes:
        standing: of the whole.
        proven: factors with a leaf that counts, in reading order.
        wanted: factors that may be tried now, in reading order; none unless OPEN.
    """

    standing: Standing
    proven: tuple[str, ...]
    wanted: tuple[str, ...]


_ALL_OPEN: Final = Standing.OPEN


def progress(root: Node, marks: Iterable[Mark]) -> Progress:
    """Where `root` stands after `marks`, in the order in which they came."""
    leaves = tuple(leaves_of(root))
    standings = [_ALL_OPEN] * len(leaves)
    for mark in marks:
        if mark.standing is Standing.SATISFIED:
            hit = [leaf for leaf in _wanted(root, standings) if leaf.name == mark.factor]
        else:
            hit = [leaf for leaf in leaves if leaf.name == mark.factor and not standings[leaf.leaf]]
        for leaf in hit:
            standings[leaf.leaf] = mark.standing
    proven = (leaf.name for leaf in leaves if standings[leaf.leaf] is Standing.SATISFIED)
    wanted = (leaf.name for leaf in _wanted(root, standings))
    return Progress(
        _standing(root, standings), tuple(dict.fromkeys(proven)), tuple(dict.fromkeys(wanted))
    )


def _standing(node: Node, standings: Sequence[Standing]) -> Standing:
    if node.name:
        return standings[node.leaf]
    members = [_standing(member, standings) for member in node.members]
    if members.count(Standing.SATISFIED) >= node.needed:
        return Standing.SATISFIED
    if members.count(Standing.FAILED) > len(members) - node.needed:
        return Standing.FAILED
    return Standing.OPEN


def _wanted(node: Node, standings: Sequence[Standing]) -> Iterator[Node]:
    """The leaves that a proof would count for now."""
    if _standing(node, standings) is not Standing.OPEN:
        return
    if node.name:
        yield node
    for member in node.members:
        yield from _wanted(member, standings)
        if node.ordered and _standing(member, standings) is not Standing.SATISFIED:
            return
