"""Checkpoint keys held in memory, and what a sealed key file holds of them.

32 bytes are an Ed25519 key; ``sm2`` 0x00 and 32 bytes are an SM2 key. Knows no file and no HSM
(``app.signers``).
"""

from __future__ import annotations

from typing import Final

from tigertally_drivers.gm.opening import SCALAR_ENTROPY_BYTES, open_sm2, scalar_of
from tigertally_drivers.gm.port import Sm2PrivateKey
from tigertally_drivers.ports import Entropy
from tigertally_server.audit.note import Algorithm, NoteSigner

_SM2_MARK: Final = b"sm2\x00"


class Sm2SigningKey:
    """An SM2 key in memory. ``repr`` shows no key."""

    def __init__(self, key: Sm2PrivateKey) -> None:
        self._key = key

    @property
    def public_key(self) -> bytes:
        return self._key.public.point

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)


def note_signer(secret: bytes) -> NoteSigner:
    """Return the signer of a key file's opened contents. Raises drivers' errors."""
    if secret.startswith(_SM2_MARK) and len(secret) == len(_SM2_MARK) + 32:
        return NoteSigner(Sm2SigningKey(open_sm2().sm2.private_key(secret[len(_SM2_MARK) :])))
    return NoteSigner(secret)


def new_secret(algorithm: Algorithm, entropy: Entropy) -> bytes:
    """Return what a key file holds of a fresh key."""
    if algorithm is Algorithm.SM2:
        return _SM2_MARK + scalar_of(entropy.token_bytes(SCALAR_ENTROPY_BYTES))
    return entropy.token_bytes(32)
