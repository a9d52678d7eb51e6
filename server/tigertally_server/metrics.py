"""Every Prometheus metric of the server, declared once. Labels come from closed sets only: never a
customer, token or address.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """One set per process; children of labelled metrics are cached by their users on the
    hot path.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.answers = Counter(
            "tigertally_answers",
            "Answers by transaction and response code",
            ("transaction", "code"),
            registry=r,
        )
        self.rejects = Counter(
            "tigertally_rejects", "Frames rejected, by code", ("code",), registry=r
        )
        self.answer_seconds = Histogram(
            "tigertally_answer_seconds",
            "From the last byte of a request to its answer",
            buckets=_SECONDS,
            registry=r,
        )
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
        self.closed = Counter(
            "tigertally_closed_connections",
            "Connections closed, by reason",
            ("reason",),
            registry=r,
        )
