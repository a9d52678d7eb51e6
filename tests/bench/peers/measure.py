"""What a run of requests came to: counts, rates and latencies, in one arithmetic for all products.

A rate counts the answers within a window that leaves out the beginning, when connections are opened
and caches fill, and the end, when what is under way comes in. Pure: times come from the caller.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

WARM_S: Final = 2.0


@dataclass(slots=True)
class Tally:
    """What is counted while a run goes on. Times are seconds since its start."""

    answered_at: list[float] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)
    approved_users: list[str] = field(default_factory=list)
    denied: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def answer(
        self, at: float, latency_s: float, user: str, *, right: bool, approved: bool
    ) -> None:
        """An answer that can be trusted; not the right one, it is an error too."""
        self.answered_at.append(at)
        self.latencies_s.append(latency_s)
        if approved:
            self.approved_users.append(user)
        else:
            self.denied += 1
        if approved is not right:
            self.errors["wrong code approved" if approved else "right code denied"] += 1


@dataclass(frozen=True, slots=True)
class Run:
    """A run, summed up."""

    answered: int
    per_s: float
    errors: dict[str, int]
    p50_ms: float
    p99_ms: float
    generator_cpu_s: float

    @property
    def error_share(self) -> float:
        wrong = sum(self.errors.values())
        return wrong / max(1, self.answered + self.errors.get("no answer", 0))


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that so many percent don't exceed; 0 without any."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]


def rate(answered_at: Sequence[float], seconds: float, warm_s: float = WARM_S) -> float:
    """Answers per second from `warm_s` until `seconds`."""
    begin = min(warm_s, seconds / 2)
    within = sum(1 for at in answered_at if begin <= at < seconds)
    return within / (seconds - begin)


def summed_up(tally: Tally, seconds: float, generator_cpu_s: float) -> Run:
    late = [
        latency
        for at, latency in zip(tally.answered_at, tally.latencies_s, strict=True)
        if at >= min(WARM_S, seconds / 2)
    ]
    return Run(
        answered=len(tally.answered_at),
        per_s=round(rate(tally.answered_at, seconds), 1),
        errors=dict(tally.errors),
        p50_ms=round(percentile(late, 50) * 1000, 2),
        p99_ms=round(percentile(late, 99) * 1000, 2),
        generator_cpu_s=generator_cpu_s,
    )
