"""What a session needs of the process it runs in: limits, clock, keys, the runner, the counters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tigertally_drivers.ports import Clock, Entropy
from tigertally_server.domain.calendar import BusinessCalendar
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline.limits import Loads
from tigertally_server.pipeline.runner import Runner
from tigertally_server.pipeline.spraying import SprayWatch
from tigertally_server.pipeline.tally import Tally
from tigertally_server.services.context import Context

if TYPE_CHECKING:
    from tigertally_server.access.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """Times in seconds, sizes in bytes; see conf/tigertally.toml for their meaning."""

    half_open_s: float = 5.0
    idle_s: float = 300.0
    heartbeat_s: int = 30
    slow_reader_s: float = 10.0
    outbox_max: int = 1 << 20
    in_flight_max: int = 1024
    budget_default_ms: int = 3_000
    budget_max_ms: int = 30_000
    key_life_s: int = 86_400
    key_overlap_s: float = 60.0
    drain_grace_ms: int = 5_000


@dataclass(slots=True, kw_only=True)
class Pipeline:
    """Everything a session needs of the process it runs in."""

    node: str
    clock: Clock
    entropy: Entropy
    context: Context
    runner: Runner
    loads: Loads
    tally: Tally
    calendar: BusinessCalendar
    metrics: Metrics
    limits: SessionLimits
    spraying: SprayWatch = field(default_factory=SprayWatch)
    draining: bool = False
    sessions: set[Session] = field(default_factory=set)
