"""The open-loop generator: sends on a fixed schedule, whatever the server does.

Item *k* of *n* is planned at start + k / rate. Each tick (4 ms) sends all items that are due, in
batches over the connections that are ready and have room; what can't be sent waits, and its latency
grows. One task ticks, one per connection reads, one prints: nothing is spent per request but the
frame, its code, its MAC and a dict entry, since the generator shares the machine with the server.

Knows nothing of files, command lines or reports.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from tigertally_client.credentials import ChannelCredentials
from tigertally_client.serials import SerialAllocator, business_day_of
from tigertally_client.servers import ServerAddress
from tigertally_client.system import Clock, SystemClock, SystemEntropy
from tigertally_load.codes import STEP_S, step_at
from tigertally_load.connection import ConnectionLost, LoadConnection
from tigertally_load.customers import all_customers
from tigertally_load.inbox import Inbox
from tigertally_load.measure import Measurements, Second
from tigertally_load.method_workload import MethodWorkload
from tigertally_load.methods import Method
from tigertally_load.mix import Mix
from tigertally_load.population import Population
from tigertally_load.walk import TokensExhausted
from tigertally_load.workload import Item, Workload
from tigertally_protocol.codes import ResponseCode

_TICK_S: Final = 0.004
_DRAIN_S: Final = 15.0
_SMALLEST_BATCH: Final = 8
_RECONNECT_S: Final = 0.25
_SIGN_OFF_S: Final = 1.0
_NS: Final = 1_000_000_000
_METHODS_MARGIN: Final = 1.2


class LoadError(Exception):
    """The load can't start or can't go on; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """What to do.

    Attributes:
        rate: requests per second.
        seconds: for how long.
        connections: how many connections.
        in_flight: requests in flight per connection at most; the server's limit rules.
        mix: the kinds and their shares.
        seed: of the order of kinds.
        budget_ms: time budget sent with each request.
        utc_offset_minutes: the bank's time zone, for the business day.
    """

    rate: float
    seconds: float
    connections: int
    in_flight: int
    mix: Mix
    seed: int
    budget_ms: int = 5000
    utc_offset_minutes: int = 480

    @property
    def total(self) -> int:
        return max(1, round(self.rate * self.seconds))

    @property
    def tokens_per_step(self) -> int:
        """Tokens that are used up in one time step at most: a code counts once. With several
        methods, chance gives one of them a little more than its share.
        """
        margin = _METHODS_MARGIN if self.mix.has_methods else 1.0
        return int(self.rate * self.mix.token_share * min(STEP_S, self.seconds) * margin) + 1

    def check(self, population: Population) -> None:
        """Raises `LoadError` when the population is too small for the rate."""
        if self.mix.has_methods and not population.methods:
            raise LoadError(
                "this mix needs customers with several methods; prepare them with the same --mix"
            )
        needed = self.tokens_per_step
        if needed > population.count:
            raise LoadError(
                f"{self.rate:g}/s need {needed} tokens per {STEP_S}-second step (a code counts "
                f"once), and there are {population.count}; prepare more with --tokens {2 * needed}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened; `seconds` is from the first planned send to the last answer."""

    plan: LoadPlan
    measurements: Measurements
    offered: int
    seconds: float
    cpu_s: float
    strays: int
    reconnects: int
    walk_position: int
    positions: dict[str, int]
    stopped: str


class Generator:
    """Runs one plan once.

    Args:
        plan: what to do.
        credentials: the channel.
        population: the tokens.
        server: where to.
        walk_position: where the last run ended in the walk over the tokens with TOTP.
        positions: the same by method, for the others.
        sms_file: where the server's file gateway writes; needed for codes by SMS.
        progress: called after each second.
        clock: wall time, for codes and serials.
    """

    def __init__(
        self,
        plan: LoadPlan,
        credentials: ChannelCredentials,
        population: Population,
        server: ServerAddress,
        *,
        walk_position: int = 0,
        positions: Mapping[str, int] | None = None,
        sms_file: Path | None = None,
        progress: Callable[[Second], None] = lambda _: None,
        clock: Clock | None = None,
    ) -> None:
        plan.check(population)
        self._plan = plan
        self._credentials = credentials
        self._server = server
        self._progress = progress
        self._clock = clock or SystemClock()
        self._entropy = SystemEntropy()
        self._serials = SerialAllocator(self._clock, instance=self._entropy.integer63() % 1024)
        own = {**(positions or {}), Method.TOTP: walk_position}
        self._customers = all_customers(population, own)
        self._inbox = None if sms_file is None else Inbox(sms_file)
        self._workload = self._make_workload(population)
        self._kinds = plan.mix.sequence(plan.total, plan.seed)
        self._measured = Measurements()
        self._connections: list[LoadConnection | None] = [None] * plan.connections
        self._turn = 0
        self._sent = 0
        self._strays = 0
        self._reconnects = 0
        self._start_ns = 0
        self._last_answer_ns = 0
        self._stopped = ""
        self._leaving = False

    def _make_workload(self, population: Population) -> Workload:
        institution = population.institution or self._credentials.institution
        self._methods = (
            MethodWorkload(population, self._customers, institution, self._entropy, self._inbox)
            if population.methods
            else None
        )
        totp = self._customers[Method.TOTP]
        return Workload(population, totp, self._serials, institution, self._methods)

    async def run(self) -> Outcome:
        """Open the connections, send the plan, wait for the last answers.

        Raises:
            LoadError: no connection came up.
        """
        await self._open_all()
        _calm_collector()
        async with trio.open_nursery() as nursery:
            for slot in range(self._plan.connections):
                nursery.start_soon(self._keep, slot)
            self._start_ns = time.monotonic_ns()
            cpu_before = time.process_time_ns()
            nursery.start_soon(self._tell)
            await self._send_all()
            await self._drain()
            cpu_s = (time.process_time_ns() - cpu_before) / _NS
            await self._leave()
            nursery.cancel_scope.cancel()
        self._close_all()
        if self._inbox is not None:
            self._inbox.close()
        self._end_row((time.monotonic_ns() - self._start_ns) / _NS)
        end_ns = self._last_answer_ns or time.monotonic_ns()
        return Outcome(
            plan=self._plan,
            measurements=self._measured,
            offered=self._sent,
            seconds=max(self._plan.seconds, (end_ns - self._start_ns) / _NS),
            cpu_s=cpu_s,
            strays=self._strays,
            reconnects=self._reconnects,
            walk_position=self._customers[Method.TOTP].position,
            positions={method: one.position for method, one in self._customers.items()},
            stopped=self._stopped,
        )

    # ------------------------------------------------------------------ the schedule

    async def _send_all(self) -> None:
        total, rate, start_ns = self._plan.total, self._plan.rate, self._start_ns
        while self._sent < total:
            elapsed_ns = time.monotonic_ns() - start_ns
            due = min(total, int(elapsed_ns * rate / _NS) + 1)
            try:
                self._send_due(due)
            except TokensExhausted as problem:
                self._stopped = str(problem)
                return
            if elapsed_ns > (self._plan.seconds + _DRAIN_S) * _NS:
                self._stopped = "the server took too few requests; the rest was never sent"
                self._measured.record_error("NEVER_SENT", total - self._sent)
                return
            await trio.sleep(_TICK_S)

    def _send_due(self, due: int) -> None:
        """Send items up to number `due`, as far as connections have room."""
        if self._methods is not None:
            self._methods.look()
        now_ms = self._clock.now_ms()
        step = step_at(now_ms)
        day = business_day_of(now_ms, self._plan.utc_offset_minutes)
        gap_ns = _NS / self._plan.rate
        make, kinds, start_ns = self._workload.make, self._kinds, self._start_ns
        share = max(_SMALLEST_BATCH, (due - self._sent) // len(self._connections) + 1)
        while self._sent < due:
            connection = self._next_with_room()
            if connection is None:
                return
            first = self._sent
            last = min(due, first + min(share, connection.room))
            batch: list[Item] = []
            try:
                batch.extend(
                    make(kinds[k], start_ns + int(k * gap_ns), step, day)
                    for k in range(first, last)
                )
            finally:
                self._sent += len(batch)
                if batch:
                    connection.send(batch)

    def _next_with_room(self) -> LoadConnection | None:
        """The connections in turn, so that each gets whole batches."""
        count = len(self._connections)
        for _ in range(count):
            self._turn = (self._turn + 1) % count
            connection = self._connections[self._turn]
            if connection is not None and connection.room > 0:
                return connection
        return None

    async def _drain(self) -> None:
        with trio.move_on_after(_DRAIN_S):
            while self._in_flight():
                await trio.sleep(_TICK_S)

    async def _leave(self) -> None:
        """Sign off everywhere, so that the server doesn't take the end for an accident."""
        self._leaving = True
        day = business_day_of(self._clock.now_ms(), self._plan.utc_offset_minutes)
        for connection in self._connections:
            if connection is not None:
                connection.leave(day)
        with trio.move_on_after(_SIGN_OFF_S):
            while any(self._connections):
                await trio.sleep(_TICK_S)

    def _in_flight(self) -> int:
        return sum(len(c.pending) for c in self._connections if c is not None)

    # ------------------------------------------------------------------ answers

    def _answered(self, item: Item, code: ResponseCode, answer: object) -> None:
        now_ns = time.monotonic_ns()
        self._last_answer_ns = now_ns
        error = self._workload.judge(item, code, answer)
        self._measured.record(item.kind, code.name, (now_ns - item.planned_ns) // 1000)
        if error is not None:
            self._measured.record_error(error)

    # ------------------------------------------------------------------ connections

    async def _open_all(self) -> None:
        """All connections, or none: a load that starts half is not the load asked for."""
        for slot in range(self._plan.connections):
            try:
                self._connections[slot] = await self._open()
            except ConnectionLost as problem:
                self._close_all()
                raise LoadError(f"connection {slot + 1}: {problem}") from None

    async def _open(self) -> LoadConnection:
        connection = LoadConnection(
            self._credentials,
            in_flight=self._plan.in_flight,
            budget_ms=self._plan.budget_ms,
            clock=self._clock,
            entropy=self._entropy,
            serials=self._serials,
            answered=self._answered,
        )
        day = business_day_of(self._clock.now_ms(), self._plan.utc_offset_minutes)
        try:
            await connection.open(self._server, day)
        except BaseException:
            connection.close()
            raise
        return connection

    async def _keep(self, slot: int) -> None:
        """Serve a connection; when it is lost, count its items and open another."""
        while True:
            connection = self._connections[slot]
            if connection is not None:
                await connection.serve()
                self._count_lost(connection, "NO_ANSWER" if self._leaving else "CONNECTION_LOST")
                self._connections[slot] = None
            if self._leaving:
                return
            await trio.sleep(_RECONNECT_S)
            try:
                self._connections[slot] = await self._open()
                self._reconnects += 1
            except ConnectionLost:
                continue  # the items that fall due meanwhile wait, and their latency grows

    def _count_lost(self, connection: LoadConnection, name: str) -> None:
        self._strays += connection.strays
        lost = connection.close()
        if lost:
            self._measured.record_error(name, len(lost))

    def _close_all(self) -> None:
        for slot, connection in enumerate(self._connections):
            if connection is not None:
                self._count_lost(connection, "NO_ANSWER")
                self._connections[slot] = None

    # ------------------------------------------------------------------ once a second

    async def _tell(self) -> None:
        start = trio.current_time()
        second = 0
        while True:
            second += 1
            await trio.sleep_until(start + second)
            self._end_row(second)

    def _end_row(self, at: float) -> None:
        self._progress(self._measured.end_second(at, self._sent, self._in_flight()))


def _calm_collector() -> None:
    """Keep the garbage collector from stalling the schedule: what exists stays, and frames don't
    make cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
