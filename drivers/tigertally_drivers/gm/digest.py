"""What an SM2 signature is really over: e = SM3(ZA ‖ message), ZA binding the signer's identity and
public key (GB/T 32918.2 §5.5).
"""

from __future__ import annotations

from struct import pack
from typing import Final

from cryptography.hazmat.primitives.hashes import SM3, Hash

from tigertally_drivers.errors import Rejected
from tigertally_drivers.gm import curve
from tigertally_drivers.gm.port import LONGEST_ID

_CURVE: Final = b"".join(
    number.to_bytes(32) for number in (curve.A, curve.B, curve.G[0], curve.G[1])
)


def sm3(data: bytes) -> bytes:
    """SM3 (GB/T 32905), 32 bytes."""
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()


def za(point: bytes, signer_id: bytes) -> bytes:
    """Of the public key 04 ‖ x ‖ y and an identity. Raises Rejected for one of 8 KiB or more."""
    if len(signer_id) > LONGEST_ID:
        raise Rejected(f"an SM2 identity has at most {LONGEST_ID} bytes")
    return sm3(pack(">H", 8 * len(signer_id)) + signer_id + _CURVE + point[1:])


def signed_number(point: bytes, message: bytes, signer_id: bytes) -> int:
    """e. Raises as `za`."""
    return int.from_bytes(sm3(za(point, signer_id) + message))
