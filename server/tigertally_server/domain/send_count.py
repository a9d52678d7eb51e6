"""How often something was sent to, by or for somebody within a window of time.

Counted under a keyed digest, so that the table names no phone number. Counts are read without locks
and added up per shard: two batches side by side can each let the last permitted one through, so a
limit holds exactly only where the caller also locks a row of the customer's.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec


class CountScope(IntEnum):
    """What is counted. Numbers are stored: for ever."""

    NUMBER = 1
    ACCOUNT = 2
    ADDRESS = 3
    CHANNEL = 4
    COUNTRY = 5
    TOTAL = 6
    RANGE = 7
    """Numbers that begin alike: whoever pumps messages owns a row of them."""
    PIN = 8
    """Wrong PINs of an account number."""


COUNT_DIGEST_BYTES = 16

TAG_SCOPES = (CountScope.NUMBER, CountScope.COUNTRY, CountScope.RANGE)
"""What a credential's tag holds a digest each for, in this order."""

CounterKey = tuple[int, bytes]
"""(scope, digest of what is counted)."""


class SendCount(msgspec.Struct, frozen=True, gc=False):
    """One window's count. In a decision: by how much it rises."""

    scope: int
    digest: bytes
    window_start_ms: int
    count: int
