"""The machine's clocks behind the `Clock` port. The only place of the server that reads them."""

from __future__ import annotations

import time


class SystemClock:
    """Wall and monotonic time of this machine, in whole milliseconds."""

    __slots__ = ()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


def pause(milliseconds: int) -> None:
    """Block this thread: for waiting on another process that offers nothing to wait on."""
    time.sleep(milliseconds / 1000)
