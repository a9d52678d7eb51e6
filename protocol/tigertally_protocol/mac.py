"""A frame's MAC: sixteen bytes over header and body.

One `MacKey` per session, generation and direction is made once and its keyed state copied for every
frame: 1 µs against 3 for a new one. X9.19 (ISO/IEC 9797-1 algorithm 3, padding 1) fills eight
bytes; the other eight are zero and are compared too.

Knows nothing of frames; comparisons take constant time.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Any, Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hmac import HMAC

from tigertally_protocol.blocks import DES_BLOCK, bare, des_halves, two_key_3des
from tigertally_protocol.constants import MAC_LENGTH
from tigertally_protocol.errors import BadKey
from tigertally_protocol.suites import MacAlgorithm

_DES_ZEROS: Final = bytes(DES_BLOCK)


class RetailMac:
    """ANSI X9.19: DES-CBC under K1, the last block finished with triple DES.

    Args:
        key: 16 bytes, K1 ≠ K2. Raises `BadKey`.

    Both cipher contexts live as long as the key. The CBC one can't be set back to IV 0, so the next
    message's first block is XORed with the last ciphertext block, which cancels the chain.
    """

    __slots__ = ("_cbc", "_ede", "_last")

    def __init__(self, key: bytes) -> None:
        k1, _ = des_halves(key)
        self._ede = bare(two_key_3des(key)).encryptor()
        self._cbc = Cipher(TripleDES(k1 * 3), modes.CBC(_DES_ZEROS)).encryptor()
        self._last = 0

    def compute(self, data: bytes) -> bytes:
        """The 8-byte MAC of `data`, zero-padded to whole blocks (padding 1)."""
        data += bytes(-len(data) % DES_BLOCK) if data else _DES_ZEROS
        chain = 0
        if len(data) > DES_BLOCK:
            first = int.from_bytes(data[:DES_BLOCK], "big") ^ self._last
            chained = self._cbc.update(
                first.to_bytes(DES_BLOCK, "big") + data[DES_BLOCK:-DES_BLOCK]
            )
            chain = self._last = int.from_bytes(chained[-DES_BLOCK:], "big")
        final = int.from_bytes(data[-DES_BLOCK:], "big") ^ chain
        return self._ede.update(final.to_bytes(DES_BLOCK, "big"))


def _keyed(algorithm: MacAlgorithm, key: bytes) -> Any:
    """A fresh `HMAC` or `CMAC` context: both copy, update and finalize alike."""
    match algorithm:
        case MacAlgorithm.HMAC_SHA256:
            return HMAC(key, hashes.SHA256())
        case MacAlgorithm.HMAC_SM3:
            return HMAC(key, hashes.SM3())
        case MacAlgorithm.AES_CMAC:
            return CMAC(AES(key))
        case MacAlgorithm.SM4_CMAC:
            return CMAC(SM4(key))
        case MacAlgorithm.X9_19:
            raise AssertionError("X9.19 has a class of its own")


_KEY_BYTES: Final = {
    MacAlgorithm.HMAC_SHA256: 32,
    MacAlgorithm.HMAC_SM3: 32,
    MacAlgorithm.AES_CMAC: 16,
    MacAlgorithm.SM4_CMAC: 16,
    MacAlgorithm.X9_19: 16,
}


class MacKey:
    """One direction's MAC key, ready for use. Its repr shows nothing of it.

    Raises:
        BadKey: wrong length, or equal halves with X9.19.
    """

    __slots__ = ("_copy", "_retail")

    def __init__(self, algorithm: MacAlgorithm, key: bytes) -> None:
        if len(key) != _KEY_BYTES[algorithm]:
            raise BadKey(f"a key for {algorithm} has {_KEY_BYTES[algorithm]} bytes")
        self._retail = RetailMac(key) if algorithm is MacAlgorithm.X9_19 else None
        self._copy = None if self._retail else _keyed(algorithm, key).copy

    def tag(self, data: bytes) -> bytes:
        """The 16 bytes that follow `data` in a frame."""
        if self._copy is not None:
            context = self._copy()
            context.update(data)
            tag: bytes = context.finalize()
            return tag[:MAC_LENGTH]
        assert self._retail is not None
        return self._retail.compute(data) + _DES_ZEROS

    def verify(self, data: bytes, tag: bytes) -> bool:
        """Whether `tag`, all 16 bytes of it, is right; in constant time."""
        return compare_digest(self.tag(data), tag)
