"""May this channel ask this, now? Everything that is refused before any work is done for it.

Each check is cheap and touches neither the database nor a key. What is refused here was certainly
not executed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tigertally_protocol.codes import ResponseCode
from tigertally_server.domain.channel import Channel
from tigertally_server.pipeline.limits import ChannelLoad
from tigertally_server.services.request import Outcome
from tigertally_server.services.table import SERVICES

SERIAL_MAX: Final = 2**63 - 1


class Asked(NamedTuple):
    """The facts of one arriving request that admission looks at; times as in `Request`."""

    transaction: int
    serial: int
    business_day: int
    institution: str
    today: int
    now_ms: int
    monotonic_ms: int
    session_in_flight: int
    session_in_flight_limit: int
    draining: bool
    address_admitted: bool


RETRY_FULL_MS: Final = 50


def refuse(channel: Channel | None, load: ChannelLoad, asked: Asked) -> Outcome | None:
    """The refusal, by precedence, or None: admitted. A passed rate check has taken its token."""
    code = _forbidden(channel, asked) or _malformed(asked)
    if code is not None or channel is None:
        return Outcome(code or ResponseCode.CHANNEL_DISABLED)
    if asked.draining:
        return Outcome(ResponseCode.DRAINING)
    if (
        asked.session_in_flight >= asked.session_in_flight_limit
        or load.in_flight >= channel.in_flight
    ):
        return Outcome(ResponseCode.BUSY, retry_after_ms=RETRY_FULL_MS)
    load.adopt(channel.rate_per_s)
    if wait_ms := load.rate.take(asked.monotonic_ms):
        return Outcome(ResponseCode.BUSY, retry_after_ms=wait_ms)
    return None


def _forbidden(channel: Channel | None, asked: Asked) -> ResponseCode | None:
    if channel is None or not channel.enabled:
        return ResponseCode.CHANNEL_DISABLED
    if not channel.valid_at(asked.now_ms):
        return ResponseCode.CHANNEL_NOT_VALID
    if not asked.address_admitted:
        return ResponseCode.ADDRESS_NOT_PERMITTED
    if asked.transaction not in SERVICES or not channel.permits(asked.transaction):
        return ResponseCode.TRANSACTION_NOT_PERMITTED
    if asked.institution not in ("", channel.institution):
        return ResponseCode.INSTITUTION_NOT_PERMITTED
    return None


def _malformed(asked: Asked) -> ResponseCode | None:
    if not 0 < asked.serial <= SERIAL_MAX:
        return ResponseCode.BAD_SERIAL
    if abs(asked.business_day - asked.today) > 1:
        return ResponseCode.BAD_BUSINESS_DAY
    return None
