"""The devices' state as metrics, each second; and once a device is there, whether its key for seeds
does what the device must see to.
"""

from __future__ import annotations

from typing import Final

import structlog
import trio

from tigertally_drivers.errors import DriverError
from tigertally_drivers.hsm.port import DeviceState, Hsm
from tigertally_server.metrics import Metrics

EVERY_S: Final = 1.0
_log = structlog.get_logger("hsm")


def show(hsm: Hsm, metrics: Metrics) -> None:
    """As the driver saw them last. Devices' names come from the configuration: a closed set."""
    for device in hsm.status().devices:
        metrics.hsm.up.labels(device.name).set(device.state is DeviceState.UP)
        metrics.hsm.waiting.labels(device.name).set(device.waiting)
        if device.latency_ms >= 0:
            metrics.hsm.latency_seconds.labels(device.name).set(device.latency_ms / 1000)


async def watch_hsm(hsm: Hsm, metrics: Metrics, seed_label: str) -> None:
    """Until cancelled."""
    looked = False
    while True:
        show(hsm, metrics)
        if not looked and hsm.status().usable:
            looked = await _looked_at(hsm, seed_label)
        await trio.sleep(EVERY_S)


async def _looked_at(hsm: Hsm, seed_label: str) -> bool:
    """Whether the device said; a weak key is logged, and takes no seed (`app.device`)."""
    try:
        info = await hsm.find(seed_label)
    except DriverError:
        return False
    if info is not None and info.weakness:
        _log.error("hsm key is weak", label=seed_label, weakness=info.weakness)
    return True
