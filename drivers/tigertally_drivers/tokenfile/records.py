"""What any token file is read into, and how reading one fails.

Knows no format. A record is what the manufacturer says about one token; it says nothing about who
owns it or how many failures the bank allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

NO_END_MS: Final = 253_402_300_799_000
"""9999-12-31T23:59:59Z: a validity that does not end."""

Algorithm = Literal["hotp", "totp", "gm-sm3"]
HashName = Literal["sha1", "sha256", "sha512", "sm3"]


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """One token of a token file.

    Attributes:
        serial: The manufacturer's serial number, unique in the file.
        algorithm: The form of its codes.
        hash: The hash under them.
        digits: Length of a code, 6 to 10.
        step_s: Seconds per time step; 0 for counter-based tokens.
        counter: The next counter; 0 for time-based tokens.
        seed: The secret; not in the repr.
        valid_from_ms: First instant of use, ms since 1970 UTC; 0 = no beginning.
        valid_to_ms: First instant after use; NO_END_MS = no end.
        issuer: Who issued the key, as the file has it; may be empty.
        line: Where in the file the token begins, for reports.
    """

    serial: str
    algorithm: Algorithm
    hash: HashName
    digits: int
    step_s: int
    counter: int
    seed: bytes = field(repr=False)
    valid_from_ms: int = 0
    valid_to_ms: int = NO_END_MS
    issuer: str = ""
    line: int = 0


class TokenFileError(ValueError):
    """The token file can't be used; says where and why, and never quotes the file.

    Attributes:
        line: Line of the fault, from 1.
        element: The element at fault, as a path.
        reason: What is wrong with it.
    """

    def __init__(self, line: int, element: str, reason: str) -> None:
        super().__init__(f"line {line}: {element}: {reason}")
        self.line = line
        self.element = element
        self.reason = reason
