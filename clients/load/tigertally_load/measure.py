"""What is measured while the load runs: one histogram over all, one row per second, counts by code.

Latency is from the *planned* send time, so that a stalled server can't hide the requests that it
kept from being sent ("coordinated omission"); a late generator is charged to the same account.

The clock is the caller's: all times are monotonic nanoseconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from hdrh.histogram import HdrHistogram

HIGHEST_US: Final = 120_000_000
DIGITS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """One second of the run, the last one shorter or longer; latencies in milliseconds, 0 when
    nothing was answered.

    Attributes:
        at: seconds since the start, at the row's end.
        width: the row's length in seconds.
        offered: requests planned within it.
        answered: answers that came within it.
        errors: unexpected ones among them.
        p50_ms: median latency.
        p99_ms: latency that 99 % stayed below or at.
        max_ms: the greatest.
        in_flight: requests without an answer at its end.
    """

    at: float
    width: float
    offered: int
    answered: int
    errors: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    in_flight: int


class Measurements:
    """The running account. `record` is on the hot path; everything else is once a second.

    The histogram holds the rows that `end_second` has closed.
    """

    __slots__ = ("_offered", "_second", "_second_errors", "by_kind", "errors", "histogram", "rows")

    def __init__(self) -> None:
        self.histogram = HdrHistogram(1, HIGHEST_US, DIGITS)
        self.by_kind: Counter[tuple[str, str]] = Counter()
        self.errors: Counter[str] = Counter()
        self.rows: list[Second] = []
        self._second: list[int] = []
        self._second_errors = 0
        self._offered = 0

    def record(self, kind: str, answer: str, latency_us: int) -> None:
        """An answer of name `answer` to a request of `kind` came after `latency_us`."""
        self.by_kind[kind, answer] += 1
        self._second.append(latency_us)

    def record_error(self, name: str, count: int = 1) -> None:
        """Something came (or didn't) that the mix doesn't expect."""
        self.errors[name] += count
        self._second_errors += count

    def end_second(self, at: float, offered_so_far: int, in_flight: int) -> Second:
        """Close the row that ends at `at`."""
        latencies = sorted(self._second)
        # Recording one by one would cost 2 µs each; equal ones together cost next to nothing.
        for value, count in Counter(map(_rounded, latencies)).items():
            self.histogram.record_value(value, count)
        row = Second(
            at=round(at, 3),
            width=round(at - (self.rows[-1].at if self.rows else 0.0), 3),
            offered=offered_so_far - self._offered,
            answered=len(latencies),
            errors=self._second_errors,
            p50_ms=_rank(latencies, 0.50),
            p99_ms=_rank(latencies, 0.99),
            max_ms=_rank(latencies, 1.0),
            in_flight=in_flight,
        )
        self.rows.append(row)
        self._second = []
        self._second_errors = 0
        self._offered = offered_so_far
        return row

    def percentile_ms(self, percentile: float) -> float:
        """Latency over the whole run; 0.0 when nothing was answered."""
        if not self.histogram.get_total_count():
            return 0.0
        return float(self.histogram.get_value_at_percentile(percentile)) / 1000

    @property
    def answered(self) -> int:
        return int(self.histogram.get_total_count())


def _rounded(latency_us: int) -> int:
    """Cut to eleven significant bits, the histogram's own resolution of three digits."""
    shift = max(0, latency_us.bit_length() - 11)
    return min(max(latency_us >> shift << shift, 1), HIGHEST_US)


def _rank(ordered: list[int], share: float) -> float:
    """The nearest-rank percentile of sorted microseconds, in milliseconds."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1000
