"""What operators see of all workers together: one page of metrics, all warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import trio
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from tigertally_server.app.merged_metrics import merged
from tigertally_server.app.worker import Worker
from tigertally_server.app.worker_link import METRICS

METRICS_S: Final = 2.0
"""How long a worker's page is waited for; without it the others are shown."""


class WorkersPage:
    """`workers` is the supervisor's own list, which changes."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers
        self._registry = CollectorRegistry()
        self._asking = trio.Lock()
        self.deaths = Counter(
            "tigertally_worker_deaths", "Workers that died unasked", registry=self._registry
        )
        self.refused = Counter(
            "tigertally_connections_refused",
            "Connections that no worker was given",
            ["reason"],
            registry=self._registry,
        )
        self._connections = Gauge(
            "tigertally_worker_connections",
            "Connections of each worker, as the next one is given by",
            ["of"],
            registry=self._registry,
        )
        self._by_state = Gauge(
            "tigertally_workers", "Workers by state", ["state"], registry=self._registry
        )

    async def metrics(self) -> bytes:
        """Of the supervisor and every worker, one asker at a time."""
        serving = sum(worker.serves for worker in self._workers)
        leaving = sum(worker.leaving for worker in self._workers)
        self._by_state.labels(state="serving").set(serving)
        self._by_state.labels(state="leaving").set(leaving)
        self._by_state.labels(state="starting").set(len(self._workers) - serving - leaving)
        self._connections.clear()
        for worker in self._workers:
            if worker.serves:
                self._connections.labels(of=str(worker.slot)).set(worker.connections)
        pages = {"supervisor": generate_latest(self._registry).decode()}
        async with self._asking, trio.open_nursery() as asking:
            for worker in tuple(self._workers):
                if worker.ready.is_set():
                    asking.start_soon(self._ask, worker, pages)
        return merged(dict(sorted(pages.items()))).encode()

    async def _ask(self, worker: Worker, pages: dict[str, str]) -> None:
        worker.paged = trio.Event()
        worker.pages.clear()
        if not worker.send(METRICS):
            return
        with trio.move_on_after(METRICS_S):
            await worker.paged.wait()
        if worker.pages:
            leaving = f"-leaving-{worker.row}" if worker.leaving else ""
            pages[f"{worker.slot}{leaving}"] = worker.pages.pop()

    def warnings(self) -> list[str]:
        """Each once, whoever says it."""
        told = (warning for worker in self._workers for warning in worker.state.warnings)
        return list(dict.fromkeys(told))
