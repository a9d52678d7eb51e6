"""The devices' state as metrics, each second."""

from __future__ import annotations

from typing import Final

import trio

from tigertally_drivers.hsm.port import DeviceState, Hsm
from tigertally_server.metrics import Metrics

EVERY_S: Final = 1.0


def show(hsm: Hsm, metrics: Metrics) -> None:
    """As the driver saw them last. Devices' names come from the configuration: a closed set."""
    for device in hsm.status().devices:
        metrics.hsm.up.labels(device.name).set(device.state is DeviceState.UP)
        metrics.hsm.waiting.labels(device.name).set(device.waiting)
        if device.latency_ms >= 0:
            metrics.hsm.latency_seconds.labels(device.name).set(device.latency_ms / 1000)


async def watch_hsm(hsm: Hsm, metrics: Metrics) -> None:
    """Until cancelled."""
    while True:
        show(hsm, metrics)
        await trio.sleep(EVERY_S)
