"""The PIN that goes with a token: what is kept of it, and whether a given one is right.

Kept is a digest under a pepper, a data key that the database doesn't have: ten thousand or a
million possible PINs make any slow hash worthless, so the key is what protects them. Only where the
token's own computation takes the PIN (OCRA with P) is its plain hash kept, too, because nothing
else can stand in for it; the whole record lies sealed.

Pure: the keyed function, salt and owner are arguments. Nothing here is ever printed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Final

import msgspec

SHORTEST: Final = 4
LONGEST: Final = 12
SALT_BYTES: Final = 16
_SCHEME: Final = b"tigertally token PIN 1"

Peppered = Callable[[int, bytes], bytes]
"""The keyed function: (id of the pepper, octets) → 32 bytes."""


class TokenPin(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is kept.

    pepper     id of the key of the digest
    salt       random
    digest     keyed, of owner, salt and PIN
    hash_name  of the plain hash that the token's own computation takes; "" = none is kept
    hashed     that hash
    """

    pepper: int
    salt: bytes
    digest: bytes
    hash_name: str = ""
    hashed: bytes = b""

    def __repr__(self) -> str:
        return "TokenPin(«secret»)"


def is_pin(text: str) -> bool:
    """Digits, and neither too few nor too many."""
    return SHORTEST <= len(text) <= LONGEST and text.isascii() and text.isdigit()


def kept_pin(
    peppered: Peppered, pepper: int, owner: bytes, salt: bytes, pin: str, hash_name: str = ""
) -> TokenPin:
    """The record of a new PIN. `owner` names the customer, not the token: a replacement may carry
    the PIN over.
    """
    digest = peppered(pepper, _octets(owner, salt, pin))
    hashed = hashlib.new(hash_name, pin.encode()).digest() if hash_name else b""
    return TokenPin(pepper, salt, digest, hash_name, hashed)


def is_right(peppered: Peppered, kept: TokenPin, owner: bytes, pin: str) -> bool:
    """In constant time, as far as the PIN goes."""
    return hmac.compare_digest(peppered(kept.pepper, _octets(owner, kept.salt, pin)), kept.digest)


def _octets(owner: bytes, salt: bytes, pin: str) -> bytes:
    parts = (_SCHEME, owner, salt, pin.encode())
    return b"".join(len(part).to_bytes(2) + part for part in parts)
