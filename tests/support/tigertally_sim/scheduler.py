"""Runs an async function in virtual time with a seeded scheduler: the same seed, the same order of
everything.

The only file that touches trio's private switch: trio shuffles the tasks that are ready with a
generator of its own, sorted beforehand only where this switch is on. tests/sim/test_scheduler.py
holds a copy of trio's own idea of a test, so that an upgrade that takes the switch away fails
loudly.

Law, measured: with autojump a thread at work counts as idleness, and the clock jumps over it. So
nothing that runs here may use a thread, a socket or a file.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import trio
import trio.testing
from trio._core import _run

T = TypeVar("T")


def run_seeded(seed: int, function: Callable[..., Awaitable[T]], *arguments: Any) -> T:
    """`trio.run` under a clock that jumps whenever every task waits. Not reentrant."""
    allowed, state = _run._ALLOW_DETERMINISTIC_SCHEDULING, _run._r.getstate()
    _run._ALLOW_DETERMINISTIC_SCHEDULING = True  # type: ignore[misc]
    _run._r.seed(seed)
    try:
        clock = trio.testing.MockClock(autojump_threshold=0)
        return trio.run(function, *arguments, clock=clock)
    finally:
        _run._ALLOW_DETERMINISTIC_SCHEDULING = allowed  # type: ignore[misc]
        _run._r.setstate(state)
