"""Telephone numbers in one form (E.164), and the two things that limits look at: the country, and
the range of numbers that begin alike.

Country codes are ITU-T E.164's: one digit (zones 1 and 7), two for those listed, three for all
others; no code begins another, so nothing more is needed to find them.
"""

from __future__ import annotations

import re
from typing import Final

SHORTEST: Final = 8
LONGEST: Final = 15
_SPACING: Final = str.maketrans("", "", " -.()")
_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)
_ONE_DIGIT: Final = frozenset("17")
_TWO_DIGITS: Final = re.compile("2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")
_RANGE_TAIL: Final = 4  # a range is ten thousand numbers


class BadNumber(ValueError):
    """No telephone number; the message does not repeat it."""


def normalised(text: str, home_country: str) -> str:
    """`+`, country and number. Without a `+` or `00` it is one of the home country's. Raises
    BadNumber.
    """
    bare = text.translate(_SPACING)
    if bare.startswith("+"):
        digits = bare[1:]
    elif bare.startswith("00"):
        digits = bare[2:]
    else:
        digits = home_country + bare
    if not _DIGITS.fullmatch(digits) or not SHORTEST <= len(digits) <= LONGEST:
        raise BadNumber("not a telephone number")
    if digits.startswith("0"):
        raise BadNumber("no country code begins with 0")
    return "+" + digits


def country_of(number: str) -> str:
    """The country code of a normalised number."""
    digits = number[1:]
    if digits[0] in _ONE_DIGIT:
        return digits[0]
    return digits[:2] if _TWO_DIGITS.match(digits) else digits[:3]


def range_of(number: str) -> str:
    """What ten thousand neighbouring numbers have in common."""
    return number[:-_RANGE_TAIL]
