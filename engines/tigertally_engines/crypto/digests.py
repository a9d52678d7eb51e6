"""Digests without a key, by number."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives.hashes import (
    SHA1,
    SHA256,
    SHA384,
    SHA512,
    SM3,
    Hash,
    HashAlgorithm,
)


class DigestAlgorithm(IntEnum):
    """Numbers of the wire."""

    SHA256 = 1
    SHA384 = 2
    SHA512 = 3
    SM3 = 4
    SHA1 = 5


_HASHES: Final[dict[DigestAlgorithm, type[HashAlgorithm]]] = {
    DigestAlgorithm.SHA256: SHA256,
    DigestAlgorithm.SHA384: SHA384,
    DigestAlgorithm.SHA512: SHA512,
    DigestAlgorithm.SM3: SM3,
    DigestAlgorithm.SHA1: SHA1,
}


def digest(algorithm: DigestAlgorithm, data: bytes) -> bytes:
    """20 to 64 bytes."""
    context = Hash(_HASHES[algorithm]())  # SHA-1 is for the policy to refuse
    context.update(data)
    return context.finalize()
