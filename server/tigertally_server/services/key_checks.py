"""Algorithms a key may be for: its length, what makes it weak, and its check value.

Check values are those other systems show for the same key, so that custodians and a partner's
department can compare: 3DES E_k(0), AES and SM4 CMAC over 16 zero bytes (ANSI X9.24-1 annex A),
HMAC keys the HMAC over a label of ours. Three bytes: they tell keys apart and tell nothing more.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

CHECK_BYTES: Final = 3
_LABEL: Final = b"tigertally check value"
_PARITY_ASIDE: Final = 0xFEFEFEFEFEFEFEFE
_DES_BLOCK: Final = 8


class BadKeyBytes(Exception):
    """Bytes that are no key of this algorithm; the text says why and shows none of them."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One row: allowed lengths in bytes, the whole check value."""

    lengths: range
    check: Callable[[bytes], bytes]


def _exactly(count: int) -> range:
    return range(count, count + 1)


def _cmac_zeros(cipher: AES | SM4) -> bytes:
    context = CMAC(cipher)
    context.update(bytes(16))
    return context.finalize()


def _aes(key: bytes) -> bytes:
    return _cmac_zeros(AES(key))


def _sm4(key: bytes) -> bytes:
    return _cmac_zeros(SM4(key))


def _des_parts(key: bytes) -> list[bytes]:
    return [key[i : i + _DES_BLOCK] for i in range(0, len(key), _DES_BLOCK)]


def _tdes(key: bytes) -> bytes:
    parts = _des_parts(key)
    bits = {int.from_bytes(part, "big") & _PARITY_ASIDE for part in parts}
    if len(bits) < len(parts):
        raise BadKeyBytes("parts of a 3DES key must differ: equal ones make it weaker")
    whole = b"".join(parts if len(parts) > 2 else [*parts, parts[0]])
    return Cipher(TripleDES(whole), modes.ECB()).encryptor().update(bytes(_DES_BLOCK))  # noqa: S305


def _hmac_sha256(key: bytes) -> bytes:
    return hmac.digest(key, _LABEL, "sha256")


def _hmac_sm3(key: bytes) -> bytes:
    context = HMAC(key, SM3())
    context.update(_LABEL)
    return context.finalize()


def _des(key: bytes) -> bytes:
    return Cipher(TripleDES(key * 3), modes.ECB()).encryptor().update(bytes(_DES_BLOCK))  # noqa: S305


def _of_pair(check: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Of two keys behind one another: both's, one XORed upon the other. Ours: no standard has
    one.
    """

    def both(key: bytes) -> bytes:
        first, second = key[:16], key[16:]
        if first == second:
            raise BadKeyBytes("the two keys of a pair must differ")
        return bytes(a ^ b for a, b in zip(check(first), check(second), strict=True))

    return both


ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    "des": Algorithm(_exactly(8), _des),
    "aes-128-pair": Algorithm(_exactly(32), _of_pair(_aes)),
    "sm4-pair": Algorithm(_exactly(32), _of_pair(_sm4)),
    "aes-128": Algorithm(_exactly(16), _aes),
    "aes-192": Algorithm(_exactly(24), _aes),
    "aes-256": Algorithm(_exactly(32), _aes),
    "sm4": Algorithm(_exactly(16), _sm4),
    "3des-112": Algorithm(_exactly(16), _tdes),
    "3des-168": Algorithm(_exactly(24), _tdes),
    "hmac-sha256": Algorithm(range(16, 65), _hmac_sha256),
    "hmac-sm3": Algorithm(range(16, 65), _hmac_sm3),
}


def check_value_of(algorithm: str, key: bytes) -> bytes:
    """The first three bytes. Raises BadKeyBytes where these bytes are no key of this algorithm."""
    row = ALGORITHMS.get(algorithm)
    if row is None:
        raise BadKeyBytes(f"no algorithm {algorithm!r}; there are {', '.join(ALGORITHMS)}")
    if len(key) not in row.lengths:
        wanted = " to ".join(map(str, sorted({row.lengths[0], row.lengths[-1]})))
        raise BadKeyBytes(f"a key for {algorithm} has {wanted} bytes, this one has {len(key)}")
    return row.check(key)[:CHECK_BYTES]
