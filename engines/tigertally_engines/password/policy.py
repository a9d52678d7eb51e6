"""What a password or a PIN must be like, how long it lasts and what failures cost: a record, its
bounds, its two sets of defaults.

Knows nothing of customers, storage or the wire. A record that went through `validated()` (or
`merge()`) keeps every bound of `BOUNDS` and the relations between fields, so that the rules need no
checks of their own. Bounds follow NIST SP 800-63B-4 sections 3.1.1 and 3.2.2: at least 8 characters
beside another factor (15 where a password stands alone), room for 64, at most 100 failures in a
row.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self

import msgspec

from tigertally_engines.password.schemes import SCHEMES

WORDS_MAX: Final = 200


class PolicyError(ValueError):
    """A parameter is unknown, of the wrong type or out of bounds; `name` says which."""

    def __init__(self, name: str, reason: str = "is not valid") -> None:
        super().__init__(f"password policy parameter {name!r} {reason}")
        self.name = name
        self.reason = reason


class PasswordForm(StrEnum):
    """What kind of a secret a policy speaks of; a policy's name begins with it."""

    PASSWORD = "password"  # noqa: S105  # the word itself
    PIN = "pin"


class Bound(NamedTuple):
    """Smallest and largest value of an integer parameter, both allowed."""

    low: int
    high: int


YEAR_S: Final = 366 * 86_400

BOUNDS: Final[Mapping[str, Bound]] = {
    "min_length": Bound(4, 64),
    "max_length": Bound(6, 64),
    "classes": Bound(0, 4),
    "max_run": Bound(1, 64),
    "max_sequence": Bound(1, 64),
    "min_distinct": Bound(1, 32),
    "history": Bound(0, 24),
    "min_age_s": Bound(0, YEAR_S),
    "max_age_s": Bound(0, 10 * YEAR_S),
    "initial_s": Bound(0, YEAR_S),
    "generated_length": Bound(6, 64),
    "max_failures": Bound(1, 100),
    "lock_s": Bound(1, YEAR_S),
    "lock_cap_s": Bound(1, YEAR_S),
    "failure_ceiling": Bound(1, 100),
    "throttle_after": Bound(1, 100),
    "throttle_base_ms": Bound(0, 3_600_000),
    "throttle_cap_ms": Bound(0, 86_400_000),
}
_FLAGS: Final = ("block_common", "block_personal", "block_dates", "change_after_reset")


class PasswordPolicy(msgspec.Struct, frozen=True, gc=False):
    """Everything that is judged by; lengths are characters of the normalised text.

    scheme             how a new secret is stored: a name of `schemes.SCHEMES`
    old_schemes        those that rows may still have; each costs a try of its own
    min_length         shortest text
    max_length         longest text
    classes            how many of small, capital, digit and other must be there
    max_run            longest run of one character
    max_sequence       longest run of neighbours: abcd, 4321, qwer
    min_distinct       how many different characters
    block_common       refuse what stands in the list of common ones
    block_personal     refuse what is made of the customer's own words and numbers
    block_dates        refuse calendar dates (PINs)
    own_words          the bank's own words, refused like a customer's
    history            how many former ones are refused
    min_age_s          a new one stays at least so long; 0 = no rule
    max_age_s          it must be changed after so long; 0 = never
    initial_s          one that an operator gave is good for so long; 0 = no limit
    change_after_reset one that an operator gave must be changed before it approves
    generated_length   of one made here
    max_failures … throttle_cap_ms  what failures cost, as for a token
    """

    scheme: str = "argon2id-8"
    old_schemes: tuple[str, ...] = ()
    min_length: int = 8
    max_length: int = 64
    classes: int = 2
    max_run: int = 3
    max_sequence: int = 4
    min_distinct: int = 5
    block_common: bool = True
    block_personal: bool = True
    block_dates: bool = False
    own_words: tuple[str, ...] = ()
    history: int = 5
    min_age_s: int = 0
    max_age_s: int = 0
    initial_s: int = 72 * 3600
    change_after_reset: bool = True
    generated_length: int = 12
    max_failures: int = 5
    lock_s: int = 900
    lock_cap_s: int = 86_400
    failure_ceiling: int = 100
    throttle_after: int = 3
    throttle_base_ms: int = 1000
    throttle_cap_ms: int = 60_000

    @property
    def schemes(self) -> tuple[str, ...]:
        """All that a stored one may have, the one for new ones first."""
        return (self.scheme, *self.old_schemes)

    def validated(self) -> Self:
        """Return the record, or raise PolicyError for the first bad parameter."""
        for name in self.schemes:
            if name not in SCHEMES:
                raise PolicyError("scheme", f"must be of {', '.join(SCHEMES)}")
        for name, bound in BOUNDS.items():
            _check_bound(name, getattr(self, name), bound)
        for name in _FLAGS:
            if type(getattr(self, name)) is not bool:
                raise PolicyError(name, "is neither true nor false")
        _check_words(self.own_words)
        _check_relations(self)
        return self

    def merge(self, overrides: Mapping[str, object]) -> Self:
        """A validated copy with these values in place of the defaults.

        Raises PolicyError for an unknown name, a wrong type or a bad value.
        """
        changes: dict[str, Any] = dict(overrides)
        for name in changes:
            if name not in self.__struct_fields__:
                raise PolicyError(name, "is unknown")
        for name in ("own_words", "old_schemes"):
            if name in changes:
                changes[name] = _listed(name, changes[name])
        return msgspec.structs.replace(self, **changes).validated()

    def as_dict(self) -> dict[str, object]:
        """Plain values by name, fit for JSON; `merge()` of it gives the record again."""
        plain = msgspec.structs.asdict(self)
        return {name: list(v) if isinstance(v, tuple) else v for name, v in plain.items()}


