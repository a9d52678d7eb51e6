"""Where accepted requests wait for a unit of work: a lane per channel, served in turn.

Two rules. *Turns*: a batch takes the same share of every channel that has something waiting, and
what one doesn't use goes to the others; so a channel with thousands waiting delays another's few by
its share of one batch, and that one is short then. *Room*: no more wait than can be decided within
`wait_ms`, at the rate last seen while work was never short; a request beyond that is refused at
once instead of growing old here. One channel gets at most four fifths of the room that is left
(Choudhury and Hahne's dynamic threshold), so a newcomer finds some. See
docs/decisions/0022-refused-early.md.

Before a rate is known, and while the database is away, only `places` bounds what waits: a short
failover shall cost no answer. Knows no clock and no outcomes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tigertally_server.pipeline.runner import Pending

PERIOD_MS: Final = 200
"""How long work must not have been short for its rate to count."""
WEIGHT: Final = 0.3
"""Of the newest period in the rate."""
ROOM_MIN: Final = 512
"""Always room for so many: two of the largest usual batches, without which no rate would be seen.
"""
BESIDE: Final = 64
"""A batch is no larger while a channel with little to do waits beside one with too much."""
GREED: Final = 4
"""A lane may be so many times as long as the room that is left."""


class WaitingRoom:
    """`places`: most that ever wait. `wait_ms`: see the module's text; 0: `places` alone."""

    __slots__ = (
        "_count",
        "_lanes",
        "_served",
        "_since_ms",
        "_turn",
        "_wait_ms",
        "places",
        "rate_per_s",
        "room",
    )

    def __init__(self, places: int, wait_ms: int) -> None:
        self.places, self._wait_ms = places, wait_ms
        self._lanes: dict[int, deque[Pending]] = {}
        self._turn: deque[deque[Pending]] = deque()
        """The lanes that aren't empty, the next one first."""
        self._count = 0
        self._since_ms = -1
        self._served = 0
        self.rate_per_s = 0.0
        """Decided per second while work was never short; 0: not known."""
        self.room = places

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Pending]:
        return (pending for lane in self._turn for pending in lane)

    def waiting_of(self, channel_id: int) -> int:
        """In one channel's lane."""
        return len(self._lanes.get(channel_id, ()))

    def admit(self, pending: Pending) -> bool:
        """False: no room, nothing was taken."""
        channel_id = pending.request.channel.id
        lane = self._lanes.get(channel_id)
        if lane is None:
            lane = self._lanes[channel_id] = deque()
        length = len(lane)
        if length >= GREED * (self.room - self._count):
            return False
        if not length:
            self._turn.append(lane)
        lane.append(pending)
        self._count += 1
        return True

    def has_room(self, channel_id: int) -> bool:
        """Whether `admit` would take one more of this channel's now."""
        left = self.room - self._count
        # Nearly always a lane is short and the rest of the room wide.
        return self._count < left or self.waiting_of(channel_id) < GREED * left

    def put_back(self, pendings: Iterable[Pending]) -> None:
        """First in their lanes again, in this order; whatever room there is."""
        for pending in reversed(list(pendings)):
            lane = self._lanes.setdefault(pending.request.channel.id, deque())
            if not lane:
                self._turn.append(lane)
            lane.appendleft(pending)
            self._count += 1

    def batch(self, at_most: int) -> int:
        """How large the next batch should be. A large one is cheaper, but whoever is in it waits
        for all of it, and who asks for little is not to wait for what others have too much of.
        """
        if self._count > at_most > BESIDE:
            share = at_most // len(self._turn)
            if any(len(lane) <= share for lane in self._turn):
                return BESIDE
        return at_most

    def take(self, at_most: int) -> list[Pending]:
        """From every lane its share."""
        turn = self._turn
        taken: list[Pending] = []
        while turn and (wanted := at_most - len(taken)) > 0:
            share = max(1, wanted // len(turn))
            for _ in range(min(len(turn), wanted)):
                lane = turn.popleft()
                if len(lane) <= share:
                    taken += lane
                    lane.clear()
                else:
                    taken += [lane.popleft() for _ in range(share)]
                    turn.append(lane)
        self._count -= len(taken)
        if not self._count:
            # What follows shows what was asked for, not what can be done.
            self._since_ms = -1
        return taken

    def remove(self, gone: Callable[[Pending], bool]) -> list[Pending]:
        """Takes out those of which it holds."""
        found = [pending for pending in self if gone(pending)]
        if found:
            ids = set(map(id, found))
            for lane in self._turn:
                left = [pending for pending in lane if id(pending) not in ids]
                lane.clear()
                lane.extend(left)
            self._turn = deque(lane for lane in self._turn if lane)
            self._count -= len(found)
        return found

    # ------------------------------------------------------------------ the rate

    def served(self, number: int, now_ms: int) -> None:
        """So many were decided just now."""
        if not self._count or self._since_ms < 0:
            self._since_ms, self._served = (now_ms if self._count else -1), 0
            return
        self._served += number
        passed_ms = now_ms - self._since_ms
        if passed_ms < PERIOD_MS:
            return
        rate = self._served * 1000 / passed_ms
        known = self.rate_per_s
        self.rate_per_s = known + WEIGHT * (rate - known) if known else rate
        self._since_ms, self._served = now_ms, 0
        self._measure_out()

    def forget_rate(self) -> None:
        """The database is away: how fast it was says nothing about when it comes back."""
        self.rate_per_s, self._since_ms = 0.0, -1
        self._measure_out()

    def _measure_out(self) -> None:
        self.room = self.places
        if self._wait_ms and self.rate_per_s:
            wanted = int(self.rate_per_s * self._wait_ms / 1000)
            self.room = min(self.places, max(ROOM_MIN, wanted))
