"""The identity of one request, as the server's idempotency key has it: serial and business day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ticket:
    """Take one with `Client.new_ticket()` to write it down before the call.

    Attributes:
        serial: 1 to 2**63 - 1, unique per channel and business day.
        business_day: days since 1970-01-01.
        repeated: the request may have gone out before under this ticket; only an answer that
            settles that is then returned.
    """

    serial: int
    business_day: int
    repeated: bool = False
