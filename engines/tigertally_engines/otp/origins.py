"""Two ledgers of penalties, so that strangers can't lock a customer out.

An *origin* is whatever tells where a try comes from, as a short digest. From origins at which a
token was verified before (*familiar* ones), and while there are none, failures go into the token's
own `OtpState`. From anywhere else they go into one ledger that all strangers share, with the same
delays and locks; its locks hold strangers only. A success at a strange origin makes that one
familiar. NIST SP 800-63B-4 section 3.2.2 names both: to disregard failures of other addresses, and
to prefer addresses from which the subscriber was authenticated before.

Pure arithmetic, like `penalty`, whose rules it applies. Invariants:

* Codes are used up for everybody: the moving factor is one, whoever tried.
* All strangers together get no more tries than one would get alone, so at most twice as many fit
  into any time as without ledgers.
* A token's own failures in a row, with strangers' since anybody's success, end at the ceiling with
  a lock for ever that holds everybody.
* A familiar success pardons no stranger. It only turns a strangers' lock for ever, which their own
  failures brought about, into the longest one that runs out.
"""

from __future__ import annotations

import msgspec

from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.penalty import remaining_tries
from tigertally_engines.otp.state import LOCKED_FOR_EVER_MS, OtpState


class Origins(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """What a token remembers of origins. Stored as an array that grows at its end only.

    familiar         digests of origins at which it was verified, oldest first; a new one displaces
                     the oldest
    failures         strangers' failures since one of them succeeded
    locked_until_ms  UTC; of strangers only
    next_try_ms      UTC; of strangers only
    in_a_row         strangers' failures since anybody succeeded
    """

    familiar: tuple[bytes, ...] = ()
    failures: int = 0
    locked_until_ms: int = 0
    next_try_ms: int = 0
    in_a_row: int = 0


def is_stranger(parameters: OtpParameters, origins: Origins, origin: bytes) -> bool:
    """Whether a try from there belongs into the strangers' ledger. `origin` empty: not known, which
    is nobody's fault and no stranger.
    """
    known = origins.familiar if parameters.familiar_origins else ()
    return bool(origin and known) and origin not in known


def state_for(
    parameters: OtpParameters, state: OtpState, origins: Origins, origin: bytes
) -> OtpState:
    """The state under which a try from `origin` is judged."""
    if not is_stranger(parameters, origins, origin) or state.locked_until_ms == LOCKED_FOR_EVER_MS:
        return state
    return OtpState(
        moving=state.moving,
        drift=state.drift,
        failures=origins.failures,
        locked_until_ms=origins.locked_until_ms,
        next_try_ms=origins.next_try_ms,
    )


def after_success(
    parameters: OtpParameters,
    state: OtpState,
    origins: Origins,
    origin: bytes,
    after: OtpState,
    now_ms: int,
) -> tuple[OtpState, Origins]:
    """What to store after a success at `origin`; `after`: the state that the judgement left."""
    if is_stranger(parameters, origins, origin):
        kept = msgspec.structs.replace(state, moving=after.moving, drift=after.drift)
        return kept, Origins(_remembered(parameters, origins, origin))
    familiar = _remembered(parameters, origins, origin)
    locked_until_ms, failures = origins.locked_until_ms, origins.failures
    if locked_until_ms == LOCKED_FOR_EVER_MS:
        locked_until_ms = now_ms + parameters.lock_cap_s * 1000
        failures = parameters.failure_ceiling - parameters.max_failures
    return after, Origins(familiar, failures, locked_until_ms, origins.next_try_ms)


def after_failure(
    parameters: OtpParameters, state: OtpState, origins: Origins, origin: bytes, after: OtpState
) -> tuple[OtpState, Origins]:
    """What to store after a failure at `origin`, as above."""
    if not is_stranger(parameters, origins, origin):
        return _ended(parameters, after, origins.in_a_row), origins
    in_a_row = origins.in_a_row + 1
    ledger = Origins(
        origins.familiar, after.failures, after.locked_until_ms, after.next_try_ms, in_a_row
    )
    return _ended(parameters, state, in_a_row), ledger


def standing(
    parameters: OtpParameters, state: OtpState, origins: Origins, origin: bytes, now_ms: int
) -> tuple[int, int]:
    """What the next try from `origin` finds: failures left before it is locked (0 while it is), and
    the end of a lock that stands (UTC, ms; 0 = none).
    """
    seen = state_for(parameters, state, origins, origin)
    before_the_end = parameters.failure_ceiling - state.failures - origins.in_a_row
    remaining = min(remaining_tries(parameters, seen, now_ms), max(0, before_the_end))
    return remaining, seen.locked_until_ms if seen.locked_until_ms > now_ms else 0


def pardoned(origins: Origins) -> Origins:
    """After an operator's unlock: familiar origins stay, strangers begin anew."""
    return Origins(origins.familiar)


def _remembered(parameters: OtpParameters, origins: Origins, origin: bytes) -> tuple[bytes, ...]:
    familiar, most = origins.familiar, parameters.familiar_origins
    if not origin or not most or origin in familiar:
        return familiar
    return (*familiar, origin)[-most:]


def _ended(parameters: OtpParameters, state: OtpState, in_a_row: int) -> OtpState:
    if state.failures + in_a_row < parameters.failure_ceiling:
        return state
    return msgspec.structs.replace(state, locked_until_ms=LOCKED_FOR_EVER_MS)
