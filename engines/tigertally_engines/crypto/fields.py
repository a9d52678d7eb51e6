"""Fields enciphered and deciphered: GCM, CBC and ECB over any block cipher that has them.

| mode | form of what is enciphered | guards against change |
|---|---|---|
| 1 GCM | nonce (12) ‖ ciphertext ‖ tag (16); binds `aad` (NIST SP 800-38D) | yes |
| 2 CBC | IV (one block) ‖ ciphertext, PKCS #7 | no |
| 3 ECB | ciphertext, PKCS #7 | no; equal blocks show |

`fresh` is the nonce or IV, an argument: unpredictable, never the same twice under one key. Whatever
is wrong with what shall be deciphered, there is one answer and no other sign.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from tigertally_engines.crypto.ciphers import BlockCipher, NotOfKey
from tigertally_engines.crypto.padding import emptied, filled

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
FRESH_BYTES: Final = 16
"""Enough for the nonce or IV of every mode; the front of it is used."""
_GCM_BLOCK: Final = 16


class Mode(IntEnum):
    """Numbers of the wire."""

    GCM = 1
    CBC = 2
    ECB = 3


class DoesNotOpen(Exception):
    """Not enciphered in this mode under this key, or changed since; which of these is not said."""


def encipher(cipher: BlockCipher, mode: Mode, plain: bytes, aad: bytes, fresh: bytes) -> bytes:
    """Raises NotOfKey for GCM with blocks of 8 bytes, or for `aad` in a mode that binds none."""
    _check(cipher, mode, aad)
    if mode is Mode.GCM:
        nonce = fresh[:NONCE_BYTES]
        encryptor = Cipher(cipher.algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(aad)
        enciphered = encryptor.update(plain) + encryptor.finalize()
        return nonce + enciphered + encryptor.tag
    padded = filled(plain, cipher.block_bytes)
    if mode is Mode.ECB:
        return cipher.encrypt(padded)
    initial = fresh[: cipher.block_bytes]
    return initial + Cipher(cipher.algorithm, modes.CBC(initial)).encryptor().update(padded)


def decipher(cipher: BlockCipher, mode: Mode, enciphered: bytes, aad: bytes) -> bytes:
    """Raises DoesNotOpen, NotOfKey as `encipher`."""
    _check(cipher, mode, aad)
    plain = _gcm(cipher, enciphered, aad) if mode is Mode.GCM else _blocks(cipher, mode, enciphered)
    if plain is None:
        raise DoesNotOpen
    return plain


def _check(cipher: BlockCipher, mode: Mode, aad: bytes) -> None:
    if mode is Mode.GCM and cipher.block_bytes != _GCM_BLOCK:
        raise NotOfKey("GCM needs blocks of 16 bytes")
    if aad and mode is not Mode.GCM:
        raise NotOfKey("only GCM binds associated data")


def _gcm(cipher: BlockCipher, enciphered: bytes, aad: bytes) -> bytes | None:
    nonce, tag = enciphered[:NONCE_BYTES], enciphered[NONCE_BYTES:][-TAG_BYTES:]
    if len(enciphered) < NONCE_BYTES + TAG_BYTES:
        return None
    decryptor = Cipher(cipher.algorithm, modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(aad)
    try:
        plain = decryptor.update(enciphered[NONCE_BYTES:-TAG_BYTES])
        return plain + decryptor.finalize()
    except InvalidTag:
        return None


def _blocks(cipher: BlockCipher, mode: Mode, enciphered: bytes) -> bytes | None:
    block = cipher.block_bytes
    initial, body = (
        (b"", enciphered) if mode is Mode.ECB else (enciphered[:block], enciphered[block:])
    )
    if not body or len(body) % block:
        return None
    if mode is Mode.ECB:
        return emptied(cipher.decrypt(body), block)
    decryptor = Cipher(cipher.algorithm, modes.CBC(initial)).decryptor()
    return emptied(decryptor.update(body), block)
