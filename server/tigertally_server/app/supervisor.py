"""`server.workers` processes behind one address: started, looked after, replaced, stopped.

The supervisor accepts connections and hands each to the worker that has fewest; it never reads from
one. A worker that dies, or says nothing for `SILENT_S`, is started anew, after a growing pause when
it dies young. SIGTERM drains all; SIGHUP is passed on.

SIGUSR2 rolls: the program that is installed now is tried, then this process becomes it, with its
listeners and workers (`takeover`), and then replaces the workers one after another: the new one is
ready before the old one tells its channels to leave, and the old one serves what still comes until
they have left. So a new version takes over and nobody is refused; one that doesn't start leaves the
old workers where they are, and `Status` and log say why.

Each slot has one task that keeps it filled (`_keep`): nobody else starts workers.

Knows no frame, no key and no database.
"""

from __future__ import annotations

import os
import signal
import socket
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog
import trio

from tigertally_server import config as configuration
from tigertally_server.access import tcp
from tigertally_server.access.operations import OperationsAccess
from tigertally_server.app import takeover
from tigertally_server.app.control import DONE, FAILED, REPLACING, TRYING, Control
from tigertally_server.app.takeover import Inheritance, Listener
from tigertally_server.app.worker import Worker, spawn
from tigertally_server.app.worker_link import (
    LEAVE,
    MESSAGE_BYTES,
    METRICS,
    READY,
    SOCKET,
    STATE,
    TLS_SOCKET,
    State,
    descriptors_in,
    state_of,
)
from tigertally_server.app.workers_page import WorkersPage
from tigertally_server.config import Config, ConfigError
from tigertally_server.pipeline.limits import board_bytes, clear_row

PAUSES_S: Final = (0.1, 1.0, 2.0, 5.0, 15.0)
"""Before a worker is started again that has died within `YOUNG_S`; the last one repeats."""
YOUNG_S: Final = 30.0
START_S: Final = 60.0
LOOK_S: Final = 0.5
QUIET_LOOKS: Final = 4
"""A worker that said nothing for so many looks gets no connections. Looks are counted, not time: a
machine that stood still finds its workers innocent.
"""
ALONE_S: Final = 3.0
"""How long a connection waits for a worker when none serves."""
_MARGIN_S: Final = 15.0
"""What a worker needs beyond its drain: the last entries, messages, a database that is slow."""


class StartFailed(Exception):
    """A worker of the first start didn't come up: the configuration or the installation is wrong,
    and its own words stand in the log.
    """


