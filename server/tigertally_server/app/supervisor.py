"""`server.workers` processes behind one address: started, looked after, replaced, stopped.

The supervisor accepts connections and hands each to the worker that has fewest; it never reads from
one. A worker that dies is started anew, after a growing pause when it dies young. SIGTERM drains
all; SIGHUP is passed on. SIGUSR2 rolls: this process becomes the program that is installed now,
with its listeners and workers (execve keeps both), and then replaces the workers one after another:
the new one is ready before the old one tells its channels to leave, and the old one serves what
still comes until they have left. So a new version takes over and nobody is refused.

Knows no frame, no key and no database.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
import trio
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from tigertally_server.access import tcp
from tigertally_server.access.operations import OperationsAccess
from tigertally_server.app.merged_metrics import merged
from tigertally_server.app.worker_link import (
    LEAVE,
    MESSAGE_BYTES,
    METRICS,
    READY,
    SOCKET,
    Place,
    State,
    descriptors_in,
    pair,
    rights,
    state_of,
)
from tigertally_server.config import Config
from tigertally_server.pipeline.limits import board_bytes, clear_row

TAKEOVER: Final = "TIGERTALLY_TAKEOVER"
"""Environment: what a supervisor that becomes another program hands on to it."""
PAUSES_S: Final = (0.1, 1.0, 2.0, 5.0, 15.0)
"""Before a worker is started again that has died within `YOUNG_S`; the last one repeats."""
YOUNG_S: Final = 30.0
START_S: Final = 60.0
METRICS_S: Final = 2.0
_MARGIN_S: Final = 15.0
"""What a worker needs beyond its drain: the last entries, messages, a database that is slow."""


STARTING: Final = State(0, "starting")


@dataclass(slots=True, eq=False)
class Worker:
    """One process. `row`: its own on the board; `slot`: which of the configured ones it is."""

    pid: int
    slot: int
    row: int
    link: socket.socket
    state: State = STARTING
    leaving: bool = False
    born: float = 0.0
    ready: trio.Event = field(default_factory=trio.Event)
    gone: trio.Event = field(default_factory=trio.Event)
    pages: list[str] = field(default_factory=list)
    paged: trio.Event = field(default_factory=trio.Event)


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What stays open when the supervisor becomes another program: descriptors by purpose, and
    (pid, slot, row, link) of each worker.
    """

    listeners: list[int]
    operations: list[int]
    board: int
    workers: list[list[int]]

    @staticmethod
    def left() -> Inheritance | None:
        """Ours, if we have just become this program."""
        told = os.environ.pop(TAKEOVER, "")
        return Inheritance(**json.loads(told)) if told else None


