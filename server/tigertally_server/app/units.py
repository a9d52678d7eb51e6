"""Units of work in a process of their own, so that the interpreter that reads and answers sockets
is not the one that decides: each then has a processor's time to itself, and batches stay as large
as one process makes them.

The process is forked before anything runs in this one, with keys and configuration already opened.
Batches go to it as pickles over socket pairs that nobody else holds, one per unit of work. It is
part of the server: it ends when the server does, however that ends (its sockets close), and when it
ends alone, the server stops (`lost`), because nobody knows what it was at.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
import trio

from tigertally_drivers.postgres.stepping import IN_TRIO
from tigertally_server.app.environment import Environment
from tigertally_server.services.request import Outcome, Request
from tigertally_server.services.unit_of_work import UnitOfWork
from tigertally_server.store.port import StoreUnavailable

_LENGTH: Final = struct.Struct(">I")
_READ_BYTES: Final = 262_144
_GONE: Final = "the process of the units of work has ended"


@dataclass(frozen=True, slots=True)
class _Answer:
    """`outcomes` None: the store is not available, `reason` says why."""

    outcomes: list[Outcome] | None
    conflicts: int
    reason: str = ""
    maybe_committed: bool = False


class _Messages:
    """Pickled messages over one stream socket."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._stream = trio.SocketStream(trio.socket.from_stdlib_socket(sock))
        self._buffer = bytearray()

    async def send(self, message: object) -> None:
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        await self._stream.send_all(_LENGTH.pack(len(data)) + data)

    async def receive(self) -> Any:
        """None at the end."""
        buffer = self._buffer
        while (whole := self._whole()) is None:
            part = await self._stream.receive_some(_READ_BYTES)
            if not part:
                return None
            buffer += part
        data = bytes(buffer[_LENGTH.size : whole])
        del buffer[:whole]
        return pickle.loads(data)  # noqa: S301 - from our own process, over a pair of our own

    def _whole(self) -> int | None:
        if len(self._buffer) < _LENGTH.size:
            return None
        end = _LENGTH.size + int(_LENGTH.unpack_from(self._buffer)[0])
        return end if len(self._buffer) >= end else None


class RemoteUnit:
    """A unit of work on the other side; see `UnitOfWork`. `lost` is called when there is none any
    more.
    """

    def __init__(self, sock: socket.socket, lost: Callable[[], None]) -> None:
        self._sock, self._lost = sock, lost
        self._messages: _Messages | None = None
        self._usable = True
        self.conflicts = 0

    async def execute(self, requests: Sequence[Request]) -> list[Outcome]:
        """Raises StoreUnavailable."""
        if not self._usable:
            raise StoreUnavailable(_GONE)
        self._messages = self._messages or _Messages(self._sock)
        # Whoever is interrupted here leaves an answer behind that belongs to no question.
        self._usable = False
        try:
            await self._messages.send(list(requests))
            answer: _Answer | None = await self._messages.receive()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            answer = None
        if answer is None:
            self._lost()
            raise StoreUnavailable(_GONE, maybe_committed=True)
        self._usable = True
        self.conflicts = answer.conflicts
        if answer.outcomes is None:
            raise StoreUnavailable(answer.reason, maybe_committed=answer.maybe_committed)
        return answer.outcomes


class UnitProcess:
    """The process, and this side's ends of its sockets."""

    def __init__(self, pid: int, sockets: Sequence[socket.socket]) -> None:
        self._pid, self._sockets = pid, sockets
        self.lost = False

    def units(self, lost: Callable[[], None]) -> list[RemoteUnit]:
        """One per unit of work of the process."""

        def gone() -> None:
            self.lost = True
            lost()

        return [RemoteUnit(sock, gone) for sock in self._sockets]

    def close(self) -> None:
        """Tells it to end, and waits until it has."""
        for sock in self._sockets:
            sock.close()
        os.waitpid(self._pid, 0)


def start_units(environment: Environment, shards: Sequence[int]) -> UnitProcess:
    """Forks the process: before any thread, loop or connection of this one exists."""
    pairs = [socket.socketpair() for _ in shards]
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        for _, far in pairs:
            far.close()
        return UnitProcess(pid, [near for near, _ in pairs])
    status = 1
    try:
        for near, _ in pairs:
            near.close()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # The server tells it when to end.
            signal.signal(number, signal.SIG_IGN)
        trio.run(_work, environment, shards, [far for _, far in pairs])
        status = 0
    except BaseException:  # noqa: BLE001 - the edge of the process
        structlog.get_logger("units").exception("the process of the units of work failed")
    finally:
        # Nothing of the server's own end may run here: the database is the parent's to stop.
        os._exit(status)


async def _work(
    environment: Environment, shards: Sequence[int], sockets: Sequence[socket.socket]
) -> None:
    async with trio.open_nursery() as nursery:
        for shard, sock in zip(shards, sockets, strict=True):
            nursery.start_soon(_serve_one, environment, shard, _Messages(sock))


async def _serve_one(environment: Environment, shard: int, messages: _Messages) -> None:
    store = environment.databases.store(IN_TRIO)
    unit = UnitOfWork(store, environment.context, shard)
    try:
        while (requests := await messages.receive()) is not None:
            await messages.send(await _answer(unit, requests))
    except trio.BrokenResourceError:
        # Nobody is there to be told; what was committed will be asked for again.
        return
    finally:
        store.close()


async def _answer(unit: UnitOfWork, requests: Sequence[Request]) -> _Answer:
    try:
        return _Answer(await unit.execute(requests), unit.conflicts)
    except StoreUnavailable as problem:
        return _Answer(None, unit.conflicts, str(problem), problem.maybe_committed)
