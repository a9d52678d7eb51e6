"""Block ciphers and keyed hashes that working keys are for: one row each, with the strength that
may be claimed for it.

`strength` in bits is what NIST SP 800-57 part 1 rev. 5 table 2 says (two-key triple DES 80); what
is below the policy's is refused. A *pair* is two independent keys of one cipher, K ‖ K′, for the
MAC algorithms that need two (ISO/IEC 9797-1); a triple DES key of 16 bytes serves these as two
single DES keys. Knows no record and no owner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm

_DES_BYTES: Final = 8


class NotOfKey(Exception):
    """The key's algorithm can't do what is asked. Holds no key byte."""


def _des(key: bytes) -> BlockCipherAlgorithm:
    return TripleDES(key * 3)


def _tdes(key: bytes) -> BlockCipherAlgorithm:
    return TripleDES(key if len(key) == 3 * _DES_BYTES else key + key[:_DES_BYTES])


@dataclass(frozen=True, slots=True)
class KeyAlgorithm:
    """One row. Lengths in bytes; `cipher` or `hash_` is None; `half`: what one of the two keys of a
    pair is, "" where the key is one.
    """

    name: str
    lengths: range
    strength: int
    cipher: Callable[[bytes], BlockCipherAlgorithm] | None = None
    hash_: type[HashAlgorithm] | None = None
    half: str = ""


def _exactly(count: int) -> range:
    return range(count, count + 1)


_ROWS: Final = (
    KeyAlgorithm("des", _exactly(8), 56, _des),
    KeyAlgorithm("3des-112", _exactly(16), 80, _tdes, half="des"),
    KeyAlgorithm("3des-168", _exactly(24), 112, _tdes),
    KeyAlgorithm("aes-128", _exactly(16), 128, AES),
    KeyAlgorithm("aes-192", _exactly(24), 192, AES),
    KeyAlgorithm("aes-256", _exactly(32), 256, AES),
    KeyAlgorithm("sm4", _exactly(16), 128, SM4),
    KeyAlgorithm("aes-128-pair", _exactly(32), 128, half="aes-128"),
    KeyAlgorithm("sm4-pair", _exactly(32), 128, half="sm4"),
    KeyAlgorithm("hmac-sha256", range(16, 65), 128, hash_=SHA256),
    KeyAlgorithm("hmac-sm3", range(16, 65), 128, hash_=SM3),
)
KEY_ALGORITHMS: Final = {row.name: row for row in _ROWS}


class BlockCipher:
    """One key, its cipher made once: making one costs ten times what a block does. Not shared
    between threads.
    """

    __slots__ = ("_algorithm", "_decryptor", "_encryptor", "block_bytes")

    def __init__(self, algorithm: BlockCipherAlgorithm) -> None:
        self._algorithm = algorithm
        self.block_bytes = algorithm.block_size // 8
        whole = Cipher(algorithm, modes.ECB())  # noqa: S305 - single blocks, chained by the caller
        self._encryptor, self._decryptor = whole.encryptor(), whole.decryptor()

    def encrypt(self, blocks: bytes) -> bytes:
        """Each block by itself; whole blocks only."""
        return self._encryptor.update(blocks)

    def decrypt(self, blocks: bytes) -> bytes:
        """The inverse."""
        return self._decryptor.update(blocks)

    def last_of_chain(self, data: bytes) -> bytes:
        """The last block of CBC from a block of zeros: what the CBC-MACs are made of."""
        chain = Cipher(self._algorithm, modes.CBC(bytes(self.block_bytes))).encryptor()
        return chain.update(data)[-self.block_bytes :]

    @property
    def algorithm(self) -> BlockCipherAlgorithm:
        """For modes that are the library's own."""
        return self._algorithm


def block_cipher(algorithm: str, key: bytes) -> BlockCipher:
    """Raises NotOfKey for a keyed hash or a pair."""
    make = KEY_ALGORITHMS[algorithm].cipher
    if make is None:
        raise NotOfKey(f"{algorithm} is no block cipher")
    return BlockCipher(make(key))


def two_ciphers(algorithm: str, key: bytes) -> tuple[BlockCipher, BlockCipher]:
    """K and K′ of a pair. Raises NotOfKey for a key that is one."""
    half = KEY_ALGORITHMS[algorithm].half
    if not half:
        raise NotOfKey(f"{algorithm} is one key, two are needed")
    middle = len(key) // 2
    return block_cipher(half, key[:middle]), block_cipher(half, key[middle:])
