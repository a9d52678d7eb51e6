"""How long to wait before trying again: exponential, capped, jittered.

Pure: the attempt's number and a random number go in, seconds come out. Full doubling would let a
thousand clients that lost the same server return in the same instant, so half of each delay is
random (AWS Architecture Blog, "Exponential Backoff and Jitter": equal jitter).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_RANDOM_RANGE: Final = 1 << 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Delays that double from `base_s` up to `cap_s`, each between half of itself and itself."""

    base_s: float
    cap_s: float

    def __post_init__(self) -> None:
        if not 0 < self.base_s <= self.cap_s:
            raise ValueError("a back-off needs 0 < base_s <= cap_s")

    def delay_s(self, attempt: int, random63: int) -> float:
        """Seconds to wait before attempt number `attempt` (1 = the first repetition).

        Args:
            attempt: from 1.
            random63: `Entropy.integer63()`.
        """
        assert attempt >= 1
        full = min(self.cap_s, self.base_s * (1 << min(attempt - 1, 32)))
        return full / 2 + full / 2 * (random63 / _RANDOM_RANGE)
