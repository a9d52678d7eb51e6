"""Flow control per channel: a token bucket for the rate, counts for what is in flight and
connected. Time is an argument.

Several worker processes share a board: memory in which each has a row of numbers of its own and
reads the others'. Nobody writes into another's row, so no lock is needed, and what a killed worker
had going on is forgotten by clearing its row. A limit may be overrun by what the workers begin
within the same microseconds, never by a multiple.
"""

from __future__ import annotations

import mmap
from typing import Final

CHANNELS: Final = 65_536
"""Channels a board can tell apart; those whose numbers are equal modulo this share their limits."""
_NUMBERS: Final = 3
_IN_FLIGHT, _CONNECTIONS, _TAKEN = range(_NUMBERS)
_NUMBER_BYTES: Final = 8


class Board:
    """A worker's view of the shared memory. `rows`: how many may write; `own`: this one's row.

    Without a descriptor the memory is this process's own, with one row.
    """

    def __init__(self, descriptor: int = -1, rows: int = 1, own: int = 0) -> None:
        self._memory = mmap.mmap(descriptor, board_bytes(rows))
        self._numbers = memoryview(self._memory).cast("q")
        width = CHANNELS * _NUMBERS
        self._own = own * width
        self._others = tuple(row * width for row in range(rows) if row != own)

    def add(self, place: int, amount: int) -> None:
        self._numbers[self._own + place] += amount

    def mine(self, place: int) -> int:
        return self._numbers[self._own + place]

    def others(self, place: int) -> int:
        numbers = self._numbers
        return sum([numbers[row + place] for row in self._others]) if self._others else 0


def board_bytes(rows: int) -> int:
    """The memory that a board of so many rows needs; only what is used is ever touched."""
    return rows * CHANNELS * _NUMBERS * _NUMBER_BYTES


def clear_row(descriptor: int, rows: int, row: int) -> None:
    """Forget what the worker of a row had going on. Nobody may write there at the time."""
    size = board_bytes(1)
    with mmap.mmap(descriptor, board_bytes(rows)) as memory:
        memory[row * size : (row + 1) * size] = bytes(size)


class RateLimit:
    """A token bucket of one second's depth. `rate_per_s` 0 means no limit."""

    __slots__ = ("_board", "_filled_ms", "_level", "_place", "_seen", "rate_per_s")

    def __init__(self, rate_per_s: int, board: Board | None = None, place: int = _TAKEN) -> None:
        self.rate_per_s = rate_per_s
        self._board, self._place = board or Board(), place
        self._seen = self._board.others(place)
        # Where others have taken some, what is left of this second's is not known: begin with one.
        self._level = 1.0 if self._seen else float(rate_per_s)
        self._filled_ms = -1

    def wait_ms(self, monotonic_ms: int) -> int:
        """What `take` would say, without taking; what others took since is not looked at."""
        rate = self.rate_per_s
        if not rate or self._filled_ms < 0:
            return 0
        level = self._level + (monotonic_ms - self._filled_ms) * rate / 1000
        return 0 if level >= 1 else max(1, round((1 - level) * 1000 / rate))

    def take(self, monotonic_ms: int) -> int:
        """0 where one more is allowed, else the ms after which it will be."""
        rate = self.rate_per_s
        if not rate:
            return 0
        if self._filled_ms >= 0:
            gained = (monotonic_ms - self._filled_ms) * rate / 1000
            self._level = min(float(rate), self._level + gained)
        self._filled_ms = monotonic_ms
        others = self._board.others(self._place)
        if others != self._seen:
            # Less than before: a worker has gone, and with it what it had counted.
            self._level = max(-float(rate), self._level - max(0, others - self._seen))
            self._seen = others
        if self._level >= 1:
            self._level -= 1
            self._board.add(self._place, 1)
            return 0
        return max(1, round((1 - self._level) * 1000 / rate))


class ChannelLoad:
    """What one channel has going on, here and in the other workers."""

    __slots__ = ("_base", "_board", "rate")

    def __init__(self, rate_per_s: int, board: Board | None = None, channel_id: int = 0) -> None:
        self._board = board or Board()
        self._base = channel_id % CHANNELS * _NUMBERS
        self.rate = self._bucket(rate_per_s)

    def _bucket(self, rate_per_s: int) -> RateLimit:
        return RateLimit(rate_per_s, self._board, self._base + _TAKEN)

    def adopt(self, rate_per_s: int) -> None:
        """Follows a changed configuration."""
        if rate_per_s != self.rate.rate_per_s:
            self.rate = self._bucket(rate_per_s)

    def count_in_flight(self, amount: int) -> None:
        self._board.add(self._base + _IN_FLIGHT, amount)

    def count_connections(self, amount: int) -> None:
        self._board.add(self._base + _CONNECTIONS, amount)

    @property
    def own_in_flight(self) -> int:
        return self._board.mine(self._base + _IN_FLIGHT)

    @property
    def in_flight(self) -> int:
        """In all workers."""
        return self.own_in_flight + self._board.others(self._base + _IN_FLIGHT)

    @property
    def connections(self) -> int:
        """In all workers."""
        place = self._base + _CONNECTIONS
        return self._board.mine(place) + self._board.others(place)


class Loads:
    """The loads of all channels seen by this process."""

    def __init__(self, board: Board | None = None) -> None:
        self._board = board or Board()
        self._loads: dict[int, ChannelLoad] = {}

    def of(self, channel_id: int, rate_per_s: int) -> ChannelLoad:
        load = self._loads.get(channel_id)
        if load is None:
            load = self._loads[channel_id] = ChannelLoad(rate_per_s, self._board, channel_id)
        else:
            load.adopt(rate_per_s)
        return load

    @property
    def in_flight(self) -> int:
        """In this process."""
        return sum(load.own_in_flight for load in self._loads.values())