class Supervisor:
    """See the module's text. `bind` gives the listening sockets of some addresses."""

    def __init__(
        self,
        config: Config,
        config_path: Path | None,
        bind: Callable[[Sequence[str]], list[socket.socket]],
        inheritance: Inheritance | None = None,
    ) -> None:
        self._config, self._config_path = config, config_path
        self._rows = 2 * config.server.workers
        self._left = inheritance
        self._workers: list[Worker] = []
        self._died_young: dict[int, int] = defaultdict(int)
        self._registry = CollectorRegistry()
        self._deaths = Counter(
            "tigertally_worker_deaths", "Workers that died unasked", registry=self._registry
        )
        self._serving = Gauge(
            "tigertally_workers", "Workers by state", ["state"], registry=self._registry
        )
        self._log = structlog.get_logger("supervisor")
        self._stopping = trio.Event()
        if inheritance is None:
            listen = (*config.server.listen, *config.server.tls.listen)
            self._listeners = bind(listen)
            own = config.server.operations_listen
            self._operations = bind((own,)) if own else []
            self._board = os.memfd_create("tigertally board", os.MFD_CLOEXEC)
            os.ftruncate(self._board, board_bytes(self._rows))
        else:
            self._listeners = [socket.socket(fileno=each) for each in inheritance.listeners]
            self._operations = [socket.socket(fileno=each) for each in inheritance.operations]
            self._board = inheritance.board
            for descriptor in self._kept():
                os.set_inheritable(descriptor, False)
            # The room was measured by the number of workers then.
            size = os.fstat(self._board).st_size
            self._rows = max(self._rows, size // board_bytes(1))
            os.ftruncate(self._board, board_bytes(self._rows))

    # ------------------------------------------------------------------ life

    async def run(self, ready: Callable[[list[str]], None]) -> None:
        """Until SIGTERM."""
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2)
        with trio.open_signal_receiver(*numbers) as signals:
            async with trio.open_nursery() as house:
                house.start_soon(self._watch, signals)
                for sock in self._operations:
                    access = OperationsAccess(
                        self._page, self._unready, self._warnings, log_dir=self._config.log_dir
                    )
                    house.start_soon(access.serve, sock)
                taken_over = [
                    Worker(pid, slot, row, socket.socket(fileno=link))
                    for pid, slot, row, link in (self._left.workers if self._left else ())
                ]
                for worker in taken_over:
                    self._look_after(worker, house)
                for slot in range(self._config.server.workers):
                    if not any(worker.slot == slot for worker in self._workers):
                        await self._start(slot, house)
                async with trio.open_nursery() as listeners:
                    for number, sock in enumerate(self._listeners):
                        listeners.start_soon(self._accept, sock, number)
                    ready([tcp.name_of(sock) for sock in self._listeners])
                    await self._replace(taken_over, house)
                    await self._stopping.wait()
                    listeners.cancel_scope.cancel()
                await self._stop()
                house.cancel_scope.cancel()

    async def _watch(self, signals: Any) -> None:
        async for number in signals:
            if number == signal.SIGHUP:
                for worker in self._workers:
                    os.kill(worker.pid, signal.SIGHUP)
            elif number == signal.SIGUSR2:
                self._become_what_is_installed()
            else:
                self._log.info("stopping", signal=signal.Signals(number).name)
                self._stopping.set()

    async def _stop(self) -> None:
        for worker in self._workers:
            worker.leaving = True
            os.kill(worker.pid, signal.SIGTERM)
        with trio.move_on_after(self._config.server.drain_s + _MARGIN_S):
            for worker in tuple(self._workers):
                await worker.gone.wait()
        for worker in tuple(self._workers):
            self._log.error("worker did not end in time and is killed", worker=worker.slot)
            os.kill(worker.pid, signal.SIGKILL)
            await worker.gone.wait()

    # ------------------------------------------------------------------ workers

    async def _start(self, slot: int, house: trio.Nursery) -> Worker:
        """A worker, once it is ready; one that dies before is tried again."""
        while True:
            worker = self._spawn(slot)
            self._look_after(worker, house)
            with trio.move_on_after(START_S):
                await worker.ready.wait()
            if worker.ready.is_set() and not worker.gone.is_set():
                return worker
            if not worker.gone.is_set():
                os.kill(worker.pid, signal.SIGKILL)
            await worker.gone.wait()
            await self._pause(slot)

    def _spawn(self, slot: int) -> Worker:
        taken = {worker.row for worker in self._workers}
        row = next(row for row in range(self._rows) if row not in taken)
        clear_row(self._board, self._rows, row)
        ours, theirs = pair()
        config = () if self._config_path is None else ("-c", str(self._config_path))
        place = Place(theirs.fileno(), self._board, self._rows, row, slot)
        command = (sys.executable, "-m", "tigertally_server.cli.main", *config, "serve")
        try:
            for descriptor in (theirs.fileno(), self._board):
                os.set_inheritable(descriptor, True)
            pid = os.posix_spawn(
                sys.executable,
                (*command, "--worker", str(place)),
                os.environ,
                file_actions=(
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, 2, 1),
                ),
                setpgroup=0,  # a terminal's interrupt is the supervisor's to pass on
            )
        finally:
            os.set_inheritable(self._board, False)
            theirs.close()
        return Worker(pid, slot, row, ours)

    def _look_after(self, worker: Worker, house: trio.Nursery) -> None:
        worker.born = trio.current_time()
        self._workers.append(worker)
        house.start_soon(self._listen_to, worker)
        house.start_soon(self._bury, worker, house)

    async def _listen_to(self, worker: Worker) -> None:
        while True:
            try:
                message, ancillary, _, _ = worker.link.recvmsg(MESSAGE_BYTES, socket.CMSG_SPACE(4))
            except BlockingIOError:
                await trio.lowlevel.wait_readable(worker.link)
                continue
            except OSError:
                return
            if not message:
                return
            kind = message[:1]
            if kind == METRICS:
                for descriptor in descriptors_in(ancillary):
                    with os.fdopen(descriptor, "rb") as file:
                        file.seek(0)
                        worker.pages.append(file.read().decode())
                worker.paged.set()
                continue
            # One that was taken over has been ready for long, so any word of it will do.
            worker.state = State(0, "") if kind == READY else state_of(message)
            worker.ready.set()

    async def _bury(self, worker: Worker, house: trio.Nursery) -> None:
        descriptor = os.pidfd_open(worker.pid)
        try:
            await trio.lowlevel.wait_readable(descriptor)
        finally:
            os.close(descriptor)
        _, status = os.waitpid(worker.pid, 0)  # noqa: ASYNC222 - it has ended
        trio.lowlevel.notify_closing(worker.link)
        worker.link.close()
        self._workers.remove(worker)
        clear_row(self._board, self._rows, worker.row)
        worker.gone.set()
        worker.ready.set()
        if worker.leaving or not self._was_serving(worker):
            return
        self._deaths.inc()
        code = os.waitstatus_to_exitcode(status)
        self._log.error("worker died", worker=worker.slot, status=code)
        if trio.current_time() - worker.born > YOUNG_S:
            self._died_young[worker.slot] = 0
        await self._pause(worker.slot)
        if not self._stopping.is_set():
            await self._start(worker.slot, house)

    def _was_serving(self, worker: Worker) -> bool:
        """Who died before it was ready is started again by who waits for it."""
        return worker.state is not STARTING

    async def _pause(self, slot: int) -> None:
        number = self._died_young[slot]
        self._died_young[slot] += 1
        with trio.move_on_after(PAUSES_S[min(number, len(PAUSES_S) - 1)]):
            await self._stopping.wait()

    # ------------------------------------------------------------------ connections

    async def _accept(self, sock: socket.socket, number: int) -> None:
        try:
            while True:
                peer = await tcp.accept(sock, self._log)
                with peer:
                    self._hand_over(peer, number)
        finally:
            trio.lowlevel.notify_closing(sock)
            sock.close()

    def _hand_over(self, peer: socket.socket, number: int) -> None:
        """To the ready worker with the fewest; without one, or where the total is reached, it is
        closed.
        """
        total = sum(worker.state.connections for worker in self._workers)
        if total >= self._config.server.connections_max:
            self._log.warning("too many connections", connections=total)
            return
        for worker in sorted(self._staying(), key=lambda worker: worker.state.connections):
            if _send(worker, SOCKET + bytes([number]), peer.fileno()):
                state = worker.state
                worker.state = state._replace(connections=state.connections + 1)
                return
        self._log.error("no worker takes a connection")

    def _staying(self) -> list[Worker]:
        return [each for each in self._workers if each.ready.is_set() and not each.leaving]

    # ------------------------------------------------------------------ rolling

    def _become_what_is_installed(self) -> None:
        """Doesn't return."""
        self._log.info("becoming what is installed now")
        self._left = Inheritance(
            [sock.fileno() for sock in self._listeners],
            [sock.fileno() for sock in self._operations],
            self._board,
            [[each.pid, each.slot, each.row, each.link.fileno()] for each in self._workers],
        )
        for descriptor in self._kept():
            os.set_inheritable(descriptor, True)
        sys.stdout.flush()
        environment = {**os.environ, TAKEOVER: json.dumps(asdict(self._left))}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606

    def _kept(self) -> list[int]:
        left = self._left
        assert left is not None
        links = [link for _, _, _, link in left.workers]
        return [*left.listeners, *left.operations, left.board, *links]

    async def _replace(self, taken_over: Sequence[Worker], house: trio.Nursery) -> None:
        """Each of these gives way to a new one."""
        for old in taken_over:
            if old.gone.is_set():
                continue
            if old.slot < self._config.server.workers:
                await self._start(old.slot, house)
            old.leaving = True
            _send(old, LEAVE)
            await old.gone.wait()
            self._log.info("worker replaced", worker=old.slot)

    # ------------------------------------------------------------------ for operators

    async def _page(self) -> bytes:
        self._serving.labels(state="serving").set(len(self._staying()))
        self._serving.labels(state="leaving").set(sum(each.leaving for each in self._workers))
        pages = {"supervisor": generate_latest(self._registry).decode()}
        async with trio.open_nursery() as asking:
            for worker in tuple(self._workers):
                asking.start_soon(self._ask_for_page, worker, pages)
        return merged(dict(sorted(pages.items()))).encode()

    async def _ask_for_page(self, worker: Worker, pages: dict[str, str]) -> None:
        worker.paged = trio.Event()
        if not _send(worker, METRICS):
            return
        with trio.move_on_after(METRICS_S):
            await worker.paged.wait()
        if worker.pages:
            name = f"{worker.slot}-leaving" if worker.leaving else str(worker.slot)
            pages[name] = worker.pages.pop()
            worker.pages.clear()

    def _warnings(self) -> list[str]:
        told = (warning for worker in self._workers for warning in worker.state.warnings)
        return list(dict.fromkeys(told))

    def _unready(self) -> str:
        if self._stopping.is_set():
            return "draining"
        reasons = [worker.state.unready for worker in self._workers if not worker.leaving]
        if not reasons:
            return "no worker runs"
        return "" if "" in reasons else f"no worker is ready: {reasons[0]}"


def _send(worker: Worker, message: bytes, *descriptors: int) -> bool:
    """Whether it went; a link that is full or broken takes nothing."""
    try:
        worker.link.sendmsg([message], rights(*descriptors))
    except OSError:
        return False
    return True
