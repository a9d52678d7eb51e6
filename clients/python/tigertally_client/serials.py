"""Serial numbers: strictly increasing, and unique per channel and business day across restarts.

A serial is time, instance and counter in one number: milliseconds since 1970 ‖ 10 bits that tell
the processes of one channel apart ‖ 10 bits of counting. The number stays below 2**63 until the
year 2248, and nothing is kept on disk.

Invariants: within one allocator each serial is greater than the one before, whatever the clock
does; when it steps back or 1 024 serials of one millisecond are used up, counting goes on from the
last serial. Two processes of a channel never meet unless they share an instance number *and* a
millisecond; give each its own instance to be certain.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tigertally_client.system import Clock

INSTANCES: Final = 1 << 10
_COUNTER_BITS: Final = 10
_LOW_BITS: Final = 20
_COUNTER_MASK: Final = (1 << _COUNTER_BITS) - 1
SERIAL_MAX: Final = (1 << 63) - 1
_DAY_MS: Final = timedelta(days=1) // timedelta(milliseconds=1)


class SerialAllocator:
    """Gives serials. Not thread-safe: it belongs to the client's one event loop.

    Args:
        clock: wall time.
        instance: 0 to 1023, this process among those that share the channel.
        floor: a serial known to be used; all given ones are greater.
    """

    __slots__ = ("_clock", "_instance", "_last")

    def __init__(self, clock: Clock, *, instance: int, floor: int = 0) -> None:
        if not 0 <= instance < INSTANCES:
            raise ValueError(f"instance must be 0 to {INSTANCES - 1}")
        self._clock = clock
        self._instance = instance << _COUNTER_BITS
        self._last = floor

    def allocate(self) -> int:
        """The next serial, 1 to 2**63 - 1."""
        serial = (self._clock.now_ms() << _LOW_BITS) | self._instance
        if serial <= self._last:
            serial = self._successor(self._last)
        assert 0 < serial <= SERIAL_MAX
        self._last = serial
        return serial

    def _successor(self, last: int) -> int:
        """The least serial of this instance above `last`; borrows a millisecond of the future when
        the counter is full.
        """
        millisecond = last >> _LOW_BITS
        first = (millisecond << _LOW_BITS) | self._instance
        if last < first:
            return first
        if last - first < _COUNTER_MASK:
            return last + 1
        return ((millisecond + 1) << _LOW_BITS) | self._instance


def business_day_of(now_ms: int, utc_offset_minutes: int) -> int:
    """Days since 1970-01-01 of the bank's calendar at `now_ms`."""
    return (now_ms + utc_offset_minutes * 60_000) // _DAY_MS
