"""Which characters may stand in a text that a customer reads and decides upon.

What is refused can make a text look like another one: control and format characters, line breaks,
characters that show nothing, scripts written from right to left (they reorder their neighbours),
piles of combining marks, and the quotation marks that end a value.
"""

from __future__ import annotations

import unicodedata
from typing import Final

QUOTES: Final = '「」"'
_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI"})
_BLANKS: Final = frozenset({" ", "\u3000"})
_SHOW_NOTHING: Final = frozenset(
    {
        "\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0",
        *map(chr, range(0x180B, 0x1810)),
        *map(chr, range(0xFE00, 0xFE10)),
        *map(chr, range(0xE0100, 0xE01F0)),
    }
)  # fmt: skip
_MARKS_MAX: Final = 2


def is_readable(text: str) -> bool:
    """Whether everybody reads the same in it."""
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in _CATEGORIES or character in _SHOW_NOTHING or character in QUOTES:
            return False
        if category == "Zs" and character not in _BLANKS:
            return False
        if unicodedata.bidirectional(character) in _RIGHT_TO_LEFT:
            return False
        marks = marks + 1 if category.startswith("M") else 0
        if marks > _MARKS_MAX:
            return False
    return True


def normal(text: str) -> str:
    """The one spelling of a text: composed characters (NFC), single blanks, none at the ends."""
    return " ".join(filter(None, unicodedata.normalize("NFC", text).split(" ")))
