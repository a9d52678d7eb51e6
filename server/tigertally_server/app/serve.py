"""The verifying server's process: opens everything, serves until told to stop, drains, closes.

SIGTERM and SIGINT drain: no new connections, channels are told to go elsewhere, what was accepted
is answered and on disk before the process ends. SIGHUP reads the configuration file again: limits
and log level act at once, addresses with the next start.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import structlog
import trio
from prometheus_client import generate_latest

from tigertally_drivers.errors import DriverError
from tigertally_drivers.hsm.port import Hsm
from tigertally_drivers.postgres.stepping import IN_TRIO
from tigertally_server import config as configuration
from tigertally_server import log
from tigertally_server.access import tcp
from tigertally_server.access.operations import OperationsAccess
from tigertally_server.access.process import Pipeline
from tigertally_server.access.session import Session
from tigertally_server.app.device import hsm_of
from tigertally_server.app.environment import Environment
from tigertally_server.app.housekeeping import Housekeeping
from tigertally_server.app.hsm_watch import watch_hsm
from tigertally_server.app.self_test import self_test
from tigertally_server.app.sms import dispatcher_of
from tigertally_server.app.worker_link import Place, State, WorkerLink
from tigertally_server.config import Config, ConfigError, parse_address
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline.device_room import DeviceRoom
from tigertally_server.pipeline.dispatch import Dispatcher
from tigertally_server.pipeline.limits import Board, Loads
from tigertally_server.pipeline.preparation import Preparation
from tigertally_server.pipeline.runner import Runner
from tigertally_server.pipeline.spraying import SprayWatch
from tigertally_server.pipeline.tally import Tally
from tigertally_server.services.unit_of_work import UnitOfWork

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2)
DRAIN_POLL_S: Final = 0.02
MESSAGES_DRAIN_S: Final = 3.0
SWITCH_INTERVAL_S: Final = 0.0005
"""Housekeeping's thread wants the interpreter for microseconds at a time; at Python's 5 ms it would
wait longer than it works.
"""


GIVE_UP_S: Final = 5.0
"""How long a database that doesn't answer is waited for in the end."""


class ServeError(Exception):
    """The server can't start; the text says why and what to do."""


