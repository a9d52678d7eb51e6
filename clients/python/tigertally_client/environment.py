"""What a client's parts share: time, randomness, serials, settings, counters, credentials."""

from __future__ import annotations

from dataclasses import dataclass

from tigertally_client.credentials import ChannelCredentials
from tigertally_client.serials import SerialAllocator, business_day_of
from tigertally_client.settings import ClientSettings
from tigertally_client.statistics import Counters
from tigertally_client.system import Clock, Entropy


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Given to every connection; holds the client's only mutable shared state, the counters."""

    credentials: ChannelCredentials
    settings: ClientSettings
    clock: Clock
    entropy: Entropy
    serials: SerialAllocator
    counters: Counters

    def business_day(self) -> int:
        """Today in the bank's calendar."""
        return business_day_of(self.clock.now_ms(), self.settings.utc_offset_minutes)
