"""SM2 signatures, ciphertexts and public keys in the forms that other makers use.

| thing | here | DER | others |
|---|---|---|---|
| signature | r ‖ s | SEQUENCE { r, s } (GM/T 0009 §7.3) | — |
| ciphertext | C1 ‖ C3 ‖ C2 | SEQUENCE { x, y, C3, C2 } (GM/T 0009 §7.2) | C1 ‖ C2 ‖ C3 |
| public key | 04 ‖ x ‖ y | SubjectPublicKeyInfo | — |

C1 ‖ C2 ‖ C3 is the order of makers from before 2012. Strict: DER that isn't the shortest form,
negative or with bytes behind it is Rejected, because two encodings of one signature are two
signatures to whoever compares bytes.
"""

from __future__ import annotations

from typing import Final

from tigertally_drivers.errors import Rejected
from tigertally_drivers.gm.port import CIPHERTEXT_OVERHEAD, POINT_BYTES, SIGNATURE_BYTES

_INTEGER: Final = 0x02
_OCTETS: Final = 0x04
_SEQUENCE: Final = 0x30
_SPKI_HEAD: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
"""SEQUENCE { SEQUENCE { id-ecPublicKey, 1.2.156.10197.1.301 }, BIT STRING } up to the point."""
_KEY_HEAD: Final = bytes.fromhex(
    "3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420"
)
"""PKCS#8 with an ECPrivateKey (RFC 5915) without public key, up to the scalar."""


def signature_to_der(signature: bytes) -> bytes:
    """Raises Rejected unless 64 bytes."""
    if len(signature) != SIGNATURE_BYTES:
        raise Rejected("an SM2 signature has 64 bytes")
    return _tlv(_SEQUENCE, _integer(signature[:32]) + _integer(signature[32:]))


def signature_from_der(der: bytes) -> bytes:
    """Raises Rejected."""
    r, s = _items(der, _INTEGER, _INTEGER)
    return r + s


def ciphertext_to_der(ciphertext: bytes) -> bytes:
    """Raises Rejected for what is too short or has no uncompressed point in front."""
    point, check, text = _split(ciphertext)
    return _tlv(
        _SEQUENCE,
        _integer(point[1:33]) + _integer(point[33:]) + _tlv(_OCTETS, check) + _tlv(_OCTETS, text),
    )


def ciphertext_from_der(der: bytes) -> bytes:
    """C1 ‖ C3 ‖ C2. Raises Rejected."""
    x, y, check, text = _items(der, _INTEGER, _INTEGER, _OCTETS, _OCTETS)
    return b"\x04" + x + y + check + text


def to_c1c2c3(ciphertext: bytes) -> bytes:
    """The old order. Raises Rejected."""
    point, check, text = _split(ciphertext)
    return point + text + check


def from_c1c2c3(ciphertext: bytes) -> bytes:
    """From the old order. Raises Rejected."""
    _split(ciphertext)
    return ciphertext[:POINT_BYTES] + ciphertext[-32:] + ciphertext[POINT_BYTES:-32]


def spki(point: bytes) -> bytes:
    """SubjectPublicKeyInfo. Raises Rejected for another form of point."""
    if len(point) != POINT_BYTES or point[0] != 4:
        raise Rejected("an SM2 public key is 04 and 64 bytes")
    return _SPKI_HEAD + point


def point_of_spki(der: bytes) -> bytes:
    """Raises Rejected for anything but an uncompressed SM2 key."""
    if len(der) != len(_SPKI_HEAD) + POINT_BYTES or not der.startswith(_SPKI_HEAD + b"\x04"):
        raise Rejected("not the SubjectPublicKeyInfo of an SM2 key")
    return der[len(_SPKI_HEAD) :]


def pkcs8(scalar: bytes) -> bytearray:
    """PrivateKeyInfo of a key of 32 bytes; the caller wipes it."""
    return bytearray(_KEY_HEAD) + scalar


def _split(ciphertext: bytes) -> tuple[bytes, bytes, bytes]:
    if len(ciphertext) <= CIPHERTEXT_OVERHEAD or ciphertext[0] != 4:
        raise Rejected("not an SM2 ciphertext")
    return (
        ciphertext[:POINT_BYTES],
        ciphertext[POINT_BYTES:CIPHERTEXT_OVERHEAD],
        ciphertext[CIPHERTEXT_OVERHEAD:],
    )


def _tlv(tag: int, value: bytes) -> bytes:
    size = len(value)
    if size < 0x80:
        return bytes((tag, size)) + value
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets + value


def _integer(unsigned: bytes) -> bytes:
    shortest = unsigned.lstrip(b"\0") or b"\0"
    return _tlv(_INTEGER, b"\0" * (shortest[0] >> 7) + shortest)


def _items(der: bytes, *tags: int) -> list[bytes]:
    """The items of a SEQUENCE, numbers as 32 bytes."""
    inside, rest = _read(der, _SEQUENCE)
    if rest:
        raise Rejected("bytes behind the DER")
    values = []
    for tag in tags:
        value, inside = _read(inside, tag)
        values.append(_unsigned(value) if tag == _INTEGER else value)
    if inside:
        raise Rejected("more in the DER than there should be")
    return values


def _read(der: bytes, tag: int) -> tuple[bytes, bytes]:
    """(value, what follows)."""
    if len(der) < 2 or der[0] != tag:
        raise Rejected("not the DER that was expected")
    size, start = der[1], 2
    if size & 0x80:
        count = size & 0x7F
        size, start = int.from_bytes(der[2 : 2 + count]), 2 + count
    value = der[start : start + size]
    if len(value) != size or _tlv(tag, value) != der[: start + size]:
        raise Rejected("DER that is cut, or longer than it need be")
    return value, der[start + size :]


def _unsigned(value: bytes) -> bytes:
    number = value.removeprefix(b"\0") if len(value) > 1 else value
    if not value or len(number) > 32 or _integer(number) != _tlv(_INTEGER, value):
        raise Rejected("a number of the DER is negative, too long or oddly padded")
    return number.rjust(32, b"\0")