class Server:
    """One process. `ready` is called once with the addresses bound. `place`: where it is one of
    several workers, whose connections come from the supervisor.
    """

    def __init__(
        self, environment: Environment, config_path: Path | None, place: Place | None = None
    ) -> None:
        self._environment, self._config_path, self._place = environment, config_path, place
        config = environment.config
        self._log = structlog.get_logger("server")
        metrics = Metrics()
        self._hsm = _hsm(environment)
        shards = environment.installation.shards
        first = _first_shard(config, place)
        self._stores = [environment.databases.store(IN_TRIO) for _ in range(config.server.writers)]
        deciding = trio.Lock()
        runner = Runner(
            [
                UnitOfWork(
                    store,
                    environment.context,
                    (first + number) % shards,
                    breathe=trio.lowlevel.checkpoint,
                    turn=deciding,
                )
                for number, store in enumerate(self._stores)
            ],
            environment.clock,
            metrics,
            queue_max=config.server.queue_max,
            queue_wait_ms=config.server.queue_wait_ms,
            batch_max=config.server.batch_max,
            on_unavailable=environment.databases.revive,
            halted=self._unsigned,
            device_room=_device_room(self._hsm, environment, metrics),
            preparation=Preparation(
                environment.context,
                environment.clock,
                threads=config.passwords.threads,
                waiting_max=config.passwords.waiting_max,
            ),
        )
        self.pipeline = Pipeline(
            node=config.server.node,
            clock=environment.clock,
            entropy=environment.entropy,
            context=environment.context,
            runner=runner,
            loads=Loads(_board(place)),
            tally=Tally(),
            calendar=environment.calendar,
            metrics=metrics,
            limits=config.session_limits(),
            spraying=SprayWatch(config.spray_limits()),
        )
        self._housekeeping = Housekeeping(environment, self.pipeline)
        self._dispatcher = _dispatcher(environment, metrics)
        self._stopping, self._leaving = trio.Event(), trio.Event()

    async def run(self, ready: Callable[[list[str]], None]) -> None:
        """Until a signal. Raises ServeError."""
        if problem := self_test(self._log):
            raise ServeError(problem)
        config = self._environment.config
        front = _Front(config, None if self._place is None else WorkerLink(self._place.link))
        self._settle_interpreter()
        with trio.open_signal_receiver(*SIGNALS) as signals:
            async with trio.open_nursery() as house:
                house.start_soon(self._watch, signals)
                house.start_soon(self.pipeline.runner.run)
                house.start_soon(self._housekeeping.run)
                if self._hsm is not None:
                    house.start_soon(self._hsm.run)
                    label = config.hsm.seed_label
                    house.start_soon(watch_hsm, self._hsm, self.pipeline.metrics, label)
                if self._dispatcher is not None:
                    house.start_soon(self._dispatcher.run)
                house.start_soon(tcp.tick_sessions, self.pipeline, self.pipeline.clock)
                for sock in front.operations:
                    warnings = self._housekeeping.keys.warnings
                    access = OperationsAccess(
                        self._metrics_page, self._unready, warnings, log_dir=config.log_dir
                    )
                    house.start_soon(access.serve, sock)
                async with trio.open_nursery() as sessions:
                    async with trio.open_nursery() as listeners:
                        access_tcp = tcp.SocketAccess(self.pipeline, config.server.connections_max)
                        for sock, context in front.listeners:
                            listeners.start_soon(access_tcp.serve, sock, context, sessions)
                        if front.link is not None:
                            adopt = partial(self._adopt, access_tcp, front.tls, sessions)
                            house.start_soon(self._follow, front.link, adopt)
                            listeners.start_soon(self._leave)
                            house.start_soon(front.link.tell, partial(self._state, access_tcp))
                            await front.link.ready()
                        ready([tcp.name_of(sock) for sock, _ in front.listeners])
                        await self._stopping.wait()
                        listeners.cancel_scope.cancel()
                    await self._drain(config.server.drain_s)
                    sessions.cancel_scope.cancel()
                await self._settle()
                if self._dispatcher is not None:
                    await self._dispatcher.drain(MESSAGES_DRAIN_S)
                self.pipeline.runner.give_up_at(trio.current_time() + GIVE_UP_S)
                house.cancel_scope.cancel()
        await self._housekeeping.finish()
        if self._dispatcher is not None:
            self._dispatcher.close()
        for store in self._stores:
            store.close()

    async def _follow(self, link: WorkerLink, adopt: Callable[[socket.socket, bool], None]) -> None:
        """To the very end: metrics are asked for while we drain, too."""
        await link.follow(adopt, self._metrics_text, self._leaving.set)
        if not self._stopping.is_set():
            self._log.warning("the supervisor has gone")
        self._stopping.set()

    def _adopt(
        self,
        access: tcp.SocketAccess,
        context: ssl.SSLContext | None,
        sessions: trio.Nursery,
        peer: socket.socket,
        secure: bool,
    ) -> None:
        """A connection that the supervisor has accepted. One that is to speak TLS, where our
        configuration has none, is not served in the clear.
        """
        if self._stopping.is_set() or (secure and context is None):
            peer.close()
            return
        access.adopt(peer, context if secure else None, sessions)

    async def _leave(self) -> None:
        """When told so: another worker has our place. Channels are told to go there, and served
        until they have gone or their grace is over.
        """
        await self._leaving.wait()
        self._log.info("leaving")
        pipeline = self.pipeline
        with trio.move_on_after(pipeline.limits.drain_grace_ms / 1000):
            while pipeline.sessions:
                now_ms = pipeline.clock.monotonic_ms()
                for session in tuple(pipeline.sessions):
                    if session.signed_on and not session.told_to_leave:
                        session.drain(now_ms)
                await trio.sleep(DRAIN_POLL_S)
        self._stopping.set()

    def _state(self, access: tcp.SocketAccess) -> State:
        warnings = tuple(self._housekeeping.keys.warnings())
        return State(access.open, unready=self._unready(), warnings=warnings)

    def _metrics_text(self) -> bytes:
        return generate_latest(self.pipeline.metrics.registry)

    async def _metrics_page(self) -> bytes:
        return self._metrics_text()

    def _settle_interpreter(self) -> None:
        """What lives for ever is taken out of the collector's sight, or each full collection would
        stop the world for it.
        """
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 50, 100)

    def _unready(self) -> str:
        if self.pipeline.draining:
            return "draining"
        if why := self._unsigned():
            return why
        if not self.pipeline.runner.available:
            return "the database does not answer"
        required = self._hsm is not None and self._environment.config.hsm.required
        return "no HSM is usable" if required and not _usable(self._hsm) else ""

    def _unsigned(self) -> str:
        return self._housekeeping.freshness.reason()

    async def _watch(self, signals: object) -> None:
        async for number in signals:  # type: ignore[attr-defined]
            if number == signal.SIGHUP:
                self._reload()
            elif number == signal.SIGUSR2:
                # It ends a process that doesn't listen to it.
                self._log.warning("only a supervisor of several workers can be rolled")
            else:
                self._log.info("stopping", signal=signal.Signals(number).name)
                self._stopping.set()

    def _reload(self) -> None:
        try:
            config = configuration.load(self._config_path)
        except ConfigError as problem:
            self._log.error("configuration not read again, the old one stays", why=str(problem))
            return
        self.pipeline.limits = config.session_limits()
        self.pipeline.spraying.limits = config.spray_limits()
        slot = None if self._place is None else self._place.slot
        log.set_up(config.log.level, config.log.format, slot)
        self._log.info("configuration read again")

    async def _drain(self, drain_s: float) -> None:
        """Ends when every connection has gone; those that stay are cut once they are quiet or the
        time is up.
        """
        pipeline = self.pipeline
        pipeline.draining = True
        now = pipeline.clock.monotonic_ms()
        tcp.for_each_session(pipeline, partial(Session.drain, now_ms=now))
        with trio.move_on_after(drain_s):
            while pipeline.sessions or pipeline.runner.waiting:
                await trio.sleep(DRAIN_POLL_S)
        self._log.info(
            "drained", connections_cut=len(pipeline.sessions), unanswered=pipeline.runner.waiting
        )

    async def _settle(self) -> None:
        """The last entries: sign-offs and summaries."""
        self._housekeeping.submit_summaries(everything=True)
        with trio.move_on_after(2):
            while self.pipeline.runner.waiting and self.pipeline.runner.available:
                await trio.sleep(DRAIN_POLL_S)


