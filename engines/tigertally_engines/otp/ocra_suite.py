"""The suite strings of OCRA (RFC 6287 section 6): what a token mixes into its answers.

    OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1-S064-T1M

Knows the grammar and nothing else. A parsed suite keeps its text, because the text itself is the
first input of every computation: two spellings of the same suite are two suites. Inputs come in the
order C, Q, P, S, T; Q is always there. `Q`, `P`, `S` and `T` without a length or kind mean the
defaults of section 6.3: QN08, PSHA1, S064, T1M.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

FULL_LENGTH: Final = 0  # "t = 0": the whole HMAC in hexadecimal
LONGEST_SESSION: Final = 512  # bytes; the largest of the RFC's typical values

_SUITE: Final = re.compile(
    r"OCRA-1:HOTP-SHA(?P<hash>1|256|512)-(?P<digits>0|[4-9]|10)"
    r":(?P<counter>C-)?"
    r"Q(?:(?P<form>[ANH])(?P<length>\d\d))?"
    r"(?P<pin>-P(?:SHA(?P<pin_hash>1|256|512))?)?"
    r"(?P<session>-S(?P<bytes>\d{3})?)?"
    r"(?P<time>-T(?:(?P<steps>\d{1,2})(?P<unit>[SMH]))?)?",
    re.ASCII,
)


class _Unit(NamedTuple):
    seconds: int
    most: int


_UNITS: Final = {"S": _Unit(1, 59), "M": _Unit(60, 59), "H": _Unit(3600, 48)}


class SuiteError(ValueError):
    """The text is no suite of RFC 6287; says which part isn't."""


class QuestionForm(StrEnum):
    """What a question is made of."""

    ALPHANUMERIC = "A"
    NUMERIC = "N"
    HEXADECIMAL = "H"


class OcraSuite(msgspec.Struct, frozen=True, gc=False):
    """One suite.

    text             as it was given; part of the computation
    hash             "sha1", "sha256" or "sha512"
    digits           of the answer, 4..10; 0 = the whole HMAC
    counter          whether the token's counter is an input
    form, length     kind and greatest length of a question
    pin_hash         hash of the PIN, or "" where none is an input
    session_bytes    length of the session information, 0 = none
    step_s           seconds of a time step, 0 = no time
    """

    text: str
    hash: str
    digits: int
    counter: bool
    form: QuestionForm
    length: int
    pin_hash: str = ""
    session_bytes: int = 0
    step_s: int = 0

    @property
    def fresh(self) -> bool:
        """Whether answers to the same question differ: a counter or the time is an input."""
        return self.counter or self.step_s > 0


@lru_cache(maxsize=1024)
def parse_suite(text: str) -> OcraSuite:
    """The suite of a text. Raises SuiteError."""
    found = _SUITE.fullmatch(text)
    if found is None:
        raise SuiteError("is no OCRA suite of RFC 6287")
    length = int(found["length"] or 8)
    if not 4 <= length <= 64:
        raise SuiteError("a question has 04 to 64 characters")
    return OcraSuite(
        text=text,
        hash="sha" + found["hash"],
        digits=int(found["digits"]),
        counter=found["counter"] is not None,
        form=QuestionForm(found["form"] or "N"),
        length=length,
        pin_hash="sha" + (found["pin_hash"] or "1") if found["pin"] else "",
        session_bytes=_session_bytes(found["bytes"]) if found["session"] else 0,
        step_s=_step_s(found["steps"], found["unit"]) if found["time"] else 0,
    )


def _session_bytes(text: str | None) -> int:
    count = int(text or 64)
    if not 1 <= count <= LONGEST_SESSION:
        raise SuiteError(f"session information has 001 to {LONGEST_SESSION} bytes")
    return count


def _step_s(count: str | None, unit: str | None) -> int:
    if count is None or unit is None:
        return _UNITS["M"].seconds
    seconds, most = _UNITS[unit]
    if not 1 <= int(count) <= most:
        raise SuiteError(f"a time step has 1 to {most} of its unit")
    return int(count) * seconds
