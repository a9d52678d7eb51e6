"""An HSM for those who can wait: commands, and the start of a server. The port's own loop runs in a
thread of its own for as long as it is used.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import trio

from tigertally_drivers.hsm.port import Hsm

T = TypeVar("T")


class BlockingHsm:
    """`call` from any one thread."""

    def __init__(self, token: trio.lowlevel.TrioToken, hsm: Hsm) -> None:
        self._token, self.hsm = token, hsm

    def call(self, operation: Callable[[Hsm], Awaitable[T]]) -> T:
        """One operation of the port, waited for. Raises its errors."""

        async def perform() -> T:
            return await operation(self.hsm)

        return trio.from_thread.run(perform, trio_token=self._token)


@contextmanager
def blocking(make: Callable[[], Hsm]) -> Iterator[BlockingHsm]:
    """A driver that runs until the block ends. Whether a device is there shows with the first
    operation.
    """
    thread = _Thread(make)
    thread.start()
    thread.ready.wait()
    if thread.running is None:
        thread.join()
        assert thread.problem is not None
        raise thread.problem
    try:
        yield thread.running
    finally:
        thread.running.call(thread.end)
        thread.join()


class _Thread(threading.Thread):
    def __init__(self, make: Callable[[], Hsm]) -> None:
        super().__init__(name="hsm", daemon=True)
        self._make = make
        self.ready = threading.Event()
        self.running: BlockingHsm | None = None
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            trio.run(self._main)
        except Exception as problem:  # noqa: BLE001 - raised again where it is waited for
            self.problem = problem
        finally:
            self.ready.set()

    async def _main(self) -> None:
        hsm = self._make()
        self._over = trio.Event()
        async with trio.open_nursery() as nursery:
            await nursery.start(hsm.run)
            self.running = BlockingHsm(trio.lowlevel.current_trio_token(), hsm)
            self.ready.set()
            await self._over.wait()
            nursery.cancel_scope.cancel()

    async def end(self, _: Hsm) -> None:
        """Lets the loop come to its end."""
        self._over.set()
