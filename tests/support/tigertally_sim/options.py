"""Everything that is drawn from the seed before the first event: how bad the world is.

Each kind of trouble is switched on in about half of the runs (swarm testing): a run with all of
them at once seldom gets far enough to show a fault that needs one of them alone.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

STEPS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """Chances are per frame and direction; times in ms of virtual time."""

    latency_ms: tuple[int, int] = (0, 0)
    slow: float = 0.0
    slow_ms: tuple[int, int] = (200, 1_500)
    split: float = 0.0
    coalesce: float = 0.0
    cut: float = 0.0
    replay_here: float = 0.0
    replay_elsewhere: float = 0.0
    reflect: float = 0.0
    forge: float = 0.0
    garbage: float = 0.0
    stall: float = 0.0
    stall_ms: tuple[int, int] = (1_000, 12_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """Chances per step of a transaction. `lost_commit`: it took place, and nobody heard of it. Some
    faults are the beginning of an outage.
    `row_locks`: rows are locked from load to end as PostgreSQL does, else only guarded.
    """

    begin: float = 0.0
    load: float = 0.0
    save: float = 0.0
    commit: float = 0.0
    lost_commit: float = 0.0
    conflict: float = 0.0
    poison: float = 0.0
    interleave: float = 0.0
    row_locks: bool = True
    outage_s: tuple[float, float] = (0.0, 0.0)
    between_outages_s: tuple[float, float] = (10.0, 40.0)
    work_ms: tuple[int, int] = (1, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosOptions:
    """What happens to nodes, clocks and the configuration; pauses in s, 0 = never."""

    kill_s: tuple[float, float] = (0.0, 0.0)
    drain_s: tuple[float, float] = (0.0, 0.0)
    clock_step_s: tuple[float, float] = (0.0, 0.0)
    clock_step_ms: int = 4_000
    drift_ppm: int = 0
    configure_s: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimOptions:
    """One world. `steps` acts of the workload, spread over `desks` tasks; those in `focus` are
    drawn much more often.
    """

    seed: int
    steps: int = STEPS
    desks: int = 6
    channels: int = 4
    customers: int = 7
    focus: tuple[str, ...] = ()
    same_shard: bool = False
    units_per_node: int = 1
    midnight: bool = False
    step_s: int = 5
    in_flight: int = 10
    queue_max: int = 200
    batch_max: int = 16
    overlap_min: int = 2
    network: NetworkOptions = NetworkOptions()
    store: StoreOptions = StoreOptions()
    chaos: ChaosOptions = ChaosOptions()


def drawn(seed: int, steps: int = STEPS) -> SimOptions:
    """The options of a seed."""
    r = random.Random(f"options {seed}")

    def some(high: float, chance: float = 0.5) -> float:
        return round(r.uniform(high / 10, high), 5) if r.random() < chance else 0.0

    network = NetworkOptions(
        latency_ms=(0, r.choice((1, 5, 30, 120))),
        slow=some(0.05),
        split=some(0.5),
        coalesce=some(0.3),
        cut=some(0.02),
        replay_here=some(0.05),
        replay_elsewhere=some(0.05),
        reflect=some(0.01),
        forge=some(0.05),
        garbage=some(0.01),
        stall=some(0.004),
    )
    store = StoreOptions(
        begin=some(0.02),
        load=some(0.02),
        save=some(0.02),
        commit=some(0.03),
        lost_commit=some(0.05),
        conflict=some(0.05),
        poison=some(0.02),
        interleave=some(0.8, 0.8),
        row_locks=r.random() < 0.7,
        outage_s=(0.3, 6.0) if r.random() < 0.4 else (0.0, 0.0),
        work_ms=(1, r.choice((2, 12, 60))),
    )
    chaos = ChaosOptions(
        kill_s=(4.0, 30.0) if r.random() < 0.5 else (0.0, 0.0),
        drain_s=(6.0, 40.0) if r.random() < 0.4 else (0.0, 0.0),
        clock_step_s=(5.0, 30.0) if r.random() < 0.5 else (0.0, 0.0),
        clock_step_ms=r.choice((1_000, 4_000, 20_000)),
        drift_ppm=r.choice((0, 0, 200, 5_000)),
        configure_s=(4.0, 20.0) if r.random() < 0.4 else (0.0, 0.0),
    )
    return SimOptions(
        seed=seed,
        steps=steps,
        same_shard=r.random() < 0.4,
        units_per_node=r.choice((1, 1, 2)),
        midnight=r.random() < 0.3,
        in_flight=r.choice((4, 10, 24)),
        queue_max=r.choice((30, 200)),
        batch_max=r.choice((3, 16, 64)),
        overlap_min=r.choice((1, 3, 10)),
        network=network,
        store=store,
        chaos=chaos,
    )


def calm(options: SimOptions) -> SimOptions:
    """The same world with nothing going wrong in it: how each run ends."""
    return replace(
        options,
        network=NetworkOptions(),
        store=StoreOptions(row_locks=options.store.row_locks),
        chaos=ChaosOptions(drift_ppm=options.chaos.drift_ppm),
    )
