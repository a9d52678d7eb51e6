"""The decision about one code, or about two codes in a row: state in, verdict and new state out.

Pure: no clock, no storage, no randomness; time and seed are arguments. Whether the token may be
used at all (bound, enabled, valid today) was decided before, by those who know tokens.

Laws, each with its table test and all of them in the state machine of tests/unit/engines/otp:

* A factor (time step or counter) is accepted at most once, and never one below an accepted one.
* A locked or throttled try changes nothing and tells nothing. Its codes are computed all the same,
  as are those for a code that can't be one: how long an answer takes must not say either. Only a
  resync is spared its long search.
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
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from tigertally_engines.otp.forms import FORMS, Form
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.penalty import after_failure, remaining_tries
from tigertally_engines.otp.seeds import Seed
from tigertally_engines.otp.state import LOCKED_FOR_EVER_MS, OtpState

__all__ = [
    "LOCKED_FOR_EVER_MS",
    "OtpResult",
    "OtpState",
    "Verdict",
    "fail",
    "held",
    "remaining_tries",
    "resync",
    "unlock",
    "verdict_of",
    "verify",
    "verify_by",
    "well_formed",
]

Check = Callable[[Sequence[str]], list[bool]]
"""Which of these candidate codes the try stands for. It must look at all of them, in constant time.
"""

_RESYNC_THROTTLE_FROM: Final = 1
_NO_CODE: Final = ""


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
    parameters: OtpParameters, seed: Seed, state: OtpState, code: str, now_ms: int
) -> Verdict:
    """Decide about one code received at `now_ms` (UTC, ms). `parameters` must be validated."""
    given = code if well_formed(parameters, code) else _NO_CODE
    return verify_by(parameters, seed, state, _same_as(given), now_ms)


def verify_by(
    parameters: OtpParameters,
    seed: Seed,
    state: OtpState,
    check: Check,
    now_ms: int,
    *,
    tell_replays: bool = True,
) -> Verdict:
    """As `verify`, for proofs that hide the code in something else: `check` recognises it.

    tell_replays  False where the proof has a second secret: whoever has seen a used code could
                  else try secrets with it. A replay is then WRONG, and a failure, like any other.
    """
    stopped = held(state, now_ms)
    form = FORMS[parameters.algorithm]
    unused = form.movement.unused(state)
    window = form.movement.window(parameters, state, now_ms)
    matched = _match(form, parameters, seed, window, check)
    if (matched is None or stopped is not None) and tell_replays:
        past = range(max(0, unused - parameters.look_behind), unused)
        matched = _match(form, parameters, seed, [f for f in past if f not in window], check)
    if stopped is not None:
        return verdict_of(stopped, parameters, state, now_ms)
    if matched is None or (matched < unused and not tell_replays):
        return fail(parameters, state, now_ms)
    if matched < unused:
        return verdict_of(OtpResult.REPLAYED, parameters, state, now_ms, matched)
    moving, drift = form.movement.accept(parameters, state, matched, now_ms)
    return verdict_of(OtpResult.APPROVED, parameters, OtpState(moving, drift), now_ms, matched)


def fail(parameters: OtpParameters, state: OtpState, now_ms: int) -> Verdict:
    """What a wrong try comes to, for one that needs no look at any code."""
    return _failed(OtpResult.WRONG, parameters, state, now_ms, parameters.throttle_after)


def resync(
    parameters: OtpParameters,
    seed: Seed,
    state: OtpState,
    code_1: str,
    code_2: str,
    now_ms: int,
) -> Verdict:
    """Find a token again by two codes in a row (RFC 4226 section 7.4), both of unused factors.

    Success sets counter or drift, uses both codes up and clears the failures.
    """
    stopped = held(state, now_ms)
    if stopped is not None:
        return verdict_of(stopped, parameters, state, now_ms)
    second = None
    if well_formed(parameters, code_1) and well_formed(parameters, code_2):
        second = _match_pair(parameters, seed, state, code_1, code_2, now_ms)
    if second is None:
        return _failed(OtpResult.RESYNC_FAILED, parameters, state, now_ms, _RESYNC_THROTTLE_FROM)
    moving, drift = FORMS[parameters.algorithm].movement.adopt(parameters, second, now_ms)
    return verdict_of(OtpResult.RESYNCED, parameters, OtpState(moving, drift), now_ms, second)


def unlock(state: OtpState) -> OtpState:
    """The state after an operator's unlock: no failures, lock or delay; used codes stay used."""
    return msgspec.structs.replace(state, failures=0, locked_until_ms=0, next_try_ms=0)


def held(state: OtpState, now_ms: int) -> OtpResult | None:
    """Why no code may be looked at now, if so."""
    if now_ms < state.locked_until_ms:
        return OtpResult.LOCKED
    if now_ms < state.next_try_ms:
        return OtpResult.THROTTLED
    return None


def well_formed(parameters: OtpParameters, code: str) -> bool:
    """Whether this can be a code at all."""
    return len(code) == parameters.digits and code.isascii() and code.isdigit()


def _same_as(code: str) -> Check:
    def check(candidates: Sequence[str]) -> list[bool]:
        return [hmac.compare_digest(candidate, code) for candidate in candidates]

    return check


def _match(
    form: Form, parameters: OtpParameters, seed: Seed, factors: Iterable[int], check: Check
) -> int | None:
    """The first of these factors (ascending) that has this code."""
    factors = list(factors)
    same = check(form.codes(parameters, seed, factors))
    return factors[same.index(True)] if True in same else None


def _match_pair(
    parameters: OtpParameters,
    seed: Seed,
    state: OtpState,
    code_1: str,
    code_2: str,
    now_ms: int,
) -> int | None:
    """The second factor of the first pair of neighbours that have these two codes."""
    form = FORMS[parameters.algorithm]
    factors = form.movement.resync(parameters, state, now_ms)
    codes = form.codes(parameters, seed, factors)
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
    return verdict_of(result, parameters, after, now_ms)


def verdict_of(
    result: OtpResult,
    parameters: OtpParameters,
    state: OtpState,
    now_ms: int,
    matched: int | None = None,
) -> Verdict:
    """The verdict that leaves the token in `state`."""
    return Verdict(
        result=result,
        state=state,
        remaining=remaining_tries(parameters, state, now_ms),
        locked_until_ms=state.locked_until_ms if now_ms < state.locked_until_ms else 0,
        matched=matched,
    )
