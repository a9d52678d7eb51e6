"""The decision about one code, or about two codes in a row: state in, verdict and new state out.

Pure: no clock, no storage, no randomness; time and seed are arguments. Whether the token may be
used at all (bound, enabled, valid today) was decided before, by those who know tokens.

Laws, each with its table test and all of them in the state machine of tests/unit/engines/otp:

* A factor (time step or counter) is accepted at most once, and never one below an accepted one.
* A locked or throttled try changes nothing and looks at no code, so it tells nothing either.
* A wrong code is one failure. So is a failed resync, and it delays the next try from the first
  failure on, because one search costs as much as some sixty plain tries.
* A code of a factor that is used up, in the window or among the last `look_behind` of them, is
  *replayed*: its own result and no failure, since it shows a repeated request, not a guess. In
  the window it wins over an unused factor with the same code: RFC 6238 section 5.2 forbids to
  accept the same code again.
* Locks and throttles are instants of the wall clock. When that clock steps back they last longer,
  and codes up to the last accepted step stay used: errors of the clock never open anything.

Each candidate is computed and compared in constant time whether or not an earlier one matched, so
the time taken says nothing about which one did.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec

from tigertally_engines.otp.forms import FORMS, Form
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.penalty import after_failure, remaining_tries
from tigertally_engines.otp.state import LOCKED_FOR_EVER_MS, OtpState

__all__ = [
    "LOCKED_FOR_EVER_MS",
    "OtpResult",
    "OtpState",
    "Verdict",
    "remaining_tries",
    "resync",
    "unlock",
    "verify",
]

_RESYNC_THROTTLE_FROM: Final = 1


class OtpResult(StrEnum):
    """What became of a try."""

    APPROVED = "approved"
    WRONG = "wrong"
    REPLAYED = "replayed"
    LOCKED = "locked"
    THROTTLED = "throttled"
    RESYNCED = "resynced"
    RESYNC_FAILED = "resync_failed"


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """The answer to one try.

    result           what became of it
    state            the state to store; the very same object when nothing changed
    remaining        failures left before the next lock, 0 while locked
    locked_until_ms  end of a lock that stands now (UTC), else 0
    matched          the time step or counter of the code (of the second one in a resync), if any
    """

    result: OtpResult
    state: OtpState
    remaining: int
    locked_until_ms: int
    matched: int | None = None


def verify(
    parameters: OtpParameters, seed: bytes, state: OtpState, code: str, now_ms: int
) -> Verdict:
    """Decide about one code received at `now_ms` (UTC, ms). `parameters` must be validated."""
    held = _held(state, now_ms)
    if held is not None:
        return _verdict(held, parameters, state, now_ms)
    if not _well_formed(parameters, code):
        return _failed(OtpResult.WRONG, parameters, state, now_ms, parameters.throttle_after)
    form = FORMS[parameters.algorithm]
    unused = form.movement.unused(state)
    window = form.movement.window(parameters, state, now_ms)
    matched = _match(form, parameters, seed, window, code)
    if matched is None:
        past = range(max(0, unused - parameters.look_behind), unused)
        matched = _match(form, parameters, seed, [f for f in past if f not in window], code)
    if matched is None:
        return _failed(OtpResult.WRONG, parameters, state, now_ms, parameters.throttle_after)
    if matched < unused:
        return _verdict(OtpResult.REPLAYED, parameters, state, now_ms, matched)
    moving, drift = form.movement.accept(parameters, state, matched, now_ms)
    return _verdict(OtpResult.APPROVED, parameters, OtpState(moving, drift), now_ms, matched)


def resync(
    parameters: OtpParameters,
    seed: bytes,
    state: OtpState,
    code_1: str,
    code_2: str,
    now_ms: int,
) -> Verdict:
    """Find a token again by two codes in a row (RFC 4226 section 7.4), both of unused factors.

    Success sets counter or drift, uses both codes up and clears the failures.
    """
    held = _held(state, now_ms)
    if held is not None:
        return _verdict(held, parameters, state, now_ms)
    second = None
    if _well_formed(parameters, code_1) and _well_formed(parameters, code_2):
        second = _match_pair(parameters, seed, state, code_1, code_2, now_ms)
    if second is None:
        return _failed(OtpResult.RESYNC_FAILED, parameters, state, now_ms, _RESYNC_THROTTLE_FROM)
    moving, drift = FORMS[parameters.algorithm].movement.adopt(parameters, second, now_ms)
    return _verdict(OtpResult.RESYNCED, parameters, OtpState(moving, drift), now_ms, second)


def unlock(state: OtpState) -> OtpState:
    """The state after an operator's unlock: no failures, lock or delay; used codes stay used."""
    return msgspec.structs.replace(state, failures=0, locked_until_ms=0, next_try_ms=0)


def _held(state: OtpState, now_ms: int) -> OtpResult | None:
    """Why no code may be looked at now, if so."""
    if now_ms < state.locked_until_ms:
        return OtpResult.LOCKED
    if now_ms < state.next_try_ms:
        return OtpResult.THROTTLED
    return None


def _well_formed(parameters: OtpParameters, code: str) -> bool:
    return len(code) == parameters.digits and code.isascii() and code.isdigit()


def _match(
    form: Form, parameters: OtpParameters, seed: bytes, factors: Iterable[int], code: str
) -> int | None:
    """The first of these factors (ascending) that has this code."""
    factors = list(factors)
    codes = form.codes(seed, factors, parameters.digits, parameters.hash)
    same = [hmac.compare_digest(candidate, code) for candidate in codes]
    return factors[same.index(True)] if True in same else None


def _match_pair(
    parameters: OtpParameters,
    seed: bytes,
    state: OtpState,
    code_1: str,
    code_2: str,
    now_ms: int,
) -> int | None:
    """The second factor of the first pair of neighbours that have these two codes."""
    form = FORMS[parameters.algorithm]
    factors = form.movement.resync(parameters, state, now_ms)
    codes = form.codes(seed, factors, parameters.digits, parameters.hash)
    first = [hmac.compare_digest(candidate, code_1) for candidate in codes]
    second = [hmac.compare_digest(candidate, code_2) for candidate in codes]
    pairs = [one & other for one, other in zip(first, second[1:], strict=False)]
    return factors[pairs.index(True) + 1] if True in pairs else None


def _failed(
    result: OtpResult,
    parameters: OtpParameters,
    state: OtpState,
    now_ms: int,
    throttle_from: int,
) -> Verdict:
    after = after_failure(parameters, state, now_ms, throttle_from)
    return _verdict(result, parameters, after, now_ms)


def _verdict(
    result: OtpResult,
    parameters: OtpParameters,
    state: OtpState,
    now_ms: int,
    matched: int | None = None,
) -> Verdict:
    return Verdict(
        result=result,
        state=state,
        remaining=remaining_tries(parameters, state, now_ms),
        locked_until_ms=state.locked_until_ms if now_ms < state.locked_until_ms else 0,
        matched=matched,
    )
