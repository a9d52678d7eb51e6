"""Message authentication codes: algorithms 1, 2, 3 and 5 of ISO/IEC 9797-1:2011 over any block
cipher, and HMAC (ISO/IEC 9797-2, RFC 2104).

| algorithm | what it is | key |
|---|---|---|
| 1 | CBC-MAC (GB/T 15852.1 algorithm 1) | one |
| 2 | CBC-MAC, last block enciphered again under K′ (EMAC) | two, or one: K′ = K ⊕ F0F0… |
| 3 | CBC-MAC under K, last block deciphered under K′, enciphered under K (X9.19 retail MAC) | two |
| 5 | CMAC (NIST SP 800-38B) | one |
| 16 | HMAC | HMAC key |

With a triple DES key of 16 bytes, 1 and 5 use triple DES; 2 and 3 use its halves as DES keys. Pure;
who may use what is the policy's matter.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hmac import HMAC

from tigertally_engines.crypto.ciphers import (
    KEY_ALGORITHMS,
    BlockCipher,
    NotOfKey,
    block_cipher,
    two_ciphers,
)
from tigertally_engines.crypto.padding import METHODS, NO_PADDING

SHORTEST_MAC: Final = 4
"""Bytes. Shorter ones are guessed (ISO/IEC 9797-1 annex C; NIST SP 800-38B §A.2)."""


class MacAlgorithm(IntEnum):
    """Numbers of the wire; of ISO/IEC 9797-1 where it has one."""

    CBC_MAC = 1
    EMAC = 2
    RETAIL = 3
    CMAC = 5
    HMAC = 16


OWN_PADDING: Final = frozenset({MacAlgorithm.CMAC, MacAlgorithm.HMAC})
_Compute = Callable[[bytes], bytes]


class MacKey:
    """A key made ready for one algorithm: computes whole MACs of padded data."""

    __slots__ = ("_block", "_compute", "longest")

    def __init__(self, algorithm: MacAlgorithm, key_algorithm: str, key: bytes) -> None:
        """Raises NotOfKey."""
        self._compute, self.longest = _MAKERS[algorithm](key_algorithm, key)
        self._block = self.longest

    def mac(self, data: bytes, padding: int, length: int) -> bytes:
        """The leftmost `length` bytes. Raises ValueError for a padding or length there isn't."""
        if not SHORTEST_MAC <= length <= self.longest:
            raise ValueError("length of the MAC")
        padded = data if padding == NO_PADDING else METHODS[padding](data, self._block)
        return self._compute(padded)[:length]

    def verify(self, data: bytes, padding: int, mac: bytes) -> bool:
        """In constant time. Raises as `mac`."""
        return hmac.compare_digest(self.mac(data, padding, len(mac)), mac)


def _cbc_mac(key_algorithm: str, key: bytes) -> tuple[_Compute, int]:
    cipher = block_cipher(key_algorithm, key)
    return cipher.last_of_chain, cipher.block_bytes


def _emac(key_algorithm: str, key: bytes) -> tuple[_Compute, int]:
    if KEY_ALGORITHMS[key_algorithm].half:
        first, second = two_ciphers(key_algorithm, key)
    else:
        first = block_cipher(key_algorithm, key)
        second = block_cipher(key_algorithm, bytes(octet ^ 0xF0 for octet in key))

    def compute(padded: bytes) -> bytes:
        return second.encrypt(first.last_of_chain(padded))

    return compute, first.block_bytes


def _retail(key_algorithm: str, key: bytes) -> tuple[_Compute, int]:
    first, second = two_ciphers(key_algorithm, key)

    def compute(padded: bytes) -> bytes:
        return first.encrypt(second.decrypt(first.last_of_chain(padded)))

    return compute, first.block_bytes


def _cmac(key_algorithm: str, key: bytes) -> tuple[_Compute, int]:
    cipher: BlockCipher = block_cipher(key_algorithm, key)
    keyed = CMAC(cipher.algorithm)

    def compute(data: bytes) -> bytes:
        one = keyed.copy()
        one.update(data)
        return one.finalize()

    return compute, cipher.block_bytes


def _hmac(key_algorithm: str, key: bytes) -> tuple[_Compute, int]:
    made = KEY_ALGORITHMS[key_algorithm].hash_
    if made is None:
        raise NotOfKey(f"{key_algorithm} is no HMAC key")
    keyed = HMAC(key, made())

    def compute(data: bytes) -> bytes:
        one = keyed.copy()
        one.update(data)
        return one.finalize()

    return compute, made().digest_size


_MAKERS: Final = {
    MacAlgorithm.CBC_MAC: _cbc_mac,
    MacAlgorithm.EMAC: _emac,
    MacAlgorithm.RETAIL: _retail,
    MacAlgorithm.CMAC: _cmac,
    MacAlgorithm.HMAC: _hmac,
}
