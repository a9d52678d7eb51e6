"""What failures cost: locks that double, a delay that doubles, and the ceiling that ends it.

Pure arithmetic over the count of failures in a row (RFC 4226 section 7.3, NIST SP 800-63B-4
section 3.2.2). Knows neither codes nor forms. Invariant: the count only grows until a success or
an operator's unlock; a lock that runs out leaves it, so the next lock is longer.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from tigertally_engines.otp.state import LOCKED_FOR_EVER_MS, OtpState


class PenaltyRules(Protocol):
    """The parameters that say what failures cost, for any method; see `OtpParameters`."""

    @property
    def max_failures(self) -> int: ...
    @property
    def lock_s(self) -> int: ...
    @property
    def lock_cap_s(self) -> int: ...
    @property
    def failure_ceiling(self) -> int: ...
    @property
    def throttle_after(self) -> int: ...
    @property
    def throttle_base_ms(self) -> int: ...
    @property
    def throttle_cap_ms(self) -> int: ...


def after_failure(
    parameters: PenaltyRules, state: OtpState, now_ms: int, throttle_from: int
) -> OtpState:
    """The state after one more failure at `now_ms`.

    throttle_from  failures from which on the next try is delayed
    """
    failures = state.failures + 1
    wait_ms = throttle_ms(parameters, failures, throttle_from)
    locked_until_ms = state.locked_until_ms
    if failures >= parameters.failure_ceiling:
        locked_until_ms = LOCKED_FOR_EVER_MS
    elif failures % parameters.max_failures == 0:
        locked_until_ms = min(now_ms + lock_ms(parameters, failures), LOCKED_FOR_EVER_MS)
    return msgspec.structs.replace(
        state,
        failures=failures,
        locked_until_ms=locked_until_ms,
        next_try_ms=now_ms + wait_ms if wait_ms else state.next_try_ms,
    )


def lock_ms(parameters: PenaltyRules, failures: int) -> int:
    """Length of the lock that falls at this count (0 = none): lock_s, doubling, up to the cap."""
    nth, left_over = divmod(failures, parameters.max_failures)
    if left_over or not nth:
        return 0
    return min(parameters.lock_s << (nth - 1), parameters.lock_cap_s) * 1000


def throttle_ms(parameters: PenaltyRules, failures: int, throttle_from: int) -> int:
    """Delay of the next try after this count: base, doubling, up to the cap; 0 = none."""
    if failures < throttle_from:
        return 0
    doublings = max(0, failures - parameters.throttle_after)
    return min(parameters.throttle_base_ms << doublings, parameters.throttle_cap_ms)


def remaining_tries(parameters: PenaltyRules, state: OtpState, now_ms: int = 0) -> int:
    """How many failures are left before the next lock; 0 while a lock stands.

    now_ms  time for which to answer; by default a lock that was set counts as standing.
    """
    if now_ms < state.locked_until_ms or state.failures >= parameters.failure_ceiling:
        return 0
    before_lock = parameters.max_failures - state.failures % parameters.max_failures
    return min(before_lock, parameters.failure_ceiling - state.failures)
