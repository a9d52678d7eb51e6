"""The queue before the units of work: gathers what arrived while the last batch committed and runs
it as the next one.

Units of work are tasks of the thread that serves the sockets: one decides while another waits for
the database, and nothing is handed from thread to thread. The queue is bounded, and fair between
channels (`waiting`). A request whose deadline passed before its batch was formed is answered
DEADLINE_EXPIRED and never runs; while there is no database, requests wait up to their deadline and
are then answered UNAVAILABLE, or OUTCOME_UNKNOWN where a commit may have happened. After that it
runs, whatever the deadline; only where the database stands still with it is it answered
OUTCOME_UNKNOWN. Without requests the database is asked now and then whether it is there, so that
readiness follows it and a dead one is started again.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

import structlog
import trio

from tigertally_drivers.ports import Clock
from tigertally_protocol.codes import ResponseCode
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline.device_room import DeviceRoom
from tigertally_server.pipeline.preparation import Preparation
from tigertally_server.pipeline.waiting import WaitingRoom
from tigertally_server.services.request import Outcome, Request
from tigertally_server.services.unit_of_work import UnitOfWork
from tigertally_server.store.port import StoreUnavailable

SWEEP_S: Final = 0.02
RETRY_FULL_MS: Final = 100
RETRY_S: Final = 0.1
PROBE_S: Final = 0.5
"""A unit that long without work asks the database for nothing at all."""
SILENCE_MS: Final = 2_000
"""A database that lets a batch wait so long counts as not available."""
LATE_MS: Final = 500
"""A request that still runs so long after its deadline is answered that nobody knows."""
GATHER_FROM: Final = 6
GATHER_FOR: Final = 24
GATHER_S: Final = 0.003
"""After a batch of `GATHER_FROM` or more, the next one waits so long for `GATHER_FOR` requests. A
channel that sends one at a time never waits.
"""
OVERLAP_MIN: Final = 24
"""Below this, a second batch beside a running one costs the database more than it saves time."""


class ReplyTo(Protocol):
    """Who gets the outcomes. `complete` only writes into a buffer; `flush` sends once per batch;
    `fail` ends the receiver.
    """

    def complete(self, pending: Pending, outcome: Outcome) -> None: ...
    def flush(self) -> None: ...
    def fail(self, problem: Exception) -> None: ...


class Pending:
    """A request that was accepted, until it is answered. `uncertain`: it may be committed."""

    __slots__ = ("answered", "header", "reply_to", "request", "uncertain")

    def __init__(self, request: Request, reply_to: ReplyTo, header: Any = None) -> None:
        self.request, self.reply_to, self.header = request, reply_to, header
        self.answered = self.uncertain = False


Work = Callable[[Sequence[Request]], Awaitable[list[Outcome]]]


class Way(Protocol):
    """How a batch gets to its unit of work and back; the simulation's takes time."""

    async def __call__(self, work: Work, requests: Sequence[Request]) -> list[Outcome]: ...


async def straight(work: Work, requests: Sequence[Request]) -> list[Outcome]:
    """Here and now."""
    return await work(requests)


