"""What any token file is read into, and how reading one fails.

Knows no format. A record is what the manufacturer says about one token; it says nothing about who
owns it or how many failures the bank allows.

A reader gives `Item`s in the order of the file: a `TokenRecord` for each good token, a
`TokenFileError` for each bad one, so that a report can name all of them; it *raises* a
TokenFileError where the rest of the file can't be read. Whoever acts on records must have seen the
whole file without either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

NO_END_MS: Final = 253_402_300_799_000
"""9999-12-31T23:59:59Z: a validity that does not end."""

SHORTEST_SEED: Final = 16  # bytes; RFC 4226 R6, GM/T 0021, RFC 6030 section 10.1
LONGEST_SEED: Final = 128
LAST_COUNTER: Final = 2**63 - 2
FEWEST_DIGITS: Final = 6
MOST_DIGITS: Final = 10
DEFAULT_STEP_S: Final = 30
LONGEST_STEP_S: Final = {"hotp": 0, "totp": 120, "gm-sm3": 60, "gm-sm4": 60, "ocra": 0}
"""By algorithm; 0 = it has none, or its suite says."""

Algorithm = Literal["hotp", "totp", "gm-sm3", "gm-sm4", "ocra"]
HashName = Literal["sha1", "sha256", "sha512", "sm3"]

HASHES: Final[dict[Algorithm, dict[str, HashName]]] = {
    algorithm: {"": "sha1", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512", "sm3": "sm3"}
    for algorithm in ("hotp", "totp")
}
HASHES["gm-sm3"] = {"": "sm3", "sm3": "sm3"}
HASHES["gm-sm4"] = {"": "sm3", "sm3": "sm3", "sm4": "sm3"}
HASHES["ocra"] = {"": "sha1"}
"""By algorithm, what its hash may be called; "" = nothing said."""


class TokenRecord(msgspec.Struct, frozen=True, gc=False):
    """One token of a token file.

    Attributes:
        serial: The manufacturer's serial number.
        algorithm: The form of its codes.
        hash: The hash under them; of OCRA its suite says.
        digits: Length of a code, 6 to 10; 0 for OCRA: its suite says.
        step_s: Seconds per time step; 0 for counter-based tokens.
        counter: The next counter; 0 for time-based tokens.
        seed: The secret; not in the repr.
        valid_from_ms: First instant of use, ms since 1970 UTC; 0 = no beginning.
        valid_to_ms: First instant after use; NO_END_MS = no end.
        issuer: Who issued the key, as the file has it; may be empty.
        line: Where in the file the token begins, for reports.
        suite: How an OCRA token answers (RFC 6287 section 6); unchecked, empty for others.
    """

    serial: str
    algorithm: Algorithm
    hash: HashName
    digits: int
    step_s: int
    counter: int
    seed: bytes
    valid_from_ms: int = 0
    valid_to_ms: int = NO_END_MS
    issuer: str = ""
    line: int = 0
    suite: str = ""

    def __repr__(self) -> str:
        return f"TokenRecord({self.serial!r}, {self.algorithm}, line={self.line})"


class TokenFileError(ValueError):
    """The token file can't be used; says where and why, and never quotes the file.

    Attributes:
        line: Line of the fault, from 1.
        element: The element or column at fault.
        reason: What is wrong with it.
    """

    def __init__(self, line: int, element: str, reason: str) -> None:
        super().__init__(f"line {line}: {element}: {reason}")
        self.line = line
        self.element = element
        self.reason = reason


Item = TokenRecord | TokenFileError


def strictly(items: Iterable[Item]) -> Iterator[TokenRecord]:
    """The records, up to the first fault, which is raised."""
    for item in items:
        if isinstance(item, TokenFileError):
            raise item
        yield item


def plain_hash_name(text: str) -> str:
    """What is left of HMAC-SHA256, HmacSHA256, SHA-256 and SHA256, all of which are met."""
    return text.lower().replace("-", "").replace("_", "").removeprefix("hmac")
