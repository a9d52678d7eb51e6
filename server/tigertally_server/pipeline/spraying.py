"""Password spraying: few tries at each of many customers, which no customer's own lock notices.

Counts, per channel and per address of an end user, the distinct customers that were denied within a
sliding window, against all verifications there. Raises an alarm; changes nothing and locks nobody,
because whoever is sprayed has done nothing wrong. Keeps salted hashes of customers, no names; one
per process, in memory bounded by `PLACES_MAX` and `CUSTOMERS_MAX`. Knows no clock: time is given.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import structlog

from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_server.metrics import Metrics
from tigertally_server.services.request import Request
from tigertally_server.services.sessions import SprayingSuspected

MINUTE_MS: Final = 60_000
PLACES_MAX: Final = 4_096
"""Addresses watched at one time; the one that was quiet longest goes first."""
CUSTOMERS_MAX: Final = 2_000
"""Customers told apart per place and minute; beyond that there are at least so many."""

_DENIED: Final = frozenset(
    code for code, row in CODES.items() if row.cls is CodeClass.DENIED and row.hidden
)
_TRIED: Final = _DENIED | {ResponseCode.APPROVED}


@dataclass(frozen=True, slots=True)
class SprayLimits:
    """When to raise an alarm: so many distinct customers denied within the window, and at least
    `percent` of all verifications of that place.
    """

    window_ms: int = 600_000
    customers: int = 50
    address_customers: int = 20
    percent: int = 30


class Suspicion(NamedTuple):
    """One alarm. `address`: empty where it is the whole channel that looks sprayed."""

    channel_id: int
    address: str
    since_ms: int
    customers: int
    tries: int
    denied: int


@dataclass(slots=True)
class _Minute:
    start_ms: int
    tries: int = 0
    denied: int = 0
    customers: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Place:
    minutes: list[_Minute] = field(default_factory=list)
    quiet_until_ms: int = 0

    def minute(self, now_ms: int) -> _Minute:
        start = now_ms - now_ms % MINUTE_MS
        minutes = self.minutes
        if not minutes or minutes[-1].start_ms < start:
            minutes.append(_Minute(start))
        return minutes[-1]


class SprayWatch:
    """`note` each verification's outcome; take alarms out with `due`."""

    def __init__(self, limits: SprayLimits | None = None) -> None:
        self.limits = limits or SprayLimits()
        self._channels: dict[int, _Place] = {}
        self._addresses: OrderedDict[tuple[int, str], _Place] = OrderedDict()

    def note(self, request: Request, code: ResponseCode, now_ms: int) -> None:
        """Anything but the outcome of a verification is passed over."""
        if code not in _TRIED:
            return
        channel_id, message = request.channel.id, request.message
        place = self._channels.get(channel_id)
        if place is None:
            place = self._channels[channel_id] = _Place()
        denied = code in _DENIED
        customer = getattr(message, "customer", "")
        who = hash((message.institution, customer)) if denied and customer else 0
        _count(place.minute(now_ms), denied, who)
        address = getattr(message, "end_user_address", "")
        if address and (denied or (channel_id, address) in self._addresses):
            _count(self._watched(channel_id, address).minute(now_ms), denied, who)

    def _watched(self, channel_id: int, address: str) -> _Place:
        key = (channel_id, address)
        place = self._addresses.get(key)
        if place is None:
            place = self._addresses[key] = _Place()
            if len(self._addresses) > PLACES_MAX:
                self._addresses.popitem(last=False)
        else:
            self._addresses.move_to_end(key)
        return place

    def due(self, now_ms: int) -> list[Suspicion]:
        """New alarms. A place that was reported is quiet for one window."""
        found = []
        for channel_id, place in self._channels.items():
            if suspicion := self._judge(channel_id, "", place, self.limits.customers, now_ms):
                found.append(suspicion)
        for (channel_id, address), place in tuple(self._addresses.items()):
            if suspicion := self._judge(
                channel_id, address, place, self.limits.address_customers, now_ms
            ):
                found.append(suspicion)
            if not place.minutes:
                del self._addresses[channel_id, address]
        return found

    def _judge(
        self, channel_id: int, address: str, place: _Place, customers_max: int, now_ms: int
    ) -> Suspicion | None:
        since = now_ms - self.limits.window_ms
        minutes = place.minutes = [m for m in place.minutes if m.start_ms + MINUTE_MS > since]
        if now_ms < place.quiet_until_ms or sum(len(m.customers) for m in minutes) < customers_max:
            return None
        customers = len(set().union(*(m.customers for m in minutes)))
        tries, denied = sum(m.tries for m in minutes), sum(m.denied for m in minutes)
        if customers < customers_max or denied * 100 < tries * self.limits.percent:
            return None
        place.quiet_until_ms = now_ms + self.limits.window_ms
        return Suspicion(channel_id, address, since, customers, tries, denied)


def _count(minute: _Minute, denied: bool, who: int) -> None:
    minute.tries += 1
    minute.denied += denied
    if who and len(minute.customers) < CUSTOMERS_MAX:
        minute.customers.add(who)


class SprayAlarms:
    """Takes alarms out of a watch and makes them heard: in the log and as a metric, and as notes
    for the audit log. The address goes into the note's personal part only.
    """

    def __init__(self, watch: SprayWatch, metrics: Metrics) -> None:
        self._watch, self._metrics = watch, metrics
        self._log = structlog.get_logger("spraying")

    def due(self, now_ms: int) -> list[tuple[int, SprayingSuspected]]:
        """(channel id, note) of each new alarm."""
        found = self._watch.due(now_ms)
        for one in found:
            self._metrics.spraying_alarms.labels(channel=str(one.channel_id)).inc()
            self._log.warning(
                "password spraying suspected: no account was locked for it",
                channel=one.channel_id,
                from_one_address=bool(one.address),
                customers=one.customers,
                tries=one.tries,
                denied=one.denied,
                window_s=self._watch.limits.window_ms // 1000,
            )
        return [
            (
                one.channel_id,
                SprayingSuspected(one.since_ms, one.customers, one.tries, one.denied, one.address),
            )
            for one in found
        ]
