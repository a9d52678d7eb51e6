"""What a server does for the keys beside answering: opens new key-encryption keys, seals anew what
stands under older generations, and warns of keys whose time is up.

Sealing anew runs page by page at a bounded rate in housekeeping's thread; processes take turns by a
lock in the database, and go on where any of them stopped. What is shown is computed when it is
asked for, from the keyring in memory.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final, TypeVar

import structlog
import trio
from prometheus_client import Counter, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from tigertally_drivers.errors import DriverError
from tigertally_server.app.environment import Environment
from tigertally_server.app.master_key import master_in_force
from tigertally_server.domain.channel import FOR_EVER_MS
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.installation import InstallationError
from tigertally_server.services.key_making import DAY_MS
from tigertally_server.services.rewrapping import Rewrapper
from tigertally_server.store.installation import Connection, read_installation
from tigertally_server.store.keys import read_keys
from tigertally_server.store.port import BadData, Conflict, StoreUnavailable

PAGE: Final = 200
"""Rows so few that nothing else of this thread waits for them noticeably."""
LOOK_S: Final = 5.0

T = TypeVar("T")
InThread = Callable[[Callable[[Connection], T]], Awaitable[T]]


class KeyCare(Collector):
    """One per process."""

    def __init__(self, environment: Environment, registry: CollectorRegistry) -> None:
        self._environment = environment
        self._rewrapper = Rewrapper(environment.keyring, environment.clock, PAGE)
        self._log = structlog.get_logger("keys")
        self._told = ""
        self._sealed_anew = Counter(
            "tigertally_rows_sealed_anew",
            "Rows sealed anew under the current generation of their key",
            registry=registry,
        )
        registry.register(self)

    # ------------------------------------------------------------------ taking over

    def catch_up(self, conn: Connection) -> None:
        """Opens the key-encryption keys that wait for the master key; where that was replaced
        meanwhile, finds the one in force first. Says once what is in the way, and tries again.
        """
        environment = self._environment
        keyring = environment.keyring
        if not keyring.behind:
            return
        row = read_installation(conn)
        try:
            if row is not None and row.master_check.hex() != keyring.hierarchy.master.check_value:
                found = master_in_force(
                    environment.config, row, environment.entropy, environment.device
                )
                keyring.hierarchy.master = found.key
            keyring.follow(read_keys(conn), ask_master=True)
        except (DriverError, InstallationError) as problem:
            self._tell_once(str(problem))
            return
        self._told = ""

    def _tell_once(self, why: str) -> None:
        if why != self._told:
            self._told = why
            self._log.error("a new key-encryption key can't be opened; the older go on", why=why)

    # ------------------------------------------------------------------ sealing anew

    async def seal_anew(self, in_thread: InThread[Any]) -> None:
        """Until cancelled."""
        rate = self._environment.config.keys.rewrap_rows_per_s
        while rate:
            await trio.sleep(LOOK_S)
            try:
                while await in_thread(self._page):
                    await trio.sleep(PAGE / rate)
            except (StoreUnavailable, Conflict, BadData):
                continue

    def _page(self, conn: Connection) -> bool:
        """One page of one part; whether there is more to do at once."""
        for part in self._rewrapper.unfinished(conn):
            progress = self._rewrapper.step(conn, part)
            if progress is None:
                continue
            if progress.finished:
                self._sealed_anew.inc(progress.sealed_anew)
                self._log.info(
                    "sealed anew",
                    table=part,
                    rows=progress.sealed_anew,
                    looked_at=progress.seen,
                    do_not_open=progress.failed,
                )
            return True
        return False

    # ------------------------------------------------------------------ warning

    def warnings(self) -> list[str]:
        """A line for each key that somebody should look at, for people."""
        now_ms, keys = self._environment.clock.now_ms(), self._environment.config.keys
        found = []
        for record in self._environment.keyring.records():
            if why := reason_to_look(record, now_ms, keys.warn_days):
                whose = f" of {record.owner}" if record.owner else ""
                found.append(f"key {record.id} ({record.level} {record.purpose}{whose}): {why}")
        return found

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        now_ms = self._environment.clock.now_ms()
        ends: dict[tuple[str, str], int] = {}
        for record in self._environment.keyring.records():
            if record.state is not KeyState.CURRENT or record.expires_at_ms >= FOR_EVER_MS:
                continue
            # Purposes of working keys are their owners' words: no closed set.
            purpose = "" if record.level is KeyLevel.WORKING else record.purpose
            place = (record.level.value, purpose)
            ends[place] = min(ends.get(place, FOR_EVER_MS), record.expires_at_ms)
        expiry = GaugeMetricFamily(
            "tigertally_key_expires_seconds",
            "Until the crypto period of the current key ends, of several the first",
            labels=("level", "purpose"),
        )
        for place, end in sorted(ends.items()):
            expiry.add_metric(place, (end - now_ms) / 1000)
        yield expiry
        yield GaugeMetricFamily(
            "tigertally_keys_to_look_at",
            "Keys that end soon, have ended, or are compromised",
            value=len(self.warnings()),
        )


def reason_to_look(record: KeyRecord, now_ms: int, warn_days: int) -> str:
    """Why somebody should look at this key, "" where there is no reason."""
    if record.state is KeyState.COMPROMISED:
        return "compromised: seal anew what is under it, then destroy it"
    if record.state is not KeyState.CURRENT or record.expires_at_ms >= FOR_EVER_MS:
        return ""
    days = (record.expires_at_ms - now_ms) // DAY_MS
    if days < 0:
        return "its crypto period is over: rotate it"
    return f"expires in {days} days: rotate it" if days < warn_days else ""