class Runner:
    """Owns its units of work, each with a connection and a shard of its own.

    One works at a time while there is little to do, because large batches are cheap ones; when
    `overlap_min` requests wait, the next one begins beside it: it decides while the other waits
    for the database. `queue_max` bounds what waits, `queue_wait_ms` how long it would, `batch_max`
    one transaction.
    """

    def __init__(
        self,
        units: Sequence[UnitOfWork],
        clock: Clock,
        metrics: Metrics,
        *,
        way: Way = straight,
        queue_max: int = 20_000,
        queue_wait_ms: int = 0,
        batch_max: int = 256,
        overlap_min: int = OVERLAP_MIN,
        on_unavailable: Callable[[], None] | None = None,
        preparation: Preparation | None = None,
        halted: Callable[[], str] | None = None,
        device_room: DeviceRoom | None = None,
    ) -> None:
        self._device_room = device_room
        self._halted = halted
        """Why nothing may be recorded now, "" where nothing is in the way; asked once per batch."""
        self._units, self._clock, self._metrics, self._way = units, clock, metrics, way
        self._queue = WaitingRoom(queue_max, queue_wait_ms)
        self._batch_max = batch_max
        self._overlap_min = overlap_min
        self._on_unavailable = on_unavailable
        self._reasons: set[str] = set()
        """Why the database has not been available since it last was: each is logged once."""
        self._preparation = preparation
        self._idle = trio.lowlevel.ParkingLot()
        self._busy = 0
        self._lately = 0
        self._running: dict[UnitOfWork, _Running] = {}
        self._patience_ends = math.inf
        self._log = structlog.get_logger("runner")
        self.available = True

    def submit(self, pending: Pending) -> bool:
        """False: the queue is full, nothing was taken. A slow part is done before."""
        preparation = self._preparation
        if preparation is not None:
            slow = preparation.slow_part(pending.request)
            if slow is not None:
                return preparation.submit(pending, slow)
        return self._enqueue(pending)

    def has_room(self, channel_id: int) -> bool:
        """Whether one more request of this channel's would be taken now."""
        return self._queue.has_room(channel_id)

    def _prepared(self, pending: Pending) -> None:
        if not self._enqueue(pending):
            deliver([(pending, Outcome(ResponseCode.BUSY, retry_after_ms=RETRY_FULL_MS))])

    def _enqueue(self, pending: Pending) -> bool:
        if not self._queue.admit(pending):
            return False
        if self._idle and self._due():
            self._idle.unpark()
        return True

    def _due(self) -> bool:
        waiting = len(self._queue)
        return waiting >= self._overlap_min if self._busy else waiting > 0

    @property
    def waiting(self) -> int:
        preparing = 0 if self._preparation is None else self._preparation.waiting
        running = sum(len(running.batch) for running in self._running.values())
        asking = 0 if self._device_room is None else self._device_room.waiting
        return preparing + asking + len(self._queue) + running

    async def run(self) -> None:
        """Until cancelled. Batches one after another; a sweeper answers what expires meanwhile."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._sweep)
            if self._preparation is not None:
                nursery.start_soon(self._preparation.run, self._prepared, self._expire)
            if self._device_room is not None:
                nursery.start_soon(
                    self._device_room.run, self._prepared, self._expire, _deliver_one
                )
            for unit in self._units:
                nursery.start_soon(self._work, unit)

    async def _work(self, unit: UnitOfWork) -> None:
        while True:
            batch = await self._next_batch()
            self._busy += bool(batch)
            running = _Running(self._clock.monotonic_ms(), batch, self._patience())
            self._running[unit] = running
            try:
                await self._run_batch(unit, running)
            finally:
                self._busy -= bool(batch)
                self._running.pop(unit, None)
            if self._idle and self._due():
                self._idle.unpark()

    async def _next_batch(self) -> list[Pending]:
        """What is due; nothing when nothing came for a while: then the database is only asked
        whether it is there.
        """
        with trio.move_on_after(PROBE_S):
            while True:
                while not self._due():
                    await self._idle.park()
                await self._gather()
                if batch := self._take():
                    self._lately = len(batch)
                    return batch
        return []

    async def _gather(self) -> None:
        """Where requests come thick, a few milliseconds more make a batch that costs each less."""
        if self._lately < GATHER_FROM or len(self._queue) >= GATHER_FOR:
            return
        self._busy += 1
        try:
            await trio.sleep(GATHER_S)
        finally:
            self._busy -= 1

    async def ask(self, request: Request) -> Outcome:
        """One request from inside the house, waited for."""
        waiter = _Waiter()
        while not self.submit(Pending(request, waiter)):
            await trio.sleep(SWEEP_S)
        await waiter.done.wait()
        assert waiter.outcome is not None
        return waiter.outcome

    def _take(self) -> list[Pending]:
        now = self._clock.monotonic_ms()
        queue = self._queue
        batch: list[Pending] = []
        expired: list[Pending] = []
        most = queue.batch(self._batch_max)
        while queue and len(batch) < most:
            for pending in queue.take(most - len(batch)):
                (batch if pending.request.deadline_ms > now else expired).append(pending)
        self._expire(expired)
        return batch

    def _patience(self) -> trio.CancelScope:
        """A commit is not cut in the middle because the house is closing."""
        return trio.CancelScope(shield=True, deadline=self._patience_ends)

    def give_up_at(self, deadline: float) -> None:
        """The house is closing: a database that has not answered by then (trio's clock) is not
        waited for any more.
        """
        self._patience_ends = deadline
        for running in self._running.values():
            running.scope.deadline = deadline

    async def _run_batch(self, unit: UnitOfWork, running: _Running) -> None:
        batch, outcomes = running.batch, None
        try:
            if self._halted is not None and (why := self._halted()):
                raise StoreUnavailable(why)
            with running.scope:
                outcomes = await self._way(unit.execute, [pending.request for pending in batch])
            if outcomes is None:
                raise StoreUnavailable("no answer until the end", maybe_committed=True)
        except StoreUnavailable as problem:
            self._running.pop(unit)
            self._put_back(batch, problem)
            await self._wait_for_store()
            return
        if not batch and self.waiting:
            # An answer to a mere question says nothing about what waits to be written.
            return
        if not self.available:
            self.available = True
            self._reasons.clear()
            self._log.info("database is back")
        metrics = self._metrics
        metrics.database_up.set(1)
        if not batch:
            return
        metrics.batch_size.observe(len(batch))
        now = self._clock.monotonic_ms()
        metrics.batch_seconds.observe((now - running.since_ms) / 1000)
        self._queue.served(len(batch), now)
        metrics.conflicts.set(sum(each.conflicts for each in self._units))
        deliver(self._decided(batch, outcomes))

    def _decided(
        self, batch: list[Pending], outcomes: list[Outcome]
    ) -> Iterator[tuple[Pending, Outcome]]:
        """What can be answered; who lacks something of a device goes and waits for it."""
        for pending, outcome in zip(batch, outcomes, strict=True):
            if pending.answered:
                continue
            if outcome.asked is not None and self._device_room is not None:
                refused = self._device_room.submit(pending, outcome.asked)
                if refused is None:
                    continue
                yield pending, refused
            else:
                yield pending, outcome

    def _put_back(self, batch: list[Pending], problem: StoreUnavailable) -> None:
        for pending in batch:
            pending.uncertain = pending.uncertain or problem.maybe_committed
        self._queue.put_back(pending for pending in batch if not pending.answered)
        self._lost(str(problem))

    def _lost(self, reason: str) -> None:
        self._metrics.database_up.set(0)
        self._queue.forget_rate()
        self.available = False
        if reason not in self._reasons:
            self._reasons.add(reason)
            self._log.error("database is not available", reason=reason)

    async def _wait_for_store(self) -> None:
        if self._on_unavailable is not None:
            await trio.to_thread.run_sync(self._on_unavailable)
        await trio.sleep(RETRY_S)

    async def _sweep(self) -> None:
        while True:
            await trio.sleep(SWEEP_S)
            self._metrics.queue.set(len(self._queue))
            now = self._clock.monotonic_ms()
            self._look_after_running(now)
            if not self._queue:
                continue
            self._expire(self._queue.remove(partial(_is_over, now)))

    def _look_after_running(self, now: int) -> None:
        """A unit of work can't be called back from a database that stands still, but who waits for
        it can be told.
        """
        for running in self._running.values():
            if now - running.since_ms > SILENCE_MS:
                self._lost("no answer")
            late = [
                pending
                for pending in running.batch
                if not pending.answered and pending.request.deadline_ms + LATE_MS <= now
            ]
            for pending in late:
                pending.answered = True
            deliver((pending, Outcome(ResponseCode.OUTCOME_UNKNOWN)) for pending in late)

    def _expire(self, expired: Sequence[Pending]) -> None:
        plain = ResponseCode.DEADLINE_EXPIRED if self.available else ResponseCode.UNAVAILABLE
        deliver(
            (pending, Outcome(ResponseCode.OUTCOME_UNKNOWN if pending.uncertain else plain))
            for pending in expired
        )


def _is_over(now: int, pending: Pending) -> bool:
    return pending.request.deadline_ms <= now


def _deliver_one(pending: Pending, outcome: Outcome) -> None:
    deliver([(pending, outcome)])


def deliver(answers: Any) -> None:
    """Completes each pending request, then flushes each receiver once."""
    receivers: dict[int, ReplyTo] = {}
    for pending, outcome in answers:
        receiver = pending.reply_to
        receivers[id(receiver)] = receiver
        try:
            receiver.complete(pending, outcome)
        except Exception as problem:  # noqa: BLE001 - the edge of a connection
            # The edge of a connection: its fault must not take the others' answers with it.
            receiver.fail(problem)
    for receiver in receivers.values():
        receiver.flush()


class _Running(NamedTuple):
    """What a unit works on, since when (monotonic ms), and for how long."""

    since_ms: int
    batch: list[Pending]
    scope: trio.CancelScope


class _Waiter:
    """One request's own receiver."""

    def __init__(self) -> None:
        self.done = trio.Event()
        self.outcome: Outcome | None = None

    def complete(self, _: Pending, outcome: Outcome) -> None:
        self.outcome = outcome
        self.done.set()

    def flush(self) -> None:
        """Nothing is buffered here."""

    def fail(self, problem: Exception) -> None:
        raise problem
