"""The private switch that makes trio's order repeatable still does."""

from __future__ import annotations

import trio

from tigertally_sim.scheduler import run_seeded


async def _traced():
    """Trio's own idea of a test (test_scheduler_determinism.py): tasks that take turns."""
    trace = []

    async def tracer(name):
        for number in range(50):
            trace.append((name, number, trio.current_time()))
            await trio.sleep(number % 3 / 10)

    async with trio.open_nursery() as nursery:
        for name in range(5):
            nursery.start_soon(tracer, name)
    return trace


def test_same_seed_same_order():
    assert run_seeded(1, _traced) == run_seeded(1, _traced)


def test_another_seed_another_order():
    assert len({tuple(run_seeded(seed, _traced)) for seed in range(8)}) > 1


def test_the_clock_jumps_and_begins_at_zero():
    async def long():
        before = trio.current_time()
        await trio.sleep(86_400)
        return before, trio.current_time()

    assert run_seeded(1, long) == (0.0, 86_400.0)
