"""An HSM for those who can wait: commands, worker threads, the start of a server. The port's own
loop runs in a thread that begins with the first operation, so whoever never asks never connects,
and a process that forks before has nothing open.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar, TypeVarTuple

import trio

from tigertally_drivers.errors import Unavailable
from tigertally_drivers.hsm.port import Hsm

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class BlockingHsm:
    """`run` from any thread but trio's own; `close` it in the end."""

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
            token = self._loop.token
        if token is None:
            raise Unavailable("the HSM's driver did not start")
        return trio.from_thread.run(function, *arguments, trio_token=token)

    def close(self) -> None:
        """Sessions end; may be called twice."""
        with self._lock:
            self._closed = True
            loop, self._loop = self._loop, None
        if loop is not None and loop.token is not None:
            trio.from_thread.run_sync(loop.over.set, trio_token=loop.token)
            loop.join()


class _Loop(threading.Thread):
    def __init__(self, hsm: Hsm) -> None:
        super().__init__(name="hsm", daemon=True)
        self._hsm = hsm
        self.ready, self.over = threading.Event(), trio.Event()
        self.token: trio.lowlevel.TrioToken | None = None

    def run(self) -> None:
        try:
            trio.run(self._main)
        finally:
            self.ready.set()

    async def _main(self) -> None:
        async with trio.open_nursery() as nursery:
            await nursery.start(self._hsm.run)
            self.token = trio.lowlevel.current_trio_token()
            self.ready.set()
            await self.over.wait()
            nursery.cancel_scope.cancel()
