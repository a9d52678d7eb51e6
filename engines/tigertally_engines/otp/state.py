"""What the server must remember of one token between two codes: five integers.

The record is replaced, never changed. It holds no secret. Whoever stores it must compare and set
it, or two requests could both see a code as unused; the engine alone can't prevent that.
"""

from __future__ import annotations

from typing import Final

import msgspec

# 9999-12-31T23:59:59.999Z: the last instant that SQL, Java and Python can all still print.
LOCKED_FOR_EVER_MS: Final = 253_402_300_799_999


class OtpState(msgspec.Struct, frozen=True, gc=False):
    """State of one token.

    moving           last accepted time step, or the next expected HOTP counter; -1 = none yet
    drift            steps that the token's clock is ahead of ours, as last seen
    failures         failures in a row since the last success; a lock that runs out keeps them
    locked_until_ms  UTC; 0 = never locked, LOCKED_FOR_EVER_MS = until an operator unlocks
    next_try_ms      UTC before which a try is throttled; 0 = none
    """

    moving: int = -1
    drift: int = 0
    failures: int = 0
    locked_until_ms: int = 0
    next_try_ms: int = 0
