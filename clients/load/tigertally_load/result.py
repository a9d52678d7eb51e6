"""The result of a load as one record, as JSON, and as a table for people.

Invariants: `errors` counts every answer that the mix doesn't expect, BUSY included, and every
answer that never came; `errors_by_code` sums up to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tigertally_load.measure import Second
from tigertally_protocol.codes import CODES, CodeClass, ResponseCode

if TYPE_CHECKING:
    from tigertally_load.generator import Outcome

# Eight points per nine: 0 %, 25 % … 90 % … 99.999 %, and the maximum.
_CURVE: Final = (*(100 * (1 - 10 ** (-eighths / 8)) for eighths in range(41)), 100.0)


class LoadResult(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one run; latencies are from the planned send time, in milliseconds.

    Attributes:
        offered_per_s: the planned rate that was sent, over the plan's seconds.
        answered_per_s: answers per second, until the last one.
        approved: answers APPROVED, retries of approved ones included.
        denied: answers of class denied.
        busy: BUSY answers.
        errors: see the module's text.
        seconds: from the first planned send to the last answer.
        generator_cpu_us_per_request: the generator's own CPU, user and system, in microseconds.
        strays: answers to nothing that was open.
        curve: latency by percentile.
        by_kind: kind of request -> answer -> count.
        rows: one per second.
        stopped: why the load ended early; "" when it didn't.
    """

    offered_per_s: float
    answered_per_s: float
    offered: int
    answered: int
    approved: int
    denied: int
    busy: int
    errors: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    mean_ms: float
    seconds: float
    generator_cpu_us_per_request: float
    errors_by_code: dict[str, int]
    by_kind: dict[str, dict[str, int]]
    curve: dict[str, float]
    rows: list[Second]
    rate: float
    planned_seconds: float
    connections: int
    in_flight: int
    mix: str
    tokens: int
    seed: int
    server: str
    strays: int
    reconnects: int
    stopped: str

    def to_json(self) -> bytes:
        """Indented JSON, ending in a newline."""
        return msgspec.json.format(msgspec.json.encode(self)) + b"\n"

    @property
    def clean(self) -> bool:
        """Whether the load ran to its end without an error."""
        return not self.errors and not self.stopped


def load_result(outcome: Outcome, *, tokens: int, server: str) -> LoadResult:
    """Sum up a run of `tokens` tokens against `server`."""
    measured, plan = outcome.measurements, outcome.plan
    by_kind: dict[str, dict[str, int]] = {}
    for (kind, answer), count in sorted(measured.by_kind.items()):
        by_kind.setdefault(kind, {})[answer] = count
    answered = measured.answered
    return LoadResult(
        offered_per_s=round(outcome.offered / plan.seconds, 1),
        answered_per_s=round(answered / outcome.seconds, 1),
        offered=outcome.offered,
        answered=answered,
        approved=_of_class(by_kind, CodeClass.APPROVED),
        denied=_of_class(by_kind, CodeClass.DENIED),
        busy=sum(answers.get("BUSY", 0) for answers in by_kind.values()),
        errors=sum(measured.errors.values()),
        p50_ms=measured.percentile_ms(50),
        p90_ms=measured.percentile_ms(90),
        p99_ms=measured.percentile_ms(99),
        p999_ms=measured.percentile_ms(99.9),
        max_ms=measured.percentile_ms(100),
        mean_ms=round(measured.histogram.get_mean_value() / 1000, 3) if answered else 0.0,
        seconds=round(outcome.seconds, 3),
        generator_cpu_us_per_request=round(outcome.cpu_s * 1e6 / max(1, outcome.offered), 1),
        errors_by_code=dict(measured.errors.most_common()),
        by_kind=by_kind,
        curve={f"{p:.5f}": measured.percentile_ms(p) for p in _CURVE},
        rows=measured.rows,
        rate=plan.rate,
        planned_seconds=plan.seconds,
        connections=plan.connections,
        in_flight=plan.in_flight,
        mix=str(plan.mix),
        tokens=tokens,
        seed=plan.seed,
        server=server,
        strays=outcome.strays,
        reconnects=outcome.reconnects,
        stopped=outcome.stopped,
    )


def _of_class(by_kind: dict[str, dict[str, int]], cls: CodeClass) -> int:
    return sum(
        count
        for answers in by_kind.values()
        for name, count in answers.items()
        if CODES[ResponseCode[name]].cls is cls
    )


def table(result: LoadResult) -> str:
    """The result for a terminal."""
    answers = f"{result.answered:,} answers in {result.seconds:.1f} s"
    rows = [
        ("offered", f"{result.offered_per_s:,.1f}", f"/s   {result.offered:,} requests"),
        ("answered", f"{result.answered_per_s:,.1f}", f"/s   {answers}"),
        ("approved", f"{result.approved:,}", ""),
        ("denied", f"{result.denied:,}", "as the mix wants them, or listed as errors"),
        ("busy", f"{result.busy:,}", ""),
        ("errors", f"{result.errors:,}", ""),
        *((f"  {name}", f"{count:,}", "") for name, count in result.errors_by_code.items()),
        ("latency p50", f"{result.p50_ms:.2f}", "ms   from the planned send time"),
        ("latency p99", f"{result.p99_ms:.2f}", "ms"),
        ("latency p99.9", f"{result.p999_ms:.2f}", "ms"),
        ("latency max", f"{result.max_ms:.2f}", "ms"),
        ("generator CPU", f"{result.generator_cpu_us_per_request:.1f}", "µs   per request"),
    ]
    lines = [f"{name:<18}{figure:>12} {unit}".rstrip() for name, figure, unit in rows]
    if result.stopped:
        lines.append(f"stopped early: {result.stopped}")
    return "\n".join(lines)
