"""A PostgreSQL connection whose waiting is somebody else's business.

psycopg does its work in generators that say what they wait for. `SteppedConnection` runs them with
the `Waiting` it was given: `BLOCKING` waits in the calling thread, so that a coroutine over it
never suspends; `IN_TRIO` suspends the trio task, so that one thread serves sockets and database,
and nothing is handed from thread to thread.

Built on psycopg's asyncio connection with its one method that knows asyncio replaced; a test does
everything the store does without asyncio. Cancelled while it waits, a connection is closed: nobody
knows what it would have answered.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

import psycopg
import trio
from psycopg import waiting
from psycopg.abc import PQGen

T = TypeVar("T")
_READ: Final = int(waiting.WAIT_R)
_WRITE: Final = int(waiting.WAIT_W)
_POLL_S: Final = 1.0


class Waiting(Protocol):
    """How to wait, and how to run a function that blocks."""

    async def steps(self, generator: PQGen[T], descriptor: int) -> T: ...
    async def call(self, blocking: Callable[[], T]) -> T: ...


class _Blocking:
    async def steps(self, generator: PQGen[T], descriptor: int) -> T:
        return waiting.wait(generator, descriptor, interval=_POLL_S)

    async def call(self, blocking: Callable[[], T]) -> T:
        return blocking()


class _InTrio:
    async def steps(self, generator: PQGen[T], descriptor: int) -> T:
        try:
            wanted = next(generator)
            while True:
                ready = _ready(descriptor, wanted) if wanted & _WRITE else 0
                if not ready:
                    ready = await _wait_for(descriptor, wanted)
                wanted = generator.send(waiting.Ready(ready))
        except StopIteration as done:
            result: T = done.value
            return result

    async def call(self, blocking: Callable[[], T]) -> T:
        return await trio.to_thread.run_sync(blocking)


def _ready(descriptor: int, wanted: int) -> int:
    """What is possible at once. A socket is nearly always writable, and asking is cheaper than a
    turn of the loop.
    """
    poll = select.poll()
    poll.register(
        descriptor,
        (select.POLLIN if wanted & _READ else 0) | (select.POLLOUT if wanted & _WRITE else 0),
    )
    events = dict(poll.poll(0)).get(descriptor, 0)
    broken = select.POLLHUP | select.POLLERR | select.POLLNVAL
    readable = events & (select.POLLIN | broken) and wanted & _READ
    writable = events & (select.POLLOUT | broken) and wanted & _WRITE
    return (_READ if readable else 0) | (_WRITE if writable else 0)


async def _wait_for(descriptor: int, wanted: int) -> int:
    if wanted == _READ:
        await trio.lowlevel.wait_readable(descriptor)
        return _READ
    if wanted == _WRITE:
        await trio.lowlevel.wait_writable(descriptor)
        return _WRITE
    seen = 0

    async def watch(wait: Callable[[int], Any], bit: int) -> None:
        nonlocal seen
        await wait(descriptor)
        seen |= bit
        nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch, trio.lowlevel.wait_readable, _READ)
        nursery.start_soon(watch, trio.lowlevel.wait_writable, _WRITE)
    return seen


BLOCKING: Final[Waiting] = _Blocking()
IN_TRIO: Final[Waiting] = _InTrio()


class SteppedConnection(psycopg.AsyncConnection[tuple[Any, ...]]):
    """Made from a connection that was opened the usual way (`stepped`)."""

    waiting: Waiting = BLOCKING

    async def wait(
        self,
        gen: PQGen[T],
        interval: float = _POLL_S,  # noqa: ARG002 - the shape of the method replaced
        timeout: float | None = None,  # noqa: ARG002
    ) -> T:
        try:
            return await self.waiting.steps(gen, self.pgconn.socket)
        except OSError as problem:
            raise psycopg.OperationalError("connection socket closed") from problem
        except psycopg.Error:
            raise
        except BaseException:
            self.pgconn.finish()
            raise


def stepped(connection: psycopg.Connection[tuple[Any, ...]], how: Waiting) -> SteppedConnection:
    """The same session under the other class. `connection` must not be used any more."""
    own = SteppedConnection(connection.pgconn)
    own.waiting = how
    # Or the old object would complain of being left open.
    del connection.pgconn
    return own
