"""SM2 (GB/T 32918) as the rest of the product may use it: keys that sign, verify, encipher and
decipher; what stands behind them is chosen once, at the start (`opening.open_sm2`).

Signatures are r ‖ s, 64 bytes, as GM/T 0009 keeps them outside ASN.1; public keys are the
uncompressed point 04 ‖ x ‖ y, 65 bytes; ciphertexts are C1 ‖ C3 ‖ C2 (GB/T 32918.4-2016). The forms
of other makers (DER, C1C2C3) are converted by `forms`. Synchronous and thread-safe; a private key's
bytes never leave it.
"""

from __future__ import annotations

from typing import Final, Protocol

DEFAULT_ID: Final = b"1234567812345678"
"""The signer's identity where nothing else was agreed (GM/T 0009 §10). An empty identity is
another one, and gives other signatures.
"""
LONGEST_ID: Final = (
    0xFFFF // 8 - 1
)  # bytes; libcrypto takes no more, though ZA could count one more
POINT_BYTES: Final = 65
SCALAR_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
CIPHERTEXT_OVERHEAD: Final = POINT_BYTES + 32


class Sm2PublicKey(Protocol):
    """The half that everybody may have."""

    @property
    def point(self) -> bytes:
        """04 ‖ x ‖ y."""
        ...

    def verify(self, message: bytes, signature: bytes, signer_id: bytes = DEFAULT_ID) -> bool:
        """Whether the signature is this key's over this message. False, not an error, for one
        that is malformed: a wrong proof is an outcome.
        """
        ...

    def encrypt(self, plain: bytes) -> bytes:
        """C1 ‖ C3 ‖ C2 of one byte or more. Raises Rejected for nothing, Unavailable where the
        implementation verifies only.
        """
        ...


class Sm2PrivateKey(Protocol):
    """The half that one party has."""

    @property
    def public(self) -> Sm2PublicKey: ...

    def sign(self, message: bytes, signer_id: bytes = DEFAULT_ID) -> bytes:
        """r ‖ s."""
        ...

    def decrypt(self, ciphertext: bytes) -> bytes:
        """The text of C1 ‖ C3 ‖ C2. Raises Rejected, with one text for every reason."""
        ...


class Sm2(Protocol):
    """One implementation of SM2. `complete`: it signs and deciphers, too; one that isn't may
    verify only, because its running time depends on its numbers.
    """

    @property
    def name(self) -> str: ...

    @property
    def complete(self) -> bool: ...

    def public_key(self, point: bytes) -> Sm2PublicKey:
        """Raises Rejected for what is no point of the curve."""
        ...

    def private_key(self, scalar: bytes) -> Sm2PrivateKey:
        """From 32 bytes, 1 … n − 2. Raises Rejected outside, Unavailable where not `complete`."""
        ...