# A PIN is guessed at the keypad, not by computing: its strength is the ceiling on tries (20 of a
# million), and a keyed function protects what is stored better than any slow one.
DEFAULTS: Final[Mapping[PasswordForm, PasswordPolicy]] = {
    PasswordForm.PASSWORD: PasswordPolicy(),
    PasswordForm.PIN: PasswordPolicy(
        scheme="keyed",
        min_length=6,
        max_length=6,
        classes=0,
        max_run=3,
        max_sequence=3,
        min_distinct=3,
        history=3,
        generated_length=6,
        max_failures=5,
        lock_s=3600,
        failure_ceiling=20,
        throttle_after=3,
    ),
}


def form_of(name: str) -> PasswordForm:
    """The form that a policy of this name speaks of: `pin`, `password`, or either with a slot
    behind a stroke, as `pin/pay`. Raises PolicyError.
    """
    form, stroke, slot = name.partition("/")
    if form not in set(PasswordForm) or bool(stroke) != bool(slot):
        raise PolicyError("name", "must be password or pin, or one of them with /SLOT")
    return PasswordForm(form)


def policy_name(form: PasswordForm, slot: str) -> str:
    """The inverse of `form_of`, with the slot ("" = the ordinary one)."""
    return f"{form.value}/{slot}" if slot else form.value


def _listed(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise PolicyError(name, "is not a list of texts")
    return tuple(value)


def _check_words(words: tuple[str, ...]) -> None:
    if len(words) > WORDS_MAX or not all(2 <= len(word) <= 64 for word in words):
        raise PolicyError("own_words", f"are at most {WORDS_MAX} words of 2 to 64 characters")


def _check_bound(name: str, value: object, bound: Bound) -> None:
    if type(value) is not int:  # a bool is an int to isinstance
        raise PolicyError(name, "is not an integer")
    if not bound.low <= value <= bound.high:
        raise PolicyError(name, f"must be from {bound.low} to {bound.high}")


_ORDERED: Final = (
    ("min_length", "max_length"),
    ("min_length", "generated_length"),
    ("generated_length", "max_length"),
    ("min_distinct", "min_length"),
    ("classes", "min_length"),
    ("lock_s", "lock_cap_s"),
    ("max_failures", "failure_ceiling"),
    ("throttle_base_ms", "throttle_cap_ms"),
)


def _check_relations(policy: PasswordPolicy) -> None:
    for smaller, larger in _ORDERED:
        if getattr(policy, smaller) > getattr(policy, larger):
            raise PolicyError(larger, f"must not be less than {smaller}")
    if policy.max_age_s and policy.max_age_s <= policy.min_age_s:
        raise PolicyError("max_age_s", "must be more than min_age_s")
