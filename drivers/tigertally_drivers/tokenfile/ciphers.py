"""Deciphering under a transport key: the modes that token files use, made to be called very often.

Knows no file format. A cipher object is made once per key; CBC is done on one long-lived ECB
context and one exclusive-or over the whole value, a sixth of the price of a context per value.
Every failure is the one `CannotDecipher`, whose text holds neither key nor value.
"""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_unwrap_with_padding,
)

GCM_NONCE: Final = 12  # bytes; XML Encryption 1.1 section 5.2.4


class CannotDecipher(ValueError):
    """The value does not open under this key; says no more than why."""


class Decipher(Protocol):
    """One key and mode. `open` raises CannotDecipher."""

    def open(self, sealed: bytes) -> bytes: ...


class Blocks:
    """Raw blocks of one block cipher under one key, without padding."""

    __slots__ = ("_context", "size")

    def __init__(self, cipher: str, key: bytes) -> None:
        """Raises CannotDecipher for a key of a wrong length."""
        kind = BLOCK_CIPHERS[cipher]
        if len(key) not in kind.key_bytes:
            wanted = " or ".join(map(str, kind.key_bytes))
            raise CannotDecipher(f"the key must have {wanted} bytes")
        self.size = kind.block_bytes
        context = Cipher(_algorithm(cipher, key), modes.ECB()).decryptor()  # noqa: S305 - as the file has it
        self._context: CipherContext = context

    def ecb(self, data: bytes) -> bytes:
        """Each block by itself. Raises CannotDecipher."""
        if not data or len(data) % self.size:
            raise CannotDecipher(f"the value is not made of blocks of {self.size} bytes")
        return self._context.update(data)

    def cbc(self, iv: bytes, data: bytes) -> bytes:
        """Cipher block chaining. Raises CannotDecipher."""
        if len(iv) != self.size:
            raise CannotDecipher(f"the initial vector must have {self.size} bytes")
        plain = int.from_bytes(self.ecb(data), "big")
        chain = int.from_bytes((iv + data)[: len(data)], "big")
        return (plain ^ chain).to_bytes(len(data), "big")


class BlockCipher(NamedTuple):
    """What a block cipher's keys and blocks may be."""

    block_bytes: int
    key_bytes: tuple[int, ...]


BLOCK_CIPHERS: Final = {
    "aes": BlockCipher(16, (16, 24, 32)),
    "3des": BlockCipher(8, (16, 24)),
    "sm4": BlockCipher(16, (16,)),
}


def _algorithm(cipher: str, key: bytes) -> algorithms.AES | algorithms.SM4 | TripleDES:
    match cipher:
        case "aes":
            return algorithms.AES(key)
        case "sm4":
            return algorithms.SM4(key)
        case _:
            return TripleDES(key if len(key) == 24 else key + key[:8])


def unpadded(data: bytes, block: int) -> bytes:
    """Without the padding of XML Encryption section 5.2: the last byte tells how many; what the
    others hold is left open there, so PKCS #7 is a case of it. Raises CannotDecipher.
    """
    count = data[-1]
    if not 1 <= count <= block:
        raise CannotDecipher("it does not end as a deciphered value does: a wrong key?")
    return data[:-count]


class CbcDecipher:
    """AES or 3DES in CBC mode, the initial vector in front, padded: XML Encryption section 5.2."""

    def __init__(self, cipher: str, key: bytes) -> None:
        self._blocks = Blocks(cipher, key)

    def open(self, sealed: bytes) -> bytes:
        size = self._blocks.size
        return unpadded(self._blocks.cbc(sealed[:size], sealed[size:]), size)


class GcmDecipher:
    """AES-GCM, the nonce in front and the tag behind: XML Encryption 1.1 section 5.2.4."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def open(self, sealed: bytes) -> bytes:
        try:
            return self._aead.decrypt(sealed[:GCM_NONCE], sealed[GCM_NONCE:], None)
        except (InvalidTag, ValueError):
            raise CannotDecipher("wrong key or altered value") from None


class KeyUnwrap:
    """AES key wrap (RFC 3394), or with padding (RFC 5649)."""

    def __init__(self, key: bytes, *, padded: bool) -> None:
        self._key = key
        self._unwrap = aes_key_unwrap_with_padding if padded else aes_key_unwrap

    def open(self, sealed: bytes) -> bytes:
        try:
            return self._unwrap(self._key, sealed)
        except (InvalidUnwrap, ValueError):
            raise CannotDecipher("wrong key or altered value") from None


class RsaDecipher:
    """RSA key transport: XML Encryption section 5.4, with OAEP (SHA-1 as there) or version 1.5.

    With version 1.5 a wrong key may give a random value instead of a failure; whoever uses it must
    know by other means that the key is the right one.
    """

    def __init__(self, key: RSAPrivateKey, *, oaep: bool) -> None:
        self._key = key
        mask = padding.MGF1(SHA1())  # noqa: S303 - as the standard has it; nothing rests on collisions
        self._padding: padding.AsymmetricPadding = (
            padding.OAEP(mask, SHA1(), None) if oaep else padding.PKCS1v15()  # noqa: S303
        )

    def open(self, sealed: bytes) -> bytes:
        try:
            return self._key.decrypt(sealed, self._padding)
        except ValueError:
            raise CannotDecipher("wrong key or altered value") from None
