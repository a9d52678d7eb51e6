"""Counts answers that leave no entry, and sums them up in one entry per channel and minute."""

from __future__ import annotations

from collections import Counter

from tigertally_protocol.codes import ResponseCode
from tigertally_server.services.sessions import UnrecordedSummary

MINUTE_MS = 60_000


class Tally:
    """Counts by (channel, minute). One per process."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, int], Counter[str]] = {}

    def count(self, channel_id: int, code: ResponseCode, now_ms: int) -> None:
        place = (channel_id, now_ms - now_ms % MINUTE_MS)
        counts = self._counts.get(place)
        if counts is None:
            counts = self._counts[place] = Counter()
        counts[code.name] += 1

    def due(self, now_ms: int, *, everything: bool = False) -> list[tuple[int, UnrecordedSummary]]:
        """Takes out the summaries of minutes that are over: (channel id, summary)."""
        over = [p for p in self._counts if everything or p[1] + MINUTE_MS <= now_ms]
        return [
            (place[0], UnrecordedSummary(place[1], dict(self._counts.pop(place)))) for place in over
        ]
