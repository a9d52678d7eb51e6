"""One step of a flow: what a try of one factor makes of the whole.

Pure. Knows neither how the factor was tried nor when; deadlines and cancellation are the caller's,
for they need no tree.

Laws: a flow that isn't OPEN takes no step; a refused try changes nothing but the count of failures;
`tries` refused tries end the flow as FAILED (0: only the factors' own limits hold); a loss ends it
as soon as nothing that is left can complete it.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from tigertally_engines.flow.expression import Node
from tigertally_engines.flow.progress import Mark, Progress, Standing, progress


class Attempt(Enum):
    """What a try of a factor came to."""

    PROVEN = auto()
    UNDECIDED = auto()  # neither: it says nothing against who tried, and costs nothing
    REFUSED = auto()
    LOST = auto()  # refused, and no later try within the deadline can succeed


class Step(NamedTuple):
    """The flow after a try: `marks` and `failures` are what must be kept."""

    marks: tuple[Mark, ...]
    failures: int
    progress: Progress


def standing(root: Node, marks: Sequence[Mark], failures: int, tries: int) -> Progress:
    """Where the flow is, its own count of failures included."""
    found = progress(root, marks)
    if found.standing is Standing.OPEN and 0 < tries <= failures:
        return Progress(Standing.FAILED, found.proven, ())
    return found


def take(
    root: Node, marks: Sequence[Mark], failures: int, tries: int, factor: str, attempt: Attempt
) -> Step:
    """The flow after one try of `factor`, which must be among those wanted."""
    kept = tuple(marks)
    if attempt is Attempt.PROVEN:
        kept += (Mark(factor, Standing.SATISFIED),)
    elif attempt is not Attempt.UNDECIDED:
        failures += 1
    if attempt is Attempt.LOST:
        kept += (Mark(factor, Standing.FAILED),)
    return Step(kept, failures, standing(root, kept, failures, tries))
