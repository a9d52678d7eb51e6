"""The store of the simulation with everything that can go wrong in one, and two nodes inside it at
once.

A unit of work runs without awaiting, so two of them would never overlap. Here another node's batch
that waits for its turn may be run *inside* the `save` of a transaction, that is between its load
and its guards: the same as two database sessions, without threads. A nested transaction that wants
a row the outer one has locked would have to wait; it is put off instead (`WouldBlock`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

import trio

from tigertally_server.services.request import Outcome, Request
from tigertally_server.store.port import (
    BadData,
    Conflict,
    Loaded,
    Needs,
    StoreUnavailable,
    Writes,
    inline,
)
from tigertally_sim.options import StoreOptions
from tigertally_sim.trace import Trace
from tigertally_testing.memory_store import MemoryStore, MemoryTransaction

STORE_DOWN: Final = "down"
STORE_FAULT: Final = "fault"
POISON: Final = "a value that this database refuses"

Work = Callable[[Sequence[Request]], Coroutine[Any, Any, list[Outcome]]]


class WouldBlock(BaseException):
    """PostgreSQL would wait here for another session's lock. No Exception, so that nobody under
    test takes it for a fault.
    """


class _NoLock:
    """What serialises the in-memory store elsewhere; here guards and row locks have to do."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        """Nothing is held."""


class SimStore(MemoryStore):
    """Calm until `go`."""

    def __init__(self, seed: int, trace: Trace) -> None:
        super().__init__()
        self.lock = _NoLock()  # type: ignore[assignment]
        self.options = StoreOptions()
        self.trace = trace
        self.random = random.Random(f"store {seed}")
        self.waiting: list[Batch] = []
        self.locked: list[set[object]] = []
        self.down_until = 0.0

    @property
    def down(self) -> bool:
        return trio.current_time() < self.down_until

    def go_down(self, seconds: float) -> None:
        self.trace.event("store", "down", f"{seconds:.3f} s")
        self.down_until = trio.current_time() + seconds

    async def begin(self) -> SimTransaction:
        self.fault("begin")
        return SimTransaction(self)

    def fault(self, step: str) -> None:
        super().fault(step)
        if step == "save":
            self._let_others_in()
        o, chance = self.options, self.random.random
        if self.down_until and self.down:
            maybe = step == "committed" or (step == "commit" and chance() < 0.5)
            raise StoreUnavailable(STORE_DOWN, maybe_committed=maybe)
        risk = {"begin": o.begin, "load": o.load, "save": o.save, "commit": o.commit}.get(step, 0.0)
        if step == "committed":
            risk = o.lost_commit
        if risk and chance() < risk:
            self.trace.event("store", "fault", step)
            if o.outage_s[1] and chance() < 0.3:
                self.go_down(self.random.uniform(*o.outage_s))
            raise StoreUnavailable(STORE_FAULT, maybe_committed=step in ("commit", "committed"))
        if step == "save" and o.conflict and chance() < o.conflict:
            self.trace.event("store", "fault", "conflict")
            raise Conflict

    def check(self, writes: Writes) -> None:
        """A value the database refuses: some serials are poison for good."""
        if not self.options.poison:
            return
        for stored in writes.entries:
            entry = stored.entry
            if entry.phase == 0 and entry.channel_id and is_poison(entry.serial, self.options):
                self.trace.event("store", "fault", f"poison {entry.serial}")
                raise BadData(POISON)

    def _let_others_in(self) -> None:
        for batch in tuple(self.waiting):
            if self.options.interleave and self.random.random() < self.options.interleave:
                batch.try_now(self.trace)


def is_poison(serial: int, options: StoreOptions) -> bool:
    """By the serial alone, so that it is the same for every try."""
    return serial * 2_654_435_761 % 10_007 < options.poison * 10_007


class SimTransaction(MemoryTransaction):
    """Locks rows as PostgreSQL does, and refuses poison."""

    def __init__(self, store: SimStore) -> None:
        super().__init__(store)
        self._sim = store
        self._rows: set[object] = set()

    async def load(self, needs: Needs) -> Loaded:
        loaded = await super().load(needs)
        rows: set[object] = set(needs.locked_users)
        if self._sim.options.row_locks:
            glanced = {a.id for a in loaded.accounts if a.key in needs.glanced}
            rows |= {token.id for token in loaded.tokens if token.owner_id not in glanced}
            rows |= {("credential", row.id) for row in loaded.credentials}
            rows |= {("challenge", row.id) for row in loaded.challenges}
        if any(rows & other for other in self._sim.locked):
            raise WouldBlock
        self._rows = rows
        self._sim.locked.append(rows)
        return loaded

    async def save(self, writes: Writes) -> int | None:
        self._sim.check(writes)
        # A row that was only glanced at is locked by its update.
        written: set[object] = {token.id for token in (*writes.tokens, *writes.rebound_tokens)}
        others = [rows for rows in self._sim.locked if rows is not self._rows]
        if self._sim.options.row_locks and any(written & rows for rows in others):
            raise WouldBlock
        return await super().save(writes)

    def _end(self) -> None:
        self._sim.locked = [rows for rows in self._sim.locked if rows is not self._rows]
        super()._end()


class Batch:
    """A unit of work on its way to the database: at its own time, or inside another's."""

    def __init__(self, node: str, work: Work, requests: Sequence[Request]) -> None:
        self.node = node
        self._work, self._requests = work, requests
        self._outcomes: list[Outcome] | None = None
        self._problem: Exception | None = None
        self._running = False

    @property
    def done(self) -> bool:
        return self._outcomes is not None or self._problem is not None

    def try_now(self, trace: Trace) -> None:
        """Inside another's transaction; put off where it would have to wait."""
        if self.done or self._running:
            return
        try:
            self.run()
            trace.event(self.node, "interleaved", len(self._requests))
        except WouldBlock:
            trace.event(self.node, "would block", len(self._requests))

    def run(self) -> None:
        if self.done:
            return
        assert not self._running
        self._running = True
        try:
            self._outcomes = inline(self._work(self._requests))
        except Exception as problem:  # noqa: BLE001 - handed on by `result`
            self._problem = problem
        finally:
            self._running = False

    def result(self) -> list[Outcome]:
        if self._problem is not None:
            raise self._problem
        assert self._outcomes is not None
        return self._outcomes


class SimWay:
    """The way of one node's batches to the database and back, each taking some time. Cancelled on
    the way back, a batch was committed and nobody is told: kill -9.
    """

    def __init__(self, node: str, store: SimStore) -> None:
        self._node, self._store = node, store

    async def __call__(self, work: Work, requests: Sequence[Request]) -> list[Outcome]:
        store = self._store
        batch = Batch(self._node, work, requests)
        store.waiting.append(batch)
        try:
            await trio.sleep(self._time())
        finally:
            store.waiting.remove(batch)
        batch.run()
        await trio.sleep(self._time())
        return batch.result()

    def _time(self) -> float:
        return self._store.random.uniform(*self._store.options.work_ms) / 1000
