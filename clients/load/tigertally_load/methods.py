"""How a population is divided among the methods of a mixed load: by the customer's number alone.

Each customer has one token; which kind of token, and what beside it (a PIN, a telephone), follows
from the number. So preparing step and generator agree without a list, and each method has the share
of customers that it has of the requests.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Method(StrEnum):
    """What a customer verifies with."""

    TOTP = "totp"
    HOTP = "hotp"
    OCRA = "ocra"
    SMS = "sms"
    PIN_OTP = "pin-otp"
    MSCHAPV2 = "mschapv2"


SHARES: Final[dict[Method, int]] = {
    Method.TOTP: 8,
    Method.HOTP: 4,
    Method.OCRA: 3,
    Method.SMS: 3,
    Method.PIN_OTP: 1,
    Method.MSCHAPV2: 1,
}
PATTERN: Final = tuple(method for method, share in SHARES.items() for _ in range(share))
"""Customer i has method PATTERN[i % 20]."""

_FIRST: Final = {method: PATTERN.index(method) for method in Method}

OCRA_SUITE: Final = "OCRA-1:HOTP-SHA1-6:QN08"


def method_at(i: int) -> Method:
    """Method of customer `i`."""
    return PATTERN[i % len(PATTERN)]


def count_of(method: Method, count: int) -> int:
    """How many of the first `count` customers have it; only whole patterns are counted."""
    return count // len(PATTERN) * SHARES[method]


def place_of(method: Method, j: int) -> int:
    """The customer's number of the `j`-th who has this method."""
    turn, rest = divmod(j, SHARES[method])
    return turn * len(PATTERN) + _FIRST[method] + rest
