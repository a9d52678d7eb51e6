"""Filling data up to whole blocks: the three methods of ISO/IEC 9797-1 §6.3 for MACs, and PKCS #7
for field encryption.

Method 1: zeros, none where the data are whole (ambiguous: data with and without trailing zeros give
the same). Method 2: one bit 1, then zeros. Method 3: as 1, with the length in bits as a block in
front.
"""

from __future__ import annotations

from typing import Final

NO_PADDING: Final = 0
"""CMAC and HMAC have padding of their own."""


def zeros(data: bytes, block: int) -> bytes:
    """Method 1; nothing becomes one block."""
    return data + bytes(-len(data) % block) if data else bytes(block)


def one_and_zeros(data: bytes, block: int) -> bytes:
    """Method 2."""
    return zeros(data + b"\x80", block)


def length_in_front(data: bytes, block: int) -> bytes:
    """Method 3."""
    return (8 * len(data)).to_bytes(block) + (zeros(data, block) if data else b"")


METHODS: Final = {1: zeros, 2: one_and_zeros, 3: length_in_front}


def filled(data: bytes, block: int) -> bytes:
    """PKCS #7 (RFC 5652 §6.3)."""
    count = block - len(data) % block
    return data + bytes((count,)) * count


def emptied(padded: bytes, block: int) -> bytes | None:
    """The data under PKCS #7, None where the padding is wrong. Looks at the same bytes whatever is
    wrong, so that the time tells nothing.
    """
    count = padded[-1]
    wrong = count < 1 or count > block
    differs = 0
    for place, octet in enumerate(reversed(padded[-block:])):
        differs |= (octet ^ count) if place < count else 0
    return None if wrong or differs else padded[:-count]
