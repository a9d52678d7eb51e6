"""Flow control per channel: a token bucket for the rate, a count for what is in flight. Time is an
argument.
"""

from __future__ import annotations


class RateLimit:
    """A token bucket of one second's depth. `rate_per_s` 0 means no limit."""

    __slots__ = ("_filled_ms", "_level", "rate_per_s")

    def __init__(self, rate_per_s: int) -> None:
        self.rate_per_s = rate_per_s
        self._level = float(rate_per_s)
        self._filled_ms = -1

    def take(self, monotonic_ms: int) -> int:
        """0 where one more is allowed, else the ms after which it will be."""
        rate = self.rate_per_s
        if not rate:
            return 0
        if self._filled_ms >= 0:
            gained = (monotonic_ms - self._filled_ms) * rate / 1000
            self._level = min(float(rate), self._level + gained)
        self._filled_ms = monotonic_ms
        if self._level >= 1:
            self._level -= 1
            return 0
        return max(1, round((1 - self._level) * 1000 / rate))


class ChannelLoad:
    """What one channel has going on in this process."""

    __slots__ = ("connections", "in_flight", "rate")

    def __init__(self, rate_per_s: int) -> None:
        self.in_flight = 0
        self.connections = 0
        self.rate = RateLimit(rate_per_s)

    def adopt(self, rate_per_s: int) -> None:
        """Follows a changed configuration."""
        if rate_per_s != self.rate.rate_per_s:
            self.rate = RateLimit(rate_per_s)


class Loads:
    """The loads of all channels seen by this process."""

    def __init__(self) -> None:
        self._loads: dict[int, ChannelLoad] = {}

    def of(self, channel_id: int, rate_per_s: int) -> ChannelLoad:
        load = self._loads.get(channel_id)
        if load is None:
            load = self._loads[channel_id] = ChannelLoad(rate_per_s)
        else:
            load.adopt(rate_per_s)
        return load

    @property
    def in_flight(self) -> int:
        return sum(load.in_flight for load in self._loads.values())
