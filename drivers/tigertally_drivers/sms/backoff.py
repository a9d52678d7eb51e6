"""How long to leave a failing gateway alone: doubling, capped, and half of it random, so that the
nodes of one bank don't come back in step.
"""

from __future__ import annotations

from typing import Final

from tigertally_drivers.ports import Entropy

_STEPS: Final = 1 << 20


class Backoff:
    """A row of failures. `delay_s` is in [half, whole] of `first_s` doubled with each, at most
    `most_s`.
    """

    __slots__ = ("_entropy", "_failures", "_first_s", "_most_s")

    def __init__(self, first_s: float, most_s: float, entropy: Entropy) -> None:
        self._first_s, self._most_s, self._entropy = first_s, most_s, entropy
        self._failures = 0

    def succeeded(self) -> None:
        """The row has ended."""
        self._failures = 0

    def delay_s(self) -> float:
        """One more failure: how long to wait now, in seconds."""
        whole = min(self._most_s, self._first_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return whole * (0.5 + 0.5 * (self._entropy.integer63() % _STEPS) / _STEPS)
