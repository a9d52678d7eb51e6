"""What makes a PIN easy to guess: the shapes that people like, and the numbers that others know of
them. Pure; knows no policy.

Guessers begin with dates, runs, repetitions and the customer's own numbers: a fifth of all freely
chosen PINs fall to them within the tries that a lock allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Final

_DATE_DIGITS: Final = 8


def is_series(pin: str) -> bool:
    """Steps of one size, around 9 too: 123456, 864208, 777777, 135791."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return len(steps) == 1


def is_repetition(pin: str) -> bool:
    """A part over and over: 121212, 123123; or pairs of digits in a series: 112233."""
    if (pin + pin).find(pin, 1) < len(pin):
        return True
    pairs = [pin[i : i + 2] for i in range(0, len(pin), 2)]
    return all(len(set(pair)) == 1 for pair in pairs) and is_series(pin[::2])


def is_mirrored(pin: str) -> bool:
    """Reads the same backwards: 123321."""
    return pin == pin[::-1]


def is_date(pin: str) -> bool:
    """Six digits that are a day as people write it: yymmdd, ddmmyy or mmddyy."""
    if len(pin) != 6:
        return False
    a, b, c = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    return _is_day(a, b, c) or _is_day(c, b, a) or _is_day(c, a, b)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(2000 + year, month, day)  # leap years of 19yy are among those of 20yy
    except ValueError:
        return False
    return True


def of_numbers(pin: str, numbers: Iterable[str]) -> bool:
    """Whether the PIN is a part of one of these numbers, forwards or backwards, or a way to write a
    date among them. What isn't a digit in them is passed over.
    """
    for number in numbers:
        digits = "".join(filter(str.isdigit, number))
        if pin in digits or pin[::-1] in digits:
            return True
        if len(digits) == _DATE_DIGITS and pin in set(_spellings(digits)):
            return True
    return False


def _spellings(digits: str) -> Iterator[str]:
    """A day given as yyyymmdd, in six digits."""
    year, month, day = digits[:4], digits[4:6], digits[6:]
    short = year[2:]
    yield from (short + month + day, day + month + short, month + day + short)
    yield from (short + day + month, year + month, month + year, year + day, day + year)
    yield from (month + day + month, day + month + day, month + day + day)
