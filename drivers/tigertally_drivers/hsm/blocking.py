"""An HSM for those who can wait: commands, worker threads, the start of a server. The port's own
loop runs in a thread that begins with the first operation, so whoever never asks never connects,
and a process that forks before has nothing open.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TypeVar, TypeVarTuple

import trio

from tigertally_drivers.errors import Unavailable
from tigertally_drivers.hsm.port import Hsm

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class BlockingHsm:
    """`run` from any thread, which stands still meanwhile; `close` it in the end."""

    def __init__(self, hsm: Hsm) -> None:
        self.hsm = hsm
        self._lock = threading.Lock()
        self._loop: _Loop | None = None
        self._closed = False

    def run(self, function: Callable[[*Ts], Awaitable[T]], *arguments: *Ts) -> T:
        """One operation of `hsm`, waited for: `run(device.hsm.sign, label, data)`. Raises its
        errors.
        """
        with self._lock:
            if self._closed:
                raise Unavailable("the HSM's driver is closed")
            if self._loop is None:
                self._loop = _Loop(self.hsm)
                self._loop.start()
                self._loop.ready.wait()
            loop = self._loop
        done: Future[T] = Future()

        async def perform() -> None:
            try:
                done.set_result(await function(*arguments))
            except Exception as problem:  # noqa: BLE001 - raised where it is waited for
                done.set_exception(problem)
            except BaseException:
                done.set_exception(Unavailable("the HSM's driver was closed"))
                raise

        loop.begin(perform)
        return done.result()

    def close(self) -> None:
        """Sessions end; may be called twice."""
        with self._lock:
            self._closed = True
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.end()
            loop.join()


class _Loop(threading.Thread):
    def __init__(self, hsm: Hsm) -> None:
        super().__init__(name="hsm", daemon=True)
        self._hsm = hsm
        self.ready = threading.Event()
        self._running: tuple[trio.lowlevel.TrioToken, trio.Nursery] | None = None

    def run(self) -> None:
        try:
            trio.run(self._main)
        finally:
            self.ready.set()

    async def _main(self) -> None:
        async with trio.open_nursery() as nursery:
            await nursery.start(self._hsm.run)
            self._running = trio.lowlevel.current_trio_token(), nursery
            self.ready.set()

    def begin(self, perform: Callable[[], Awaitable[None]]) -> None:
        """Raises Unavailable where the loop did not start, or has ended."""
        if self._running is None:
            raise Unavailable("the HSM's driver did not start")
        token, nursery = self._running
        try:
            token.run_sync_soon(nursery.start_soon, perform)
        except trio.RunFinishedError:
            raise Unavailable("the HSM's driver has ended") from None

    def end(self) -> None:
        """Soon."""
        if self._running is not None:
            token, nursery = self._running
            try:
                token.run_sync_soon(nursery.cancel_scope.cancel)
            except trio.RunFinishedError:
                return
