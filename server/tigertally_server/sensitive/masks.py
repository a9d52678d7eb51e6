"""How a sensitive value is shown where it must be told apart but not read: one mask per kind.

Pure text. A number loses four characters at least, and a short one everything but its end; stars
don't tell how many they stand for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

HIDDEN: Final = "«secret»"
STARS: Final = "****"
_PAN_LENGTH: Final = 13
"""From here on a number may be a card's: ISO/IEC 7812 numbers have 13 to 19 digits."""

Mask = Callable[[str], str]


def hide(text: str) -> str:
    """Nothing of it, not even whether there is any."""
    del text
    return HIDDEN


def phone(text: str) -> str:
    """138****5678: the operator's prefix and the last four digits."""
    if len(text) < 11:
        return STARS + text[-2:] if len(text) > 5 else STARS
    return text[:-8] + STARS + text[-4:]


def number(text: str) -> str:
    """A customer's number: ****45, and from eight characters on 62****45."""
    if len(text) < 8:
        return STARS + text[-2:] if len(text) > 4 else STARS
    return text[:2] + STARS + text[-2:]


def account(text: str) -> str:
    """A card's or an account's number: 622202****2345, at most what PCI DSS 3.4.1 lets a screen
    show; a shorter one only its last four digits.
    """
    if len(text) >= _PAN_LENGTH:
        return text[:6] + STARS + text[-4:]
    return STARS + text[-4:] if len(text) > 8 else STARS


def name(text: str) -> str:
    """A person's or a firm's: 张**, Z***."""
    if not text:
        return ""
    wide = unicodedata.east_asian_width(text[0]) in "WF"
    return text[0] + ("**" if wide else "***") if len(text) > 1 else "*"


def address(text: str) -> str:
    """An IP address's network: 203.0.*.*, 2001:db8:*."""
    if ":" in text:
        return ":".join(text.split(":")[:2]) + ":*"
    parts = text.split(".")
    return ".".join(parts[:2]) + ".*.*" if len(parts) == 4 else STARS


def words(text: str) -> str:
    """A free text: only that there is one."""
    return STARS if text else ""


def plain(text: str) -> str:
    """Shown as it stands."""
    return text
