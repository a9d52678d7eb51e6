"""How codes by SMS behave, for one scene (login, payment …): a record and its checks.

Knows nothing of phones, gateways or storage. A record that went through `validated()` keeps every
bound of `BOUNDS`. Bounds follow NIST SP 800-63B-4 section 3.1.3.2 (a code is valid for at most ten
minutes and has at least six digits) and section 3.2.2 (at most 100 failures in a row).

The names from `max_failures` on are those of the rules for penalties that all methods share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Self

import msgspec

HASHES: Final = ("sha256", "sm3")
LONGEST_VALIDITY_S: Final = 600
YEAR_S: Final = 366 * 86_400


class SmsParameterError(ValueError):
    """A parameter is unknown, of the wrong type or out of bounds; `name` says which."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"SMS parameter {name!r} {reason}")
        self.name = name


class Bound(NamedTuple):
    """Smallest and largest value of an integer parameter, both allowed."""

    low: int
    high: int


BOUNDS: Final[Mapping[str, Bound]] = {
    "digits": Bound(6, 10),
    "valid_s": Bound(30, LONGEST_VALIDITY_S),
    "resend_s": Bound(0, 3_600),
    "code_tries": Bound(1, 10),
    "open_max": Bound(1, 20),
    "max_failures": Bound(1, 100),
    "lock_s": Bound(1, YEAR_S),
    "lock_cap_s": Bound(1, YEAR_S),
    "failure_ceiling": Bound(1, 100),
    "throttle_after": Bound(1, 100),
    "throttle_base_ms": Bound(0, 3_600_000),
    "throttle_cap_ms": Bound(0, 86_400_000),
}


class SmsParameters(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Everything that the decision needs besides key, challenge, code and time.

    digits              of a code, 6..10
    hash                "sha256" or "sm3": of the HMAC a code is cut from
    valid_s             seconds a code may be used
    resend_s            seconds until the next code may be sent; a used code ends the wait
    code_tries          wrong codes after which this code is dead
    open_max            codes of one customer and channel that may wait side by side
    new_number_at_once  this scene may use a new number before its cooling-off has passed
    max_failures …      as for one-time passwords; counted over all codes of a customer
    """

    digits: int = 6
    hash: str = "sha256"
    valid_s: int = 300
    resend_s: int = 60
    code_tries: int = 3
    open_max: int = 5
    new_number_at_once: bool = False
    max_failures: int = 5
    lock_s: int = 900
    lock_cap_s: int = 86_400
    failure_ceiling: int = 100
    throttle_after: int = 3
    throttle_base_ms: int = 1_000
    throttle_cap_ms: int = 60_000

    def validated(self) -> Self:
        """The record itself, or SmsParameterError for the first bad parameter."""
        if self.hash not in HASHES:
            raise SmsParameterError("hash", f"is none of {', '.join(HASHES)}")
        for name, bound in BOUNDS.items():
            value = getattr(self, name)
            if type(value) is not int or not bound.low <= value <= bound.high:
                raise SmsParameterError(name, f"must be from {bound.low} to {bound.high}")
        for larger, smaller in _RELATIONS:
            if getattr(self, larger) < getattr(self, smaller):
                raise SmsParameterError(larger, f"must not be less than {smaller}")
        return self

    def merge(self, overrides: Mapping[str, object]) -> Self:
        """A validated copy with other values; raises SmsParameterError."""
        for name in overrides:
            if name not in self.__struct_fields__:
                raise SmsParameterError(name, "is unknown")
        changes: dict[str, Any] = dict(overrides)
        return msgspec.structs.replace(self, **changes).validated()


_RELATIONS: Final = (
    ("lock_cap_s", "lock_s"),
    ("failure_ceiling", "max_failures"),
    ("throttle_cap_ms", "throttle_base_ms"),
)
