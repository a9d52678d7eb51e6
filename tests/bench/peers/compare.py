"""The steps that each product goes through, and the record of what came out.

1. capacity: a closed load, a fixed number in flight; CPU of server, database, generator apart.
2. steady: an open load at half of that; latency from the planned send time.
3. a code twice: one after the other, and twenty at once; how often was it approved?
4. kill -9 of server and database under load; the database is started again: has every user who was
   told "right" a record?
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from peers import processes
from peers.http_load import HttpLoad
from peers.measure import Run
from peers.product import Promises, Rig
from peers.workload import Attempt

from tigertally_load.codes import STEP_S

Tell = Callable[[str], None]
STEADY_SHARE: Final = 0.5
AT_ONCE: Final = 20
ROUNDS: Final = 5
_KILL_AFTER_S: Final = 5.0
_ASKERS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU of one answer in µs, by whom; memory at the end of the load in MB."""

    server_us: float
    database_us: float
    generator_us: float
    server_mb: float
    database_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How many of so many questions with one code were approved; one is right."""

    twice: int
    at_once: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What was answered "right" before the kill, and how much of it is on disk."""

    approved: int
    recorded: int
    verified: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All about one product."""

    name: str
    versions: Mapping[str, str]
    promises: Promises
    baseline_us: tuple[float, float]
    capacity: Run
    cost: Cost
    steady_per_s: float
    steady: Run
    replay: Replay
    killed: Killed


def capacity(rig: Rig, seconds: float) -> tuple[Run, Cost]:
    database = rig.database()
    server_cpu, database_cpu = _cpu_of(rig, database)
    run = rig.load(seconds, None)
    server_after, database_after = _cpu_of(rig, database)
    each = 1e6 / max(1, run.answered)
    cost = Cost(
        server_us=round((server_after - server_cpu) * each, 1),
        database_us=round((database_after - database_cpu) * each, 1),
        generator_us=round(run.generator_cpu_s * each, 1),
        server_mb=round(processes.memory_mb(rig.server, without=database), 1),
        database_mb=round(processes.memory_mb(database), 1),
    )
    return run, cost


def _cpu_of(rig: Rig, database: int) -> tuple[float, float]:
    return processes.cpu_s(rig.server, without=database), processes.cpu_s(database)


def fresh_step(clock: Callable[[], float] = time.time) -> None:
    """Wait for the next step's codes: all users' codes are unused then."""
    time.sleep(STEP_S - clock() % STEP_S + 0.2)


def replay(rig: Rig) -> Replay:
    """The worst of some rounds."""
    twice = at_once = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(ROUNDS):
            attempt = rig.workload.take(right=True)
            twice = max(twice, sum(_approved(rig, attempt) for _ in range(2)))
            attempt = rig.workload.take(right=True)
            asked = pool.map(lambda one: _approved(rig, one), [attempt] * AT_ONCE)
            at_once = max(at_once, sum(asked))
    return Replay(twice=twice, at_once=at_once)


def _approved(rig: Rig, attempt: Attempt) -> bool:
    try:
        return rig.ask(attempt)
    except (OSError, ValueError):
        return False


def killed(rig: Rig) -> Killed:
    rig.mark()
    load = HttpLoad(rig.ask, rig.workload, right=True)

    def strike() -> None:
        rig.kill()
        load.stop()

    timer = threading.Timer(_KILL_AFTER_S, strike)
    timer.start()
    tally = load.run(10 * _KILL_AFTER_S, in_flight=_ASKERS)
    timer.join()
    told = sorted(set(tally.approved_users))
    return Killed(approved=len(told), recorded=rig.recorded(told), verified=rig.verified())


def steps(rig: Rig, seconds: float, tell: Tell) -> tuple[Run, Cost, Run, Replay, Killed]:
    tell(f"capacity, {seconds:g} s")
    most, cost = capacity(rig, seconds)
    tell(f"{most.per_s:,.0f}/s; then half of it, {seconds / 2:g} s")
    calm = rig.load(seconds / 2, max(1.0, most.per_s * STEADY_SHARE))
    tell("a code twice, once the codes are new")
    fresh_step()
    twice = replay(rig)
    tell("kill -9 of server and database under load")
    return most, cost, calm, twice, killed(rig)
