"""SM2 verification in Python: for machines whose libcrypto can't, and the tests' other opinion.

Verifies and nothing else: its running time depends on its numbers, which are public here and would
not be in a signature. ≈3 ms a signature where libcrypto takes 0.5.
"""

from __future__ import annotations

from tigertally_drivers.errors import Rejected, Unavailable
from tigertally_drivers.gm import curve
from tigertally_drivers.gm.digest import signed_number
from tigertally_drivers.gm.port import (
    DEFAULT_ID,
    POINT_BYTES,
    SIGNATURE_BYTES,
    Sm2PrivateKey,
)

_VERIFIES_ONLY = "SM2 in Python only verifies; a libcrypto of OpenSSL 3 is needed"


class PythonSm2PublicKey:
    """A point and its first fifteen multiples. Raises Rejected for what is not on the curve."""

    def __init__(self, point: bytes) -> None:
        affine = int.from_bytes(point[1:33]), int.from_bytes(point[33:])
        if len(point) != POINT_BYTES or point[0] != 4 or not curve.is_on_curve(affine):
            raise Rejected("not a point of the SM2 curve")
        self._point, self._multiples = point, curve.multiples(affine)

    @property
    def point(self) -> bytes:
        return self._point

    def verify(self, message: bytes, signature: bytes, signer_id: bytes = DEFAULT_ID) -> bool:
        """GB/T 32918.2 §7.1."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        t = (r + s) % curve.N
        if not (0 < r < curve.N and 0 < s < curve.N and t):
            return False
        found = curve.sum_of_multiples(t, self._multiples, s)
        if found is None:
            return False
        return (signed_number(self._point, message, signer_id) + found[0]) % curve.N == r

    def encrypt(self, plain: bytes) -> bytes:  # noqa: ARG002
        raise Unavailable(_VERIFIES_ONLY)


class PythonSm2:
    """See `port.Sm2`."""

    name = "python"
    complete = False

    def public_key(self, point: bytes) -> PythonSm2PublicKey:
        return PythonSm2PublicKey(point)

    def private_key(self, scalar: bytes) -> Sm2PrivateKey:  # noqa: ARG002
        raise Unavailable(_VERIFIES_ONLY)
