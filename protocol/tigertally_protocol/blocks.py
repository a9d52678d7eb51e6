"""Block ciphers one block at a time, and two-key triple DES with its rule that the halves differ.

ECB is only a way to reach the bare cipher: key wrap, check values, IVs and the end of a retail MAC
are built from it; nothing of a message is ever enciphered with it.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes

from tigertally_protocol.errors import BadKey

DES_BLOCK: Final = 8
# DES ignores the lowest bit of each key byte (parity), so keys that differ there only are the same.
_DES_KEY_BITS: Final = 0xFEFEFEFEFEFEFEFE


def bare(algorithm: BlockCipherAlgorithm) -> Cipher[modes.ECB]:
    """The cipher itself, block by block."""
    return Cipher(algorithm, modes.ECB())  # noqa: S305  # see the module's text


def des_halves(key: bytes) -> tuple[bytes, bytes]:
    """K1 and K2 of a two-key triple DES key.

    Raises:
        BadKey: not 16 bytes, or K1 = K2, which would be single DES.
    """
    if len(key) != 2 * DES_BLOCK:
        raise BadKey("a two-key 3DES key has 16 bytes")
    k1, k2 = key[:DES_BLOCK], key[DES_BLOCK:]
    if (int.from_bytes(k1, "big") ^ int.from_bytes(k2, "big")) & _DES_KEY_BITS == 0:
        raise BadKey("the halves of a two-key 3DES key must differ")
    return k1, k2


def two_key_3des(key: bytes) -> TripleDES:
    """Two-key triple DES (EDE, K1 K2 K1); raises `BadKey` as `des_halves`."""
    k1, k2 = des_halves(key)
    return TripleDES(k1 + k2 + k1)
