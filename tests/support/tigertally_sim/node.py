"""A server node in the simulation: the real pipeline, sessions, runner and units of work, put
together without listener, signals and threads; with witnesses at its edges.

A life is one process: it may be killed at any await (kill -9) or drained, and the next life begins
with nothing but the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog
import trio
from prometheus_client import generate_latest

from tigertally_drivers.ports import Entropy
from tigertally_server.access import tcp
from tigertally_server.access.process import Pipeline, SessionLimits
from tigertally_server.access.session import Session
from tigertally_server.access.transport import StreamTransport
from tigertally_server.domain.calendar import BusinessCalendar
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline.limits import Loads
from tigertally_server.pipeline.runner import Pending, Runner
from tigertally_server.pipeline.summaries import Summaries
from tigertally_server.pipeline.tally import Tally
from tigertally_server.services.context import Context
from tigertally_server.services.directory import Directory
from tigertally_server.services.keyring import Keyring
from tigertally_server.services.request import Outcome, Phase, Request
from tigertally_server.services.unit_of_work import UnitOfWork
from tigertally_server.store.port import StoreUnavailable
from tigertally_sim.auditor import Auditor
from tigertally_sim.clock import NodeClock
from tigertally_sim.options import SimOptions
from tigertally_sim.store import STORE_DOWN, STORE_FAULT, SimStore, SimWay
from tigertally_sim.trace import Trace
from tigertally_testing.bank import ZONE

FOLLOW_S: Final = 0.4
SUMMARY_S: Final = 5.0
DRAIN_S: Final = 4.0
LIMITS: Final = SessionLimits(
    half_open_s=3.0,
    idle_s=45.0,
    heartbeat_s=10,
    slow_reader_s=4.0,
    outbox_max=1 << 14,
    in_flight_max=8,
    budget_default_ms=2_500,
    budget_max_ms=20_000,
    key_life_s=25,
    key_overlap_s=4.0,
    drain_grace_ms=1_500,
)


class WatchedUnit(UnitOfWork):
    """Tells when it gives up for another reason than the simulation's."""

    problem: Callable[[str, str], None]

    def run(self, requests: Sequence[Request]) -> list[Outcome]:
        try:
            return super().run(requests)
        except StoreUnavailable as problem:
            if str(problem) not in (STORE_DOWN, STORE_FAULT):
                self.problem("13 incidents", f"a unit of work gave up: {problem}")
            raise


