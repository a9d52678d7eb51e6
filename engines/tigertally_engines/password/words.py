"""When two texts count as the same word: the forms in which passwords are compared with lists.

People vary a word by case, by look-alikes (p@ssw0rd), by what they hang on (Password2026!), by
writing it twice or backwards. Each variation is undone here, on the password and on the list alike,
so that one entry stands for all of them. Pure text; knows no policy.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Final

_LOOK_ALIKES: Final = str.maketrans("01345789!|$@+€", "oieastbgiisate")
# l and i look alike as well, and 1 stands for either.
_SAME: Final = str.maketrans("l", "i")
SHORTEST: Final = 3
"""Shorter words of an alphabet are in everything; Chinese ones count from two characters."""
SHORTEST_CHINESE: Final = 2
SHORTEST_NUMBER: Final = 6

_ROWS: Final = (
    "0123456789",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
)
_NEIGHBOURS: Final = frozenset(
    pair for row in _ROWS for line in (row, row[::-1]) for pair in pairwise(line)
)


def plain(text: str) -> str:
    """Without case and spelling."""
    return unicodedata.normalize("NFKC", text).casefold()


def alike(text: str) -> str:
    """One form for all texts that look alike: letters only, look-alikes as the letter."""
    letters = plain(text).translate(_LOOK_ALIKES).translate(_SAME)
    return "".join(filter(str.isalnum, letters))


def core(text: str) -> str:
    """Without the digits and signs hung on at either end."""
    return _cores(text)[0]


def _cores(text: str) -> tuple[str, str, str]:
    """Without what is hung on at both ends, in front, behind: what hangs there may also stand for
    a letter (1oveyou).
    """
    folded = plain(text)
    first = next((i for i, c in enumerate(folded) if c.isalpha()), len(folded))
    last = len(folded) - next((i for i, c in enumerate(reversed(folded)) if c.isalpha()), 0)
    return folded[first:last], folded[first:], folded[:last]


def once(text: str) -> str:
    """The part that the text repeats, or the text itself: passpass → pass."""
    period = (text + text).find(text, 1)
    return text[:period]


def forms(text: str) -> set[str]:
    """Every form of a password that a list is asked for."""
    inner = {form for form in map(alike, _cores(text)) if len(form) > SHORTEST}
    found = {alike(text), *inner}
    found |= {once(form) for form in found}
    return found | {form[::-1] for form in found}


def block_list(words: Iterable[str]) -> frozenset[str]:
    """A list in the form in which it is asked."""
    return frozenset(form for word in words for form in _listed_forms(word))


def _listed_forms(word: str) -> Iterator[str]:
    # A word that is nothing without its digits (a1234567) is listed whole, or its core would
    # refuse half of all passwords.
    inner = alike(core(word))
    yield alike(word)
    if len(inner) > SHORTEST + 1:
        yield inner


def contains_word(text: str, words: Iterable[str]) -> bool:
    """Whether one of these words, or its reverse, is a part of the text; blanks in a word also part
    it. Numbers count with any six of their digits in a row.
    """
    whole = alike(text)
    digits = "".join(filter(str.isdigit, text))
    for word in _parts(words):
        if word.isdigit() and len(word) >= SHORTEST_NUMBER:
            if shares_run(digits, word, SHORTEST_NUMBER):
                return True
            continue
        form = alike(word)
        if len(form) >= shortest_of(form) and (form in whole or form[::-1] in whole):
            return True
    return False


def _parts(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield from word.split()
        if " " in word:
            yield word


def shortest_of(word: str) -> int:
    """How long a word must be to count."""
    return SHORTEST if word.isascii() else SHORTEST_CHINESE


def shares_run(text: str, number: str, length: int) -> bool:
    """Whether `length` characters in a row of `number` stand in `text`, forwards or backwards."""
    return any(
        run in text or run[::-1] in text
        for run in (number[i : i + length] for i in range(len(number) - length + 1))
    )


def longest_run(text: str) -> int:
    """Length of the longest run of one character."""
    return _longest(text, lambda a, b: a == b)


def longest_sequence(text: str) -> int:
    """Length of the longest run of neighbours in the alphabet, in the digits or on a keyboard."""
    return _longest(plain(text), lambda a, b: (a, b) in _NEIGHBOURS)


def _longest(text: str, goes_on: Callable[[str, str], bool]) -> int:
    best = run = 1 if text else 0
    for a, b in pairwise(text):
        run = run + 1 if goes_on(a, b) else 1
        best = max(best, run)
    return best
