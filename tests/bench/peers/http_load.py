"""A load of HTTP requests from threads, one connection each at a time, each answer checked.

Closed (`per_s` None): a thread asks again when it has its answer. Open: requests have planned
times, and latency counts from them.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Final

from peers.measure import Tally
from peers.workload import Attempt, Workload

Ask = Callable[[Attempt], bool]
"""Was it approved? Raises OSError, HTTPException or ValueError where there is no proper answer."""

_FAILURES: Final = (OSError, HTTPException, ValueError)


class HttpLoad:
    """See the module's text. `right`: only right codes, or only wrong ones. `stop()` ends a run
    early."""

    def __init__(self, ask: Ask, workload: Workload, *, right: bool | None = None) -> None:
        self._ask, self._workload, self._right = ask, workload, right
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    def run(self, seconds: float, *, in_flight: int, per_s: float | None = None) -> Tally:
        tally, mutex, began = Tally(), threading.Lock(), time.monotonic()
        numbers = itertools.count()

        def one() -> None:
            while not self._stopped.is_set():
                now = time.monotonic()
                planned = now if per_s is None else began + next(numbers) / per_s
                if max(now, planned) - began >= seconds:
                    return
                if planned > now and self._stopped.wait(planned - now):
                    return
                self._one(tally, mutex, planned, began)

        threads = [threading.Thread(target=one, daemon=True) for _ in range(in_flight)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return tally

    def _one(self, tally: Tally, mutex: threading.Lock, planned: float, began: float) -> None:
        attempt = self._workload.take(right=self._right)
        try:
            approved = self._ask(attempt)
        except _FAILURES as problem:
            with mutex:
                tally.errors[type(problem).__name__] += 1
            self._stopped.wait(0.01)
            return
        now = time.monotonic()
        with mutex:
            tally.answer(
                now - began, now - planned, attempt.user, right=attempt.right, approved=approved
            )