class Supervisor:
    """See the module's text. `bind` gives the listening sockets of some addresses, or raises."""

    def __init__(
        self,
        config: Config,
        config_path: Path | None,
        bind: Callable[[Sequence[str]], list[socket.socket]],
        inheritance: Inheritance | None = None,
    ) -> None:
        """Raises control.Taken, and what `bind` raises."""
        self._config, self._config_path = config, config_path
        self._log = structlog.get_logger("supervisor")
        self._workers: list[Worker] = []
        self._died_young: dict[int, int] = defaultdict(int)
        self._stopping, self._roll_asked = trio.Event(), trio.Event()
        self._limits, self._failure = config.limits, ""
        self._last_served = 0.0
        self._inheritance, first = inheritance, inheritance is None
        if inheritance is not None and inheritance.asked:
            self._roll_asked.set()
        state_dir, node = config.state_dir, config.server.node
        if inheritance is None:
            self._control = Control(state_dir, node)
            self._board = os.memfd_create("tigertally board", os.MFD_CLOEXEC)
        else:
            self._control = Control(state_dir, node, inheritance.lock, inheritance.rolls)
            self._board = inheritance.board
        held = inheritance.listeners if inheritance else ()
        held_operations = inheritance.operations if inheritance else ()
        self._listeners = takeover.fronts(config, held, bind, strict=first)
        self._operations = takeover.operations(config, held_operations, bind, strict=first)
        self._rows = os.fstat(self._board).st_size // board_bytes(1)
        self._make_rows(2 * config.server.workers)
        self._page = WorkersPage(self._workers)

    def _make_rows(self, number: int) -> None:
        self._rows = max(self._rows, number)
        os.ftruncate(self._board, board_bytes(self._rows))

    # ------------------------------------------------------------------ life

    async def run(self, ready: Callable[[list[str]], None]) -> None:
        """Until SIGTERM. Raises StartFailed."""
        with takeover.signals_received() as signals:
            async with trio.open_nursery() as house:
                house.start_soon(self._watch, signals)
                house.start_soon(self._look)
                for listener in self._operations:
                    house.start_soon(self._serve_operators, listener.sock)
                for worker in self._inheritance.workers if self._inheritance else ():
                    self._look_after(worker, house)
                async with trio.open_nursery() as busy:
                    busy.start_soon(self._end_when_asked, busy.cancel_scope)
                    if self._inheritance is None:
                        await self._start_all(house)
                    self._last_served = trio.current_time()
                    for listener in self._listeners:
                        busy.start_soon(self._accept, listener)
                    ready([tcp.name_of(listener.sock) for listener in self._listeners])
                    for slot in range(self._config.server.workers):
                        busy.start_soon(self._keep, slot, house)
                    if self._inheritance is not None:
                        self._control.tell(roll=REPLACING)
                        busy.start_soon(self._roll, house)
                    busy.start_soon(self._roll_when_asked)
                await self._stop()
                house.cancel_scope.cancel()
        self._control.close()
        if self._failure:
            raise StartFailed(self._failure)

    async def _end_when_asked(self, scope: trio.CancelScope) -> None:
        await self._stopping.wait()
        scope.cancel()

    async def _watch(self, signals: Any) -> None:
        async for number in signals:
            if number == signal.SIGHUP:
                self._reload()
            elif number == signal.SIGUSR2:
                self._roll_asked.set()
            else:
                self._log.info("stopping", signal=signal.Signals(number).name)
                self._stopping.set()

    def _reload(self) -> None:
        """Workers read the file themselves; our own part of it is how long they may take."""
        for worker in self._workers:
            if worker.ready.is_set():
                worker.signal(signal.SIGHUP)
            else:
                worker.reread = True  # it may have read the file already, and doesn't listen yet
        try:
            limits = configuration.load(self._config_path).limits
        except ConfigError:
            return  # told by the workers
        self._limits = limits

    async def _stop(self) -> None:
        """All drain at once; who doesn't end in time is killed."""
        async with trio.open_nursery() as ending:
            for worker in tuple(self._workers):
                ending.start_soon(self._see_off, worker)

    # ------------------------------------------------------------------ workers

    async def _start_all(self, house: trio.Nursery) -> None:
        """The first start; a worker that doesn't come up ends everything."""
        async with trio.open_nursery() as starting:
            for slot in range(self._config.server.workers):
                starting.start_soon(self._start_or_fail, slot, house)

    async def _start_or_fail(self, slot: int, house: trio.Nursery) -> None:
        if why := await self._start(slot, house):
            self._failure = why
            self._stopping.set()
            await trio.sleep_forever()

    async def _keep(self, slot: int, house: trio.Nursery) -> None:
        """One worker in the slot, as long as we serve."""
        while True:
            worker = self._holder(slot)
            if worker is None:
                if await self._start(slot, house):
                    await self._pause(slot)
                continue
            await worker.gone.wait()
            if worker.leaving:
                continue
            self._page.deaths.inc()
            self._log.error("worker died", worker=slot, pid=worker.pid, status=worker.status)
            if trio.current_time() - worker.born > YOUNG_S:
                self._died_young[slot] = 0
            await self._pause(slot)

    def _holder(self, slot: int) -> Worker | None:
        """Whose slot it is now: the newest that stays."""
        own = [each for each in self._in_slot(slot) if not each.leaving]
        return own[-1] if own else None

    async def _start(self, slot: int, house: trio.Nursery) -> str:
        """A worker, once it is ready: empty; or why there is none."""
        try:
            worker = spawn(slot, self._free_row(), self._rows, self._board, self._config_path)
        except OSError as problem:
            why = f"worker {slot} could not be started: {problem.strerror}"
        else:
            self._look_after(worker, house)
            with trio.move_on_after(START_S):
                await worker.ready.wait()
            if worker.serves:
                self._tell()
                return ""
            # Not asked to end itself: it may not even listen to signals yet.
            why = f"worker {slot} was not ready after {START_S:.0f} s"
            if worker.gone.is_set():
                why = f"worker {slot} ended with status {worker.status} before it was ready"
            worker.leaving = True
            worker.signal(signal.SIGKILL)
            await worker.gone.wait()
        self._log.error("worker did not start", worker=slot, why=why)
        return why

    def _free_row(self) -> int:
        taken = {worker.row for worker in self._workers}
        row = next(row for row in range(len(taken) + 1) if row not in taken)
        self._make_rows(row + 1)
        clear_row(self._board, self._rows, row)
        return row

    def _look_after(self, worker: Worker, house: trio.Nursery) -> None:
        worker.born = trio.current_time()
        self._workers.append(worker)
        house.start_soon(self._listen_to, worker)
        house.start_soon(self._bury, worker)

    async def _listen_to(self, worker: Worker) -> None:
        while True:
            try:
                message, ancillary, _, _ = worker.link.recvmsg(MESSAGE_BYTES, socket.CMSG_SPACE(4))
            except BlockingIOError:
                try:
                    await trio.lowlevel.wait_readable(worker.link)
                except trio.ClosedResourceError:
                    return
                continue
            except OSError:
                return
            if not message:
                return
            worker.silent = 0
            self._heard(worker, message, descriptors_in(ancillary))

    def _heard(self, worker: Worker, message: bytes, descriptors: Sequence[int]) -> None:
        kind = message[:1]
        if kind == METRICS:
            for descriptor in descriptors:
                with os.fdopen(descriptor, "rb") as file:
                    file.seek(0)
                    worker.pages.append(file.read().decode("utf-8", "replace"))
            worker.paged.set()
        elif kind == READY:
            worker.state = State()
            worker.ready.set()
            if worker.reread:
                worker.signal(signal.SIGHUP)
        elif kind == STATE:
            try:
                worker.state = state_of(message)
            except (ValueError, TypeError, AttributeError):
                self._log.error("a worker's word is not understood", worker=worker.slot)

    async def _bury(self, worker: Worker) -> None:
        descriptor = os.pidfd_open(worker.pid)
        try:
            await trio.lowlevel.wait_readable(descriptor)
        finally:
            os.close(descriptor)
        _, status = os.waitpid(worker.pid, 0)  # noqa: ASYNC222 - it has ended
        worker.status = os.waitstatus_to_exitcode(status)
        trio.lowlevel.notify_closing(worker.link)
        worker.link.close()
        self._workers.remove(worker)
        clear_row(self._board, self._rows, worker.row)
        worker.gone.set()
        worker.ready.set()
        self._tell()

    async def _pause(self, slot: int) -> None:
        number = self._died_young[slot]
        self._died_young[slot] += 1
        await trio.sleep(PAUSES_S[min(number, len(PAUSES_S) - 1)])

    async def _see_off(self, worker: Worker, *, gently: bool = False) -> None:
        """Until it is gone. `gently`: its channels get their grace before it drains."""
        worker.leaving = True
        server = self._config.server
        patience = server.drain_s + _MARGIN_S
        if gently and worker.send(LEAVE):
            patience += self._limits.drain_grace_ms / 1000
        else:
            worker.signal(signal.SIGTERM)
        with trio.move_on_after(patience):
            await worker.gone.wait()
        if not worker.gone.is_set():
            self._log.error("worker did not end in time and is killed", worker=worker.slot)
            worker.signal(signal.SIGKILL)
            await worker.gone.wait()

    async def _look(self) -> None:
        """Twice a second: who is silent, and whose parent we have become."""
        most = round(self._config.server.worker_silence_s / LOOK_S)
        while True:
            await trio.sleep(LOOK_S)
            for worker in self._workers:
                if worker.ready.is_set():
                    worker.silent += 1
                    if worker.silent == max(most, QUIET_LOOKS + 1):
                        self._log.error("worker is silent and is killed", worker=worker.slot)
                        worker.signal(signal.SIGKILL)
            if self._staying():
                self._last_served = trio.current_time()
            self._reap_others()

    def _reap_others(self) -> None:
        """Children that an earlier program of this process had, such as the database's."""
        own = {worker.pid for worker in self._workers}
        try:
            while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if ended.si_pid in own:
                    return  # `_bury` takes it
                os.waitpid(ended.si_pid, 0)
        except ChildProcessError:
            return

    # ------------------------------------------------------------------ connections

    async def _accept(self, listener: Listener) -> None:
        sock, message = listener.sock, TLS_SOCKET if listener.secure else SOCKET
        try:
            while True:
                peer = await tcp.accept(sock, self._log)
                with peer:
                    await self._somebody_serves()
                    self._hand_over(peer, message)
        finally:
            trio.lowlevel.notify_closing(sock)
            sock.close()

    async def _somebody_serves(self) -> None:
        """Soon, most often: a worker that died is being started again."""
        while not self._staying() and trio.current_time() < self._last_served + ALONE_S:
            await trio.sleep(0.02)

    def _hand_over(self, peer: socket.socket, message: bytes) -> None:
        """To the worker with the fewest; without one, or where the total is reached, it is
        closed.
        """
        total = sum(worker.connections for worker in self._workers)
        if total >= self._config.server.connections_max:
            self._page.refused.labels(reason="too many connections").inc()
            return
        for worker in sorted(self._staying(), key=lambda worker: worker.connections):
            if worker.hand(message, peer):
                return
        self._page.refused.labels(reason="no worker").inc()

    def _staying(self) -> list[Worker]:
        """Who may be given connections."""
        return [each for each in self._workers if each.serves and each.silent < QUIET_LOOKS]

    # ------------------------------------------------------------------ rolling

    async def _roll_when_asked(self) -> None:
        """One after another; one that is stuck gives way to the next."""
        while True:
            await self._roll_asked.wait()
            while self._control.status.roll == REPLACING:
                await trio.sleep(0.05)
            self._roll_asked = trio.Event()
            self._control.tell(rolls=self._control.status.rolls + 1, roll=TRYING, why="")
            self._log.info("trying what is installed now")
            why = await takeover.rehearse(self._estate().told())
            why = why or await self._become_what_is_installed()
            self._log.error("what is installed now can't take over: nothing has changed", why=why)
            self._control.tell(roll=FAILED, why=why)

    async def _become_what_is_installed(self) -> str:
        """Doesn't return, but for a failure."""
        with takeover.signals_held_back():
            # What came until now is heard: an end ends us here, and another roll is handed on.
            await trio.sleep(0.01)
            return self._become()

    def _become(self) -> str:
        for worker in self._workers:
            if not worker.ready.is_set():
                worker.signal(signal.SIGKILL)  # it serves nobody, and would be a stranger to us
        self._log.info("becoming what is installed now")
        return takeover.become(self._estate())

    def _estate(self) -> Inheritance:
        return Inheritance(
            tuple(self._listeners),
            tuple(self._operations),
            self._board,
            self._control.lock,
            self._control.status.rolls,
            self._roll_asked.is_set(),
            tuple(each for each in self._workers if each.ready.is_set()),
        )

    async def _roll(self, house: trio.Nursery) -> None:
        """Each worker of the former program gives way to one of this."""
        former = [each for each in self._workers if each.former and not each.leaving]
        for worker in self._workers:
            if worker.leaving:
                house.start_soon(partial(self._see_off, worker, gently=True))
        self._control.tell(roll=REPLACING, replaced=0, of=len(former), why="")
        for number, old in enumerate(sorted(former, key=lambda each: each.slot), 1):
            if old.slot < self._config.server.workers:
                await self._succeed(old, house)
            await self._see_off(old, gently=True)
            self._log.info("worker replaced", worker=old.slot)
            self._control.tell(roll=REPLACING, replaced=number, why="")
        self._control.tell(roll=DONE)
        self._log.info("all workers replaced", workers=len(former))

    async def _succeed(self, old: Worker, house: trio.Nursery) -> None:
        """Until there is one that serves in its place."""
        while not any(each.serves and not each.former for each in self._in_slot(old.slot)):
            if old.gone.is_set():
                await trio.sleep(0.05)  # `_keep` starts the next one
                continue
            if why := await self._start(old.slot, house):
                self._control.tell(roll=FAILED, why=f"{why}; the old one serves on")
                await self._pause(old.slot)

    def _in_slot(self, slot: int) -> list[Worker]:
        return [each for each in self._workers if each.slot == slot]

    # ------------------------------------------------------------------ for operators

    def _tell(self) -> None:
        serving = tuple((each.slot, each.pid) for each in self._workers if each.serves)
        self._control.tell(workers=serving)

    async def _serve_operators(self, sock: socket.socket) -> None:
        page = self._page
        access = OperationsAccess(
            page.metrics, self._unready, page.warnings, log_dir=self._config.log_dir
        )
        await access.serve(sock)

    def _unready(self) -> str:
        if self._stopping.is_set():
            return "draining"
        if not any(each.serves for each in self._workers):
            return "no worker runs"
        reasons = [worker.state.unready for worker in self._staying()]
        if not reasons:
            return "no worker answers"
        return "" if "" in reasons else f"no worker is ready: {reasons[0]}"
