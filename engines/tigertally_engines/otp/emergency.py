"""The emergency code: a few digits that stand in for a lost token, for few uses and a short time
(临时应急码).

Kept is a digest under a pepper, as of a PIN: so few digits hide behind no slow hash. Failures cost
what a token's do (`penalty`), by limits of their own. A use is counted down by the right code only;
who stores the record guards it, or two requests could both take the last one.

Pure: the keyed function, salt, random bytes and time are arguments.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final

import msgspec

from tigertally_engines.otp.decide import OtpResult, Verdict, fail, held, verdict_of
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.state import OtpState

DIGITS: Final = 8
CODE_BYTES: Final = 8
SALT_BYTES: Final = 16
DEFAULT_USES: Final = 3
MOST_USES: Final = 10
DEFAULT_S: Final = 86_400
LONGEST_S: Final = 3 * 86_400
LIMITS: Final = OtpParameters(
    digits=DIGITS, max_failures=3, failure_ceiling=6, lock_s=1800, throttle_after=1
).validated()
"""Three wrong codes lock for half an hour, six for good: at most 6 guesses of 10^8."""
_LABEL: Final = b"tigertally emergency code 1\0"

Peppered = Callable[[int, bytes], bytes]
"""The keyed function: (id of the pepper, octets) → 32 bytes."""


class EmergencyCode(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is kept of one.

    pepper     id of the key of the digest
    salt       random
    digest     keyed, of salt and code
    uses_left  how often it may still be used
    """

    pepper: int
    salt: bytes
    digest: bytes
    uses_left: int

    def __repr__(self) -> str:
        return f"EmergencyCode(uses_left={self.uses_left})"


class Used(msgspec.Struct, frozen=True, gc=False):
    """The verdict, and the record to store with its state."""

    verdict: Verdict
    record: EmergencyCode


def draw_code(random: bytes) -> str:
    """A code of `CODE_BYTES` random bytes; 64 bits leave no bias that counts."""
    return str(int.from_bytes(random) % 10**DIGITS).zfill(DIGITS)


def kept_code(peppered: Peppered, pepper: int, salt: bytes, code: str, uses: int) -> EmergencyCode:
    """The record of a new code."""
    return EmergencyCode(pepper, salt, peppered(pepper, _LABEL + salt + code.encode()), uses)


def use(peppered: Peppered, kept: EmergencyCode, state: OtpState, code: str, now_ms: int) -> Used:
    """Decide about one code received at `now_ms` (UTC, ms). The digest is computed whatever the
    try's standing.
    """
    digest = peppered(kept.pepper, _LABEL + kept.salt + code.encode())
    right = hmac.compare_digest(digest, kept.digest) and kept.uses_left > 0
    stopped = held(state, now_ms)
    if stopped is not None:
        return Used(verdict_of(stopped, LIMITS, state, now_ms), kept)
    if not right:
        return Used(fail(LIMITS, state, now_ms), kept)
    left = msgspec.structs.replace(kept, uses_left=kept.uses_left - 1)
    return Used(verdict_of(OtpResult.APPROVED, LIMITS, OtpState(), now_ms), left)