class _Front:
    """Where connections come from: listeners of our own, or the supervisor's link. `tls`: what
    those that speak it need.
    """

    def __init__(self, config: Config, link: WorkerLink | None) -> None:
        """Raises ServeError."""
        section = config.server
        plain, secure = section.listen, section.tls.listen
        self.link, self.tls = link, tls_of(config)
        contexts = [*(None for _ in plain), *(self.tls for _ in secure)]
        sockets = [] if link else bind((*plain, *secure))
        self.listeners = list(zip(sockets, contexts, strict=False))
        own = section.operations_listen
        self.operations = bind((own,)) if own and not link else []


def bind(addresses: Sequence[str]) -> list[socket.socket]:
    """Listening sockets. Raises ServeError."""
    bound = []
    for address in addresses:
        host, port = parse_address(address)
        try:
            bound.append(tcp.listen(host, port))
        except OSError as problem:
            raise ServeError(
                f"cannot listen on {address}: {problem.strerror}; is another server running, "
                f"or the address wrong?"
            ) from None
    return bound


def _board(place: Place | None) -> Board | None:
    if place is None:
        return None
    board = Board(place.board, place.rows, place.row)
    os.close(place.board)  # the memory stays ours
    return board


def _first_shard(config: Config, place: Place | None) -> int:
    """Writers prefer different shards, in one process and in all workers."""
    if config.server.shard >= 0 or place is not None:
        slot = 0 if place is None else place.slot
        return max(0, config.server.shard) + slot * config.server.writers
    return os.getpid()


def _dispatcher(environment: Environment, metrics: Metrics) -> Dispatcher | None:
    try:
        return dispatcher_of(environment, metrics)
    except DriverError as problem:
        raise ServeError(f"sms.{environment.config.sms.gateway}: {problem}") from None


def _hsm(environment: Environment) -> Hsm | None:
    """This loop's own way to the device, started with the server and not before: after any fork."""
    try:
        return hsm_of(environment.config, environment.clock, environment.entropy)
    except DriverError as problem:
        raise ServeError(str(problem)) from None


def _usable(hsm: Hsm | None) -> bool:
    return hsm is not None and hsm.status().usable


def _device_room(hsm: Hsm | None, environment: Environment, metrics: Metrics) -> DeviceRoom | None:
    if hsm is None:
        return None
    section = environment.config.hsm
    return DeviceRoom(
        hsm,
        environment.clock,
        metrics,
        at_once=section.at_once,
        waiting_max=section.waiting_max,
    )


def tls_of(config: Config) -> ssl.SSLContext | None:
    """What the configuration says about TLS. Raises ServeError."""
    tls = config.server.tls
    if not tls.listen:
        return None
    try:
        return tcp.tls_context(tls.certificate, tls.key, tls.client_ca)
    except (OSError, ssl.SSLError) as problem:
        raise ServeError(f"server.tls: {problem.strerror or problem}") from None


def serve(
    environment: Environment,
    config_path: Path | None,
    ready: Callable[[list[str]], None],
    place: Place | None = None,
) -> None:
    """Runs the process until it is told to stop. Raises ServeError."""
    trio.run(partial(Server(environment, config_path, place).run, ready))
