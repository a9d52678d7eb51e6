"""A code sealed for the customer's app, so that whoever reads the text message can't read the code.

Form in the text: `TT1.` and, in URL-safe base64 without padding, nonce (12), ciphertext, tag (16).
Associated data: a label and the challenge's id, so that a code sealed for one challenge doesn't
open as another's. All characters are in the GSM 7-bit alphabet.

The app's key: 16 bytes for SM4-GCM, 16 or 32 for AES-GCM. The nonce is an argument and must be
random: one key seals far fewer than 2**32 codes (NIST SP 800-38D section 8.3).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
PREFIX: Final = "TT1."
_LABEL: Final = b"tigertally sealed code 1\0"
_CIPHERS: Final[dict[str, tuple[Callable[[bytes], CipherAlgorithm], tuple[int, ...]]]] = {
    "sm4-gcm": (SM4, (16,)),
    "aes-gcm": (AES, (16, 32)),
}
ALGORITHMS: Final = tuple(_CIPHERS)
SEALED_LENGTH: Final = len(PREFIX) + 51  # of a code of ten digits


class NotSealed(ValueError):
    """The text is no sealed code of this key and challenge; which of these is not said."""


class AppKey(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An app's key and what it is for."""

    algorithm: str
    key: bytes

    def __repr__(self) -> str:
        return f"AppKey({self.algorithm!r})"

    @property
    def usable(self) -> bool:
        """Whether the algorithm is known and the key has a length that it takes."""
        row = _CIPHERS.get(self.algorithm)
        return row is not None and len(self.key) in row[1]


def seal_code(app: AppKey, code: str, challenge_id: bytes, nonce: bytes) -> str:
    """The sealed code as it stands in the text."""
    encryptor = Cipher(_CIPHERS[app.algorithm][0](app.key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(_LABEL + challenge_id)
    sealed = encryptor.update(code.encode()) + encryptor.finalize()
    octets = nonce + sealed + encryptor.tag
    return PREFIX + base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def open_code(app: AppKey, text: str, challenge_id: bytes) -> str:
    """What the app does; raises NotSealed."""
    body = text.removeprefix(PREFIX)
    try:
        octets = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        nonce, tag = octets[:NONCE_BYTES], octets[-TAG_BYTES:]
        mode = modes.GCM(nonce, tag)
        decryptor = Cipher(_CIPHERS[app.algorithm][0](app.key), mode).decryptor()
        decryptor.authenticate_additional_data(_LABEL + challenge_id)
        code = decryptor.update(octets[NONCE_BYTES:-TAG_BYTES]) + decryptor.finalize()
        return code.decode("ascii")
    except (InvalidTag, ValueError, binascii.Error):
        raise NotSealed("not a sealed code of this key and challenge") from None
