"""The waiting room of requests with a slow part: a password to be stretched costs ten milliseconds
and 8 MiB, so a few threads do it before the queue, and the units of work never wait.

Bounded in threads (memory!) and in how many may wait; who finds it full is told BUSY. A request
whose deadline passed while it waited is not prepared and never runs. What fails here fails again,
and is reported, where the request is decided. Knows no password: a service says what is slow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

import msgspec
import structlog
import trio

from tigertally_drivers.ports import Clock
from tigertally_server.services.context import Context
from tigertally_server.services.request import Request
from tigertally_server.services.table import SERVICES

THREADS: Final = 2
WAITING_MAX: Final = 200
"""A second's work for two threads."""

SlowPart = Callable[[], Any]
InThread = Callable[[SlowPart], Awaitable[Any]]


class Waiting(Protocol):
    """What of a pending request is looked at."""

    request: Request


async def in_thread(work: SlowPart) -> Any:
    """A worker thread; its result is of no use to anybody once we are cancelled."""
    return await trio.to_thread.run_sync(work, abandon_on_cancel=True)


class Preparation:
    """`threads` work at once; `waiting_max` wait beside them."""

    def __init__(
        self,
        context: Context,
        clock: Clock,
        *,
        threads: int = THREADS,
        waiting_max: int = WAITING_MAX,
        run_slow: InThread = in_thread,
    ) -> None:
        self._context, self._clock, self._run_slow = context, clock, run_slow
        self._threads, self._waiting_max = threads, waiting_max
        self._queue: deque[tuple[Any, SlowPart]] = deque()
        self._idle = trio.lowlevel.ParkingLot()
        self._working = 0
        self._log = structlog.get_logger("preparation")

    @property
    def waiting(self) -> int:
        """Not prepared yet, those under way included."""
        return len(self._queue) + self._working

    def slow_part(self, request: Request) -> SlowPart | None:
        """What must be done before this request can be queued; None for nearly all."""
        row = SERVICES[request.transaction].slow_part
        if row is None or request.prepared is not None:
            return None
        return row(request, self._context)

    def submit(self, pending: Waiting, slow: SlowPart) -> bool:
        """False: too many wait, nothing was taken."""
        if len(self._queue) >= self._waiting_max:
            return False
        self._queue.append((pending, slow))
        self._idle.unpark()
        return True

    async def run(
        self, ready: Callable[[Any], None], expired: Callable[[Sequence[Any]], None]
    ) -> None:
        """Until cancelled. `ready` takes a request that is prepared (or can't be), `expired` those
        that are too late.
        """
        async with trio.open_nursery() as nursery:
            for _ in range(self._threads):
                nursery.start_soon(self._work, ready, expired)

    async def _work(
        self, ready: Callable[[Any], None], expired: Callable[[Sequence[Any]], None]
    ) -> None:
        while True:
            while not self._queue:
                await self._idle.park()
            pending, slow = self._queue.popleft()
            if pending.request.deadline_ms <= self._clock.monotonic_ms():
                expired([pending])
                continue
            await self._prepare(pending, slow)
            ready(pending)

    async def _prepare(self, pending: Waiting, slow: SlowPart) -> None:
        self._working += 1
        try:
            prepared = await self._run_slow(slow)
        except Exception as problem:  # noqa: BLE001 - the edge of a request
            # It fails again where it is decided, and is answered there.
            self._log.error("not prepared", problem=type(problem).__name__)
        else:
            pending.request = msgspec.structs.replace(pending.request, prepared=prepared)
        finally:
            self._working -= 1
