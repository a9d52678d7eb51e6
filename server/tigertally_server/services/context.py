"""What every decision may look at beside its rows: the configuration snapshot and the keys. No
clock: time is in the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from tigertally_server.services.directory import Directory, Snapshot
from tigertally_server.services.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Context:
    """Shared by all units of work of a process."""

    keyring: Keyring
    directory: Directory
    zone: ZoneInfo

    @property
    def snapshot(self) -> Snapshot:
        return self.directory.snapshot
