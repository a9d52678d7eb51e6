"""Every Prometheus metric of the server, declared once. Labels come from closed sets only: never a
customer, token or address.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SECONDS_MS = tuple(seconds * 1000 for seconds in _SECONDS)
_BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class AnswerStatistics(Collector):
    """Counts and durations of answers, kept in plain integers and turned into metrics when asked:
    moving Prometheus' own objects would cost each answer more than its MAC.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._buckets = [0] * (len(_SECONDS) + 1)
        self._sum_ms = 0

    def count(self, transaction: str, code: str) -> None:
        """One more answer."""
        place = (transaction, code)
        self._counts[place] = self._counts.get(place, 0) + 1

    def duration(self, ms: int) -> None:
        """From the last byte of a request to its answer."""
        self._buckets[bisect_left(_SECONDS_MS, ms)] += 1
        self._sum_ms += ms

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        answers = CounterMetricFamily(
            "tigertally_answers",
            "Answers by transaction and response code",
            labels=("transaction", "code"),
        )
        for place, count in sorted(self._counts.items()):
            answers.add_metric(place, count)
        yield answers
        edges = [*map(str, _SECONDS), "+Inf"]
        yield HistogramMetricFamily(
            "tigertally_answer_seconds",
            "From the last byte of a request to its answer",
            buckets=list(zip(edges, accumulate(self._buckets), strict=True)),
            sum_value=self._sum_ms / 1000,
        )


class RejectStatistics(Collector):
    """Counts of frames rejected; plain integers, because a flood of bad frames moves them."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def count(self, code: str) -> None:
        """One more."""
        self._counts[code] = self._counts.get(code, 0) + 1

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        rejects = CounterMetricFamily(
            "tigertally_rejects", "Frames rejected, by code", labels=("code",)
        )
        for code, count in sorted(self._counts.items()):
            rejects.add_metric((code,), count)
        yield rejects


class HsmMetrics:
    """Of the hardware security modules."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.up = Gauge(
            "tigertally_hsm_up", "1 while the device answers", ("device",), registry=registry
        )
        self.waiting = Gauge(
            "tigertally_hsm_waiting", "Operations without an answer", ("device",), registry=registry
        )
        self.latency_seconds = Gauge(
            "tigertally_hsm_latency_seconds",
            "Of the last operation",
            ("device",),
            registry=registry,
        )
        self.seconds = Histogram(
            "tigertally_hsm_seconds",
            "How long a request's computations took in the HSM",
            buckets=_SECONDS,
            registry=registry,
        )
        self.failures = Counter(
            "tigertally_hsm_failures",
            "Requests that the HSM failed, by what they were answered",
            ("code",),
            registry=registry,
        )


class Metrics:
    """One set per process; children of labelled metrics are cached by their users on the
    hot path.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.answers = AnswerStatistics()
        r.register(self.answers)
        self.rejects = RejectStatistics()
        r.register(self.rejects)
        self.batch_size = Histogram(
            "tigertally_batch_size",
            "Transactions per unit of work",
            buckets=_BATCH_SIZES,
            registry=r,
        )
        self.batch_seconds = Histogram(
            "tigertally_batch_seconds", "Duration of a unit of work", buckets=_SECONDS, registry=r
        )
        self.conflicts = Gauge("tigertally_conflicts", "Units of work decided again", registry=r)
        self.queue = Gauge("tigertally_queue", "Requests waiting for a unit of work", registry=r)
        self.connections = Gauge(
            "tigertally_connections", "Open connections", ("state",), registry=r
        )
        self.in_flight = Gauge(
            "tigertally_in_flight", "Requests accepted and not yet answered", registry=r
        )
        self.database_up = Gauge(
            "tigertally_database_up", "1 while units of work commit", registry=r
        )
        self.sender_skew_seconds = Histogram(
            "tigertally_sender_skew_seconds",
            "Sender's clock against ours, absolute, measured at sign-on",
            buckets=(0.1, 0.5, 1, 5, 30, 300),
            registry=r,
        )
        self.checkpoints = Counter("tigertally_checkpoints", "Checkpoints signed", registry=r)
        self.checkpoint_failures = Counter(
            "tigertally_checkpoint_failures", "Checkpoints that could not be written", registry=r
        )
        self._declare_outside(r)
        self.spraying_alarms = Counter(
            "tigertally_spraying_alarms",
            "Times a channel looked as if passwords were sprayed over its customers",
            ("channel",),
            registry=r,
        )
        self.hsm = HsmMetrics(r)
        self._declare_sms(r)
        self.closed = Counter(
            "tigertally_closed_connections",
            "Connections closed, by reason",
            ("reason",),
            registry=r,
        )

    def _declare_sms(self, r: CollectorRegistry) -> None:
        """Of the dispatcher and its gateway."""
        self.sms_messages = Counter(
            "tigertally_sms_messages",
            "Short messages handed over or given up, by what became of it at once",
            ("state",),
            registry=r,
        )
        self.sms_reports = Counter(
            "tigertally_sms_reports", "Reports of a gateway, by outcome", ("outcome",), registry=r
        )
        self.sms_seconds = Histogram(
            "tigertally_sms_seconds",
            "From queueing a message to its acceptance by the gateway",
            buckets=(0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
            registry=r,
        )
        self.sms_gateway_up = Gauge(
            "tigertally_sms_gateway_up", "1 while the gateway takes messages", registry=r
        )

    def _declare_outside(self, r: CollectorRegistry) -> None:
        """What stands outside the database: signatures, witnesses, time stamps."""
        self.unsigned_seconds = Gauge(
            "tigertally_unsigned_seconds",
            "How long the oldest entry has waited for a signature outside the database",
            registry=r,
        )
        self.witness_failures = Counter(
            "tigertally_witness_failures", "Checkpoints that a witness did not co-sign", registry=r
        )
        self.witness_refusals = Counter(
            "tigertally_witness_refusals",
            "Times a witness said that the log was forked or cut: an alarm",
            registry=r,
        )
        self.stamps = Counter("tigertally_stamps", "Time stamps received", registry=r)
        self.stamp_failures = Counter(
            "tigertally_stamp_failures", "Time stamps that were not given", registry=r
        )
