"""Where requests wait whose decision lacks something that only the HSM can compute
(`services.device_seeds`).

They come from a unit of work that decided nothing, and go back into the queue with what the device
made: then they are decided like any other. No transaction is open meanwhile, so a slow or dead
device holds up nobody else. Bounded in how many are asked for at once, in how many wait, by each
request's own deadline, and in how often one may come back: state that keeps moving under it is
contention, not a reason to go on for ever. Whatever the device fails with, nothing was decided and
nothing recorded: the answer says so, and the channel may send the same serial again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

import structlog
import trio

from tigertally_drivers.errors import DriverError, Rejected, TimedOut
from tigertally_drivers.hsm.port import Busy, Hsm
from tigertally_drivers.ports import Clock
from tigertally_protocol.codes import ResponseCode
from tigertally_server.metrics import Metrics
from tigertally_server.services.device_seeds import DeviceWork, with_made
from tigertally_server.services.request import Outcome, Request

ROUNDS_MAX: Final = 4
RETRY_MS: Final = 200

_ANSWERS: Final[tuple[tuple[type[DriverError], ResponseCode], ...]] = (
    (Busy, ResponseCode.HSM_BUSY),
    (Rejected, ResponseCode.HSM_REFUSED),
    (TimedOut, ResponseCode.HSM_TIMED_OUT),
    (DriverError, ResponseCode.HSM_UNAVAILABLE),
)
"""The first that fits. A device that misbehaves is as good as none."""


class Waiting(Protocol):
    """What of a pending request is looked at."""

    request: Request


Ready = Callable[[Any], None]
Expired = Callable[[Sequence[Any]], None]
Refused = Callable[[Any, Outcome], None]
MakeMacs = Callable[[Hsm, DeviceWork], Awaitable[list[bytes]]]


async def macs_of(hsm: Hsm, work: DeviceWork) -> list[bytes]:
    """What a decision lacked, in order. Raises DriverError."""
    hash_name = work.seed.hash_name
    if any(wanted.hash_name != hash_name for wanted in work.wanted):
        raise Rejected("the seed was enclosed for another hash than its token type now has")
    messages = [wanted.message for wanted in work.wanted]
    return await hsm.enclosed_macs(work.seed.label, hash_name, work.seed.blob, messages)


def code_of(problem: DriverError) -> ResponseCode:
    """What a channel is told of a device's failure."""
    return next(code for kind, code in _ANSWERS if isinstance(problem, kind))


class DeviceRoom:
    """See the module's text."""

    def __init__(
        self,
        hsm: Hsm,
        clock: Clock,
        metrics: Metrics,
        *,
        at_once: int = 16,
        waiting_max: int = 1_000,
    ) -> None:
        self._hsm, self._clock, self._metrics = hsm, clock, metrics
        self._at_once, self._waiting_max = at_once, waiting_max
        self._queue: deque[tuple[Any, DeviceWork]] = deque()
        self._idle = trio.lowlevel.ParkingLot()
        self._working = 0
        self._failing: set[ResponseCode] = set()
        """Kinds of failure since the last success: each is logged once."""
        self._log = structlog.get_logger("hsm")

    @property
    def waiting(self) -> int:
        """Not made yet, those under way included."""
        return len(self._queue) + self._working

    def submit(self, pending: Waiting, work: DeviceWork) -> Outcome | None:
        """None: taken. Else the answer, nothing being decided."""
        if pending.request.rounds >= ROUNDS_MAX or len(self._queue) >= self._waiting_max:
            return Outcome(ResponseCode.HSM_BUSY, retry_after_ms=RETRY_MS)
        self._queue.append((pending, work))
        self._idle.unpark()
        return None

    async def run(self, ready: Ready, expired: Expired, refused: Refused) -> None:
        """Until cancelled. `ready` takes a request that can be decided now, `expired` those that
        are too late, `refused` one that the device failed.
        """
        async with trio.open_nursery() as nursery:
            for _ in range(self._at_once):
                nursery.start_soon(self._work, ready, expired, refused)

    async def _work(self, ready: Ready, expired: Expired, refused: Refused) -> None:
        while True:
            while not self._queue:
                await self._idle.park()
            pending, work = self._queue.popleft()
            left_ms = pending.request.deadline_ms - self._clock.monotonic_ms()
            if left_ms <= 0:
                expired([pending])
                continue
            self._working += 1
            try:
                outcome = await self._made(pending, work, left_ms / 1000)
            finally:
                self._working -= 1
            if outcome is None:
                ready(pending)
            else:
                refused(pending, outcome)

    async def _made(self, pending: Waiting, work: DeviceWork, left_s: float) -> Outcome | None:
        began = self._clock.monotonic_ms()
        try:
            with trio.fail_after(left_s):
                macs = await macs_of(self._hsm, work)
        except trio.TooSlowError:
            return self._failed(TimedOut("the request's time ran out"))
        except DriverError as problem:
            return self._failed(problem)
        except Exception as problem:  # noqa: BLE001 - the edge of a request
            self._log.error("hsm: a fault", problem=type(problem).__name__, exc_info=problem)
            return Outcome(ResponseCode.INTERNAL)
        self._metrics.hsm.seconds.observe((self._clock.monotonic_ms() - began) / 1000)
        self._failing.clear()
        pending.request = with_made(pending.request, work, macs)
        return None

    def _failed(self, problem: DriverError) -> Outcome:
        code = code_of(problem)
        self._metrics.hsm.failures.labels(code.name.lower()).inc()
        if code not in self._failing:
            self._failing.add(code)
            self._log.error("hsm fails requests", code=code.name, reason=str(problem))
        retry_ms = 0 if code is ResponseCode.HSM_REFUSED else RETRY_MS
        return Outcome(code, retry_after_ms=retry_ms)
