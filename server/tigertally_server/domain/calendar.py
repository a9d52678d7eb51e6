"""The bank's own calendar: the business day (营业日) as a number of days since 1970-01-01 in the
bank's time zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = date(1970, 1, 1)


def business_day(now_ms: int, zone: ZoneInfo) -> int:
    """The business day of an instant given in ms since the epoch."""
    return (datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date() - _EPOCH).days


def day_name(day: int) -> str:
    """ISO date of a business day."""
    return (_EPOCH + timedelta(days=day)).isoformat()


def day_number(name: str) -> int:
    """The business day of an ISO date; raises ValueError."""
    return (date.fromisoformat(name) - _EPOCH).days


class BusinessCalendar:
    """Answers `today` without a time-zone computation per request: the day changes at most once per
    cached span.
    """

    __slots__ = ("_day", "_from_ms", "_to_ms", "zone")

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._day, self._from_ms, self._to_ms = 0, 0, 0

    def today(self, now_ms: int) -> int:
        if not self._from_ms <= now_ms < self._to_ms:
            # Zones shift at whole quarter hours, so within one the day can't change.
            quarter = now_ms // 900_000
            self._from_ms, self._to_ms = quarter * 900_000, (quarter + 1) * 900_000
            self._day = business_day(now_ms, self.zone)
        return self._day
