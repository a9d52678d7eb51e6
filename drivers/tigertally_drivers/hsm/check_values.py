"""Check values of keys: six hexadecimal digits that tell two keys apart, alike in every driver, so
that a key that was carried from one device to another is recognised.
"""

from __future__ import annotations

import hashlib
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

DIGITS: Final = 6
_OCTETS: Final = DIGITS // 2
MAC_CHECK_LABEL: Final = b"tigertally key check value"
"""An HMAC key's check value begins its MAC of this."""


def of_aes_key(key: bytes) -> str:
    """The first octets of the enciphered block of zeros (ANSI X9.24; PKCS #11 CKA_CHECK_VALUE)."""
    encryptor = Cipher(AES(key), ECB()).encryptor()  # noqa: S305 - one block of zeros, by definition
    return encryptor.update(bytes(16))[:_OCTETS].hex()


def of_mac(mac: bytes) -> str:
    """Of an HMAC key: `mac` is that of `MAC_CHECK_LABEL`."""
    return mac[:_OCTETS].hex()


def of_public_key(public: bytes) -> str:
    """Of a pair: the beginning of its public half's SHA-256."""
    return hashlib.sha256(public).digest()[:_OCTETS].hex()
