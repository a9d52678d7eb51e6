"""How one kind of one-time-password token behaves: a record, its checks, its per-token overrides.

Knows nothing of tokens, users or storage. A record that went through `validated()` (or `merge()`)
keeps every bound of `BOUNDS` and the relations between fields, so that the decision code needs no
checks of its own. Bounds follow RFC 4226 section 7, RFC 6238 section 5, GM/T 0021 (time step at
most 60 s) and NIST SP 800-63B-4 section 3.2.2 (at most 100 failures in a row).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self

import msgspec

HASHES: Final = ("sha1", "sha256", "sha512", "sm3")
DEFAULT_HASH: Final = "sha1"
GM_HASH: Final = "sm3"
GM_LONGEST_STEP_S: Final = 60
SHORTEST_SEED: Final = 16  # bytes; RFC 4226 R6 and GM/T 0021 both demand 128 bits
LONGEST_SEED: Final = 128


class OtpAlgorithm(StrEnum):
    """The forms of one-time password that the engine computes."""

    HOTP = "hotp"
    TOTP = "totp"
    GM_SM3 = "gm-sm3"


class ParameterError(ValueError):
    """A parameter is unknown, of the wrong type or out of bounds; `name` says which."""

    def __init__(self, name: str, reason: str = "is not valid") -> None:
        super().__init__(f"OTP parameter {name!r} {reason}")
        self.name = name
        self.reason = reason


class Bound(NamedTuple):
    """Smallest and largest value of an integer parameter, both allowed."""

    low: int
    high: int


YEAR_S: Final = 366 * 86_400

BOUNDS: Final[Mapping[str, Bound]] = {
    "digits": Bound(6, 10),
    "step_s": Bound(1, 120),
    "window": Bound(0, 20),
    "look_ahead": Bound(0, 100),
    "look_behind": Bound(0, 100),
    "resync_window": Bound(1, 1000),
    "drift_max": Bound(0, 1000),
    "max_failures": Bound(1, 100),
    "lock_s": Bound(1, YEAR_S),
    "lock_cap_s": Bound(1, YEAR_S),
    "failure_ceiling": Bound(1, 100),
    "throttle_after": Bound(1, 100),
    "throttle_base_ms": Bound(0, 3_600_000),
    "throttle_cap_ms": Bound(0, 86_400_000),
}


class OtpParameters(msgspec.Struct, frozen=True, gc=False):
    """Everything that the decision needs besides seed, state, code and time.

    algorithm         form of the code
    hash              "sha1", "sha256", "sha512" or "sm3"; the GM form always means "sm3"
    digits            6..10
    step_s            seconds per time step
    window            steps accepted on each side of the expected one (time-based)
    look_ahead        counters accepted beyond the expected one (HOTP; 0 = only that one)
    look_behind       how many used steps or counters are recognised as a replay
    resync_window     reach of the two-code search: steps on each side, or counters ahead
    drift_max         steps of drift that plain verification may learn
    max_failures      a lock falls at each multiple of it
    lock_s            first lock, doubling with each further one
    lock_cap_s        longest of these locks
    failure_ceiling   failures in a row after which the lock is for ever
    throttle_after    failures from which each further one delays the next try
    throttle_base_ms  first delay, doubling; 0 = no throttle
    throttle_cap_ms   longest delay
    """

    algorithm: OtpAlgorithm = OtpAlgorithm.TOTP
    hash: str = DEFAULT_HASH
    digits: int = 6
    step_s: int = 30
    window: int = 1
    look_ahead: int = 10
    look_behind: int = 10
    resync_window: int = 100
    drift_max: int = 10
    max_failures: int = 5
    lock_s: int = 900
    lock_cap_s: int = 86_400
    failure_ceiling: int = 100
    throttle_after: int = 3
    throttle_base_ms: int = 1000
    throttle_cap_ms: int = 60_000

    def validated(self) -> Self:
        """Return the record, normalised (the GM form gets its only hash), or raise ParameterError.

        The error names the first bad parameter in the order of the fields, relations last.
        """
        normal = self._normalised()
        for name, bound in BOUNDS.items():
            _check_bound(name, getattr(normal, name), bound)
        _check_relations(normal)
        return normal

    def merge(self, overrides: Mapping[str, object]) -> Self:
        """A validated copy with a token's own values in place of its type's.

        Raises ParameterError for an unknown name, a wrong type or a bad value.
        """
        known = self.__struct_fields__
        for name in overrides:
            if name not in known:
                raise ParameterError(name, "is unknown")
        changes: dict[str, Any] = dict(overrides)
        return msgspec.structs.replace(self, **changes).validated()

    def as_dict(self) -> dict[str, object]:
        """Plain values by name, fit for JSON; `OtpParameters().merge()` of it gives the record."""
        return {**msgspec.structs.asdict(self), "algorithm": str(self.algorithm)}

    def _normalised(self) -> Self:
        try:
            algorithm = OtpAlgorithm(self.algorithm)
        except ValueError:
            raise ParameterError("algorithm", f"is none of {_listing(OtpAlgorithm)}") from None
        if self.hash not in HASHES:
            raise ParameterError("hash", f"is none of {_listing(HASHES)}")
        chosen = self.hash
        if algorithm is OtpAlgorithm.GM_SM3:
            # The default hash of this record is that of RFC 4226; GM/T 0021 knows only its own.
            if chosen not in (DEFAULT_HASH, GM_HASH):
                raise ParameterError("hash", "must be sm3 for the GM form")
            chosen = GM_HASH
        return msgspec.structs.replace(self, algorithm=algorithm, hash=chosen)


def check_seed(seed: bytes) -> bytes:
    """Return the seed, or raise ParameterError("seed") for one too short or too long to be one."""
    if not SHORTEST_SEED <= len(seed) <= LONGEST_SEED:
        raise ParameterError("seed", f"must have {SHORTEST_SEED} to {LONGEST_SEED} bytes")
    return seed


def _check_bound(name: str, value: object, bound: Bound) -> None:
    if type(value) is not int:  # a bool is an int to isinstance
        raise ParameterError(name, "is not an integer")
    if not bound.low <= value <= bound.high:
        raise ParameterError(name, f"must be from {bound.low} to {bound.high}")


def _check_relations(parameters: OtpParameters) -> None:
    if parameters.algorithm is OtpAlgorithm.GM_SM3 and parameters.step_s > GM_LONGEST_STEP_S:
        raise ParameterError("step_s", f"must not exceed {GM_LONGEST_STEP_S} for the GM form")
    if parameters.lock_cap_s < parameters.lock_s:
        raise ParameterError("lock_cap_s", "must not be less than lock_s")
    if parameters.failure_ceiling < parameters.max_failures:
        raise ParameterError("failure_ceiling", "must not be less than max_failures")
    if parameters.throttle_cap_ms < parameters.throttle_base_ms:
        raise ParameterError("throttle_cap_ms", "must not be less than throttle_base_ms")


def _listing(names: Iterable[str]) -> str:
    return ", ".join(names)
