"""How long a text is as a short message: which alphabet it needs and how many parts it takes.

3GPP TS 23.038 section 6.2.1 (the GSM 7-bit alphabet and its extension table) and TS 23.040 section
9.2.3.24.1 (concatenation): 160 septets or 70 UCS-2 units in one part, 153 or 67 in each of several.
A character is never divided between parts: neither an escape pair of the extension table nor a
surrogate pair.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")


class Alphabet(NamedTuple):
    """One coding of short messages: units in a single part, and in each of several."""

    name: str
    single: int
    each: int


GSM_7: Final = Alphabet("gsm-7", 160, 153)
UCS_2: Final = Alphabet("ucs-2", 70, 67)


class Length(NamedTuple):
    """`units`: septets or 16-bit units in all."""

    alphabet: str
    units: int
    parts: int


def length_of(text: str) -> Length:
    """The length of a text; an empty one takes one part."""
    gsm = all(character in _BASIC or character in _EXTENSION for character in text)
    alphabet = GSM_7 if gsm else UCS_2
    costs = [_septets(c) for c in text] if gsm else [1 + (ord(c) > 0xFFFF) for c in text]
    units = sum(costs)
    return Length(alphabet.name, units, _parts(costs, units, alphabet))


def _septets(character: str) -> int:
    return 2 if character in _EXTENSION else 1


def _parts(costs: list[int], units: int, alphabet: Alphabet) -> int:
    if units <= alphabet.single:
        return 1
    parts, free = 1, alphabet.each
    for cost in costs:
        if cost > free:
            parts, free = parts + 1, alphabet.each
        free -= cost
    return parts