class WatchedRunner(Runner):
    """Tells what comes in, and how much is inside."""

    def __init__(self, life: Life, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._life = life

    def submit(self, pending: Pending) -> bool:
        taken = super().submit(pending)
        if taken:
            self._life.taken(pending)
        return taken

    def _take(self) -> list[Pending]:
        before = Counter(each.request.channel.id for each in self._queue)
        batch = super()._take()
        left = Counter(each.request.channel.id for each in self._queue)
        # For each that turned out to be too late, the turns went on by one.
        leeway = 1 + sum((before - left).values()) - len(batch)
        self._life.passed_over(before - left, left, leeway)
        return batch


class WatchedSession(Session):
    """Tells what leaves."""

    def __init__(self, life: Life, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.life = life

    def complete(self, pending: Pending, outcome: Outcome) -> None:
        self.life.completed(pending)
        super().complete(pending, outcome)


class Life:
    """One process from start to end."""

    def __init__(self, node: Node) -> None:
        self.node, self.name = node, node.name
        o, store = node.options, node.store
        metrics = Metrics()
        context = Context(node.keyring, Directory(store.configuration()), ZONE)
        units = [WatchedUnit(store, context, (node.shard + n) % 2) for n in range(o.units_per_node)]
        for unit in units:
            unit.problem = node.auditor.problem
        self.runner = WatchedRunner(
            self,
            units,
            node.clock,
            metrics,
            way=SimWay(node.name, store),
            queue_max=o.queue_max,
            batch_max=o.batch_max,
            overlap_min=o.overlap_min,
        )
        self.pipeline = Pipeline(
            node=node.name,
            clock=node.clock,
            entropy=node.entropy,
            context=context,
            runner=self.runner,
            loads=Loads(),
            tally=Tally(),
            calendar=BusinessCalendar(ZONE),
            metrics=metrics,
            limits=LIMITS,
        )
        p = self.pipeline
        self.summaries = Summaries(p.tally, self.runner, context, p.clock, p.entropy, p.calendar)
        self.scope = trio.CancelScope()
        self.told_to_stop = trio.Event()
        self.sessions: trio.Nursery | None = None
        self.inside: Counter[int] = Counter()
        self.left_out: Counter[int] = Counter()
        self.finished = self.killed = False

    async def run(self) -> None:
        """Until killed or drained."""
        with self.scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.runner.run)
                nursery.start_soon(tcp.tick_sessions, self.pipeline, self.pipeline.clock)
                nursery.start_soon(self._follow)
                nursery.start_soon(self._sum_up)
                nursery.start_soon(self._drain_when_told)
                async with trio.open_nursery() as self.sessions:
                    await trio.sleep_forever()
        self.finished = True

    async def serve(self, stream: trio.abc.Stream, peer: str) -> None:
        session = WatchedSession(self, self.pipeline, StreamTransport(stream, peer))
        try:
            await session.serve()
        except Exception:  # noqa: BLE001 - the edge of one connection, as in access.tcp
            structlog.get_logger("access").exception("connection ended by a fault", peer=peer)
        finally:
            self.inside.pop(id(session), None)

    async def _drain_when_told(self) -> None:
        """As the process does on SIGTERM."""
        await self.told_to_stop.wait()
        pipeline = self.pipeline
        pipeline.draining = True
        now = pipeline.clock.monotonic_ms()
        tcp.for_each_session(pipeline, lambda session: session.drain(now))
        with trio.move_on_after(DRAIN_S):
            while pipeline.sessions or self.runner.waiting:
                await trio.sleep(0.05)
        self.summaries.submit(everything=True)
        with trio.move_on_after(2):
            while self.runner.waiting and self.runner.available:
                await trio.sleep(0.05)
        self.end()

    def end(self) -> None:
        """Now: whatever waits is not waited for."""
        self.sessions = None
        self.scope.cancel()

    async def _follow(self) -> None:
        store = self.node.store
        while True:
            await trio.sleep(FOLLOW_S)
            if not store.down:
                self.pipeline.context.directory.replace(store.configuration())

    async def _sum_up(self) -> None:
        while True:
            await trio.sleep(SUMMARY_S)
            self.summaries.submit()

    # What the witnesses tell.

    def taken(self, pending: Pending) -> None:
        auditor, node = self.node.auditor, self.node
        auditor.arrived(node.name, pending)
        if len(self.runner._queue) > node.options.queue_max:
            auditor.problem("7 limits", f"{node.name}: {len(self.runner._queue)} in the queue")
        session, request = pending.reply_to, pending.request
        if not isinstance(session, WatchedSession) or request.phase is not Phase.FINAL:
            return
        self.inside[id(session)] += 1
        if self.inside[id(session)] > session._conn.in_flight_limit:
            auditor.problem("7 limits", f"{node.name}: too many in flight on one connection")
        channel_id = request.channel.id
        inside = sum(
            self.inside[id(each)]
            for each in self.pipeline.sessions
            if each._conn.channel_id == channel_id
        )
        limit = request.channel.in_flight
        if inside > limit:
            auditor.problem("7 limits", f"{node.name}: {inside} in flight, channel has {limit}")
        connections = sum(each._conn.channel_id == channel_id for each in self.pipeline.sessions)
        if connections > request.channel.connections:
            auditor.problem("7 limits", f"{node.name}: {connections} connections of one channel")

    def passed_over(self, taken: Counter[int], left: Counter[int], leeway: int) -> None:
        """Nobody gets more of a batch than one who would have liked more, and none is left out of
        as many batches as there are others waiting. Without a database batches are put back
        unserved, again and again the same.
        """
        auditor, name = self.node.auditor, self.node.name
        if not self.runner.available:
            self.left_out.clear()
            return
        for channel_id in left:
            mine, most = taken[channel_id], max(taken.values(), default=0)
            if most > mine + leeway:
                auditor.problem("15 turns", f"{name}: channel {channel_id} {mine}, another {most}")
            self.left_out[channel_id] = 0 if mine else self.left_out[channel_id] + bool(taken)
            if self.left_out[channel_id] > len(self.pipeline.context.snapshot.channels):
                auditor.problem("15 turns", f"{name}: channel {channel_id} is left out")

    def completed(self, pending: Pending) -> None:
        key = id(pending.reply_to)
        if pending.request.phase is Phase.FINAL and key in self.inside:
            self.inside[key] -= 1

    def left_over(self) -> list[str]:
        """What should not be there after the end."""
        problems = [f"{self.name}: session {s.session_id} is open" for s in self.pipeline.sessions]
        for channel_id, load in self.pipeline.loads._loads.items():
            # What a killed process had not answered counted as in flight until its end.
            unanswered = load.in_flight if not self.cut_off else 0
            if load.connections or unanswered:
                found = f"{load.connections} connections, {load.in_flight} in flight"
                problems.append(f"{self.name}: channel {channel_id} still has {found}")
        if not self.finished:
            problems.append(f"{self.name}: a life that did not end")
        return problems

    @property
    def cut_off(self) -> bool:
        """It had no chance to write down what it had to."""
        return self.killed or not self.runner.available or self.runner.waiting > 0

    def answers(self) -> dict[str, int]:
        """How often each code was answered."""
        counts: Counter[str] = Counter()
        for metric in self.pipeline.metrics.answers.collect():
            for sample in metric.samples:
                if sample.name.endswith("_total"):
                    counts[sample.labels["code"]] += int(sample.value)
        return counts

    def metrics_text(self) -> str:
        return generate_latest(self.pipeline.metrics.registry).decode()


class Node:
    """A place where one life follows another."""

    def __init__(
        self,
        name: str,
        shard: int,
        options: SimOptions,
        store: SimStore,
        keyring: Keyring,
        clock: NodeClock,
        entropy: Entropy,
        auditor: Auditor,
        trace: Trace,
    ) -> None:
        self.name, self.shard, self.options = name, shard, options
        self.store, self.keyring, self.clock, self.entropy = store, keyring, clock, entropy
        self.auditor, self.trace = auditor, trace
        self.lives: list[Life] = []
        self.life: Life | None = None
        self.closing = False

    async def run(self) -> None:
        """Lives, with a short death between them, until closed."""
        while not self.closing:
            self.life = Life(self)
            self.lives.append(self.life)
            self.trace.event(self.name, "starts")
            await self.life.run()
            self.life = None
            self.trace.event(self.name, "ended")
            await trio.sleep(0.5)

    def kill(self) -> None:
        if self.life is not None:
            self.trace.event(self.name, "killed")
            self.life.killed = True
            self.life.end()

    def drain(self) -> None:
        if self.life is not None and not self.life.told_to_stop.is_set():
            self.trace.event(self.name, "drains")
            self.life.told_to_stop.set()

    @property
    def listening(self) -> bool:
        life = self.life
        return life is not None and life.sessions is not None and not life.pipeline.draining

    def accept(self, stream: trio.abc.Stream, peer: str) -> None:
        assert self.life is not None
        assert self.life.sessions is not None
        self.life.sessions.start_soon(self.life.serve, stream, peer)
