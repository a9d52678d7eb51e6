"""The ports Clock and Entropy of the simulated world.

Wall time = epoch + virtual time × (1 + rate) + steps; the monotonic clock is virtual time. So one
jump of trio's clock moves time-outs, OTP steps and locks together, and each node may be wrong in
its own way.
"""

from __future__ import annotations

import random

import trio

MONOTONIC_BASE_MS = 5_000_000_000
"""Ten digits, so that no instant of this clock looks like a one-time code."""


class NodeClock:
    """A Clock port. `step` sets the wall clock, back as well as forward."""

    def __init__(self, epoch_ms: int, rate_ppm: int = 0) -> None:
        self._epoch_ms, self._rate_ppm = epoch_ms, rate_ppm
        self.offset_ms = 0

    def now_ms(self) -> int:
        passed = _virtual_ms()
        return self._epoch_ms + passed + passed * self._rate_ppm // 1_000_000 + self.offset_ms

    def monotonic_ms(self) -> int:
        return MONOTONIC_BASE_MS + _virtual_ms()

    def step(self, milliseconds: int) -> None:
        self.offset_ms += milliseconds


def _virtual_ms() -> int:
    # Rounded before it is cut, or sums of floats would fall on either side of a millisecond.
    return int(round(trio.current_time() * 1_000_000) // 1000)


class SeededEntropy:
    """An Entropy port that gives the same numbers for the same seed."""

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)

    def token_bytes(self, n: int) -> bytes:
        return self._random.randbytes(n)

    def integer63(self) -> int:
        # Never short: a small number in a log line could be taken for a code.
        return self._random.randrange(1 << 61, 1 << 63)
