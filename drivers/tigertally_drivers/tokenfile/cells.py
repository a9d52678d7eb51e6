"""The cells of a row of delimited text as the parts of a token, for every format made of rows.

Knows neither which column a cell was in nor how seeds are enciphered. Each function raises
BadCell, whose text says what it should be and never what it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, Literal

from tigertally_drivers.tokenfile.records import (
    FEWEST_DIGITS,
    HASHES,
    LAST_COUNTER,
    LONGEST_SEED,
    LONGEST_STEP_S,
    MOST_DIGITS,
    NO_END_MS,
    SHORTEST_SEED,
    Algorithm,
    HashName,
    plain_hash_name,
)

Encoding = Literal["auto", "hex", "base32", "base64", "dec"]

ALGORITHMS: Final[dict[str, Algorithm]] = {
    "hotp": "hotp",
    "event": "hotp",
    "totp": "totp",
    "time": "totp",
    "gm-sm3": "gm-sm3",
    "gm-sm4": "gm-sm4",
    "ocra": "ocra",
}
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_SUITE: Final = re.compile(r"OCRA-1:[!-~]{1,80}")
_NUMBER: Final = re.compile(r"\d{1,19}", re.ASCII)
_DECIMAL_BYTES: Final = re.compile(r"(?:25[0-5]|2[0-4]\d|[01]?\d?\d)", re.ASCII)
_DATES: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S")


class BadCell(ValueError):
    """What is wrong with one cell."""


def octets(text: str, encoding: Encoding) -> bytes:
    """Bytes written as hex, base32 or base64 (RFC 4648; case and padding of base32 don't matter),
    or as decimal numbers of bytes with blanks, commas or dots between them.
    """
    dense = text.replace(" ", "").replace("-", "")
    if encoding == "auto":
        encoding = "hex" if _HEX.fullmatch(dense) else "base32"
    try:
        match encoding:
            case "hex":
                return bytes.fromhex(dense)
            case "base32":
                bare = dense.rstrip("=").upper()
                return base64.b32decode(bare + "=" * (-len(bare) % 8))
            case "base64":
                return binascii.a2b_base64(text.replace(" ", ""), strict_mode=True)
            case _:
                return _decimal_bytes(text)
    except (ValueError, binascii.Error):
        raise BadCell(f"is not {encoding}") from None


def _decimal_bytes(text: str) -> bytes:
    parts = re.split(r"[ ,.]+", text)
    if not all(_DECIMAL_BYTES.fullmatch(part) for part in parts):
        raise BadCell("is not a row of decimal bytes")
    return bytes(map(int, parts))


def checked_seed(seed: bytes) -> bytes:
    """A seed of a length that a token can have."""
    if not SHORTEST_SEED <= len(seed) <= LONGEST_SEED:
        raise BadCell(f"must hold {SHORTEST_SEED} to {LONGEST_SEED} bytes")
    return seed


def algorithm(text: str) -> Algorithm:
    """By its name, or what its codes move by."""
    found = ALGORITHMS.get(text.lower())
    if found is None:
        raise BadCell(f"must be one of {', '.join(ALGORITHMS)}")
    return found


def hash_name(text: str, of: Algorithm) -> HashName:
    """Empty: the algorithm's own."""
    found = HASHES[of].get(plain_hash_name(text))
    if found is None:
        raise BadCell(f"must be one of {', '.join(filter(None, HASHES[of]))}")
    return found


def suite(text: str, of: Algorithm) -> str:
    """An OCRA suite for an OCRA token, nothing for others; what it says is not checked here."""
    if (of == "ocra") != bool(_SUITE.fullmatch(text)):
        raise BadCell("must be a suite like OCRA-1:HOTP-SHA1-6:QN08 for ocra, and empty otherwise")
    return text


def digits(text: str) -> int:
    """Length of a code."""
    return _number(text, FEWEST_DIGITS, MOST_DIGITS)


def step_s(text: str, of: Algorithm) -> int:
    """0 for counter-based tokens, whatever the cell says of it."""
    longest = LONGEST_STEP_S[of]
    return _number(text, 1, longest) if longest else 0


def counter(text: str) -> int:
    """The next counter."""
    return _number(text, 0, LAST_COUNTER)


def _number(text: str, low: int, high: int) -> int:
    if not _NUMBER.fullmatch(text) or not low <= int(text) <= high:
        raise BadCell(f"must be a number from {low} to {high}")
    return int(text)


@lru_cache(maxsize=256)  # a delivery has few different dates
def instant_ms(text: str, utc_offset_minutes: int, *, end: bool) -> int:
    """A date or time as ms since 1970; with `end`, a bare date includes that day. Empty: none."""
    if not text:
        return NO_END_MS if end else 0
    for form in _DATES:
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if "%H" not in form and end:
            moment += timedelta(days=1)
        if not form.endswith("Z"):
            moment = moment.replace(tzinfo=timezone(timedelta(minutes=utc_offset_minutes)))
        return min(max(int(moment.timestamp()) * 1000, 0), NO_END_MS)
    raise BadCell("must be a date like 2026-01-31")
