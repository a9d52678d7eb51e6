"""The client's side of TOTP (RFC 6238, SHA-1, 6 digits, 30 s): what a token's display would show.

Independent of the server's engine on purpose: the load test is one more witness of it.
"""

from __future__ import annotations

import hmac
from typing import Final

STEP_S: Final = 30
_STEP_MS: Final = STEP_S * 1000
# A wrong code must match no step that the server might look at: window, drift and look-behind.
_AVOID_BEHIND: Final = 14
_AVOID_AHEAD: Final = 12


def step_at(now_ms: int) -> int:
    """The time step that `now_ms` (UTC) falls into."""
    return now_ms // _STEP_MS


def totp(seed: bytes, step: int) -> str:
    """The code of `step`, by RFC 4226 §5.3."""
    digest = hmac.digest(seed, step.to_bytes(8, "big"), "sha1")
    offset = digest[19] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def wrong_code(seed: bytes, step: int) -> str:
    """A code that is wrong for every step near `step`: the answer can only be WRONG_CODE."""
    near = {totp(seed, other) for other in range(step - _AVOID_BEHIND, step + _AVOID_AHEAD + 1)}
    number = int(totp(seed, step))
    while True:
        number = (number + 1) % 1_000_000
        code = f"{number:06d}"
        if code not in near:
            return code
