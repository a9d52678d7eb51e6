"""Verification of SM2 signatures (GB/T 32918.2) in whole numbers, for whoever checks a log that is
signed with SM2 and has no library for it. Public values only; about 10 ms a signature.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.hashes import SM3, Hash

P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A: Final = P - 3
B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G: Final = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
IDENTITY: Final = b"1234567812345678"
"""The signer's identity where nothing else was agreed (GM/T 0009)."""
_BYTES: Final = 32
_POINT: Final = 65

_Point = tuple[int, int, int]


def _sm3(data: bytes) -> bytes:
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()


def _double(point: _Point) -> _Point:
    x, y, z = point
    if not z:
        return point
    square = y * y % P
    s = 4 * x * square % P
    m = 3 * (x - z * z) * (x + z * z) % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * square * square) % P, 2 * y * z % P


def _add(left: _Point, right: _Point) -> _Point:
    if not left[2]:
        return right
    if not right[2]:
        return left
    z1, z2 = left[2] * left[2] % P, right[2] * right[2] % P
    u1, u2 = left[0] * z2 % P, right[0] * z1 % P
    s1, s2 = left[1] * z2 * right[2] % P, right[1] * z1 * left[2] % P
    h, r = (u2 - u1) % P, (s2 - s1) % P
    if not h:
        return (1, 1, 0) if r else _double(left)
    h2 = h * h % P
    h3, v = h * h2 % P, u1 * h2 % P
    x3 = (r * r - h3 - 2 * v) % P
    return x3, (r * (v - x3) - s1 * h3) % P, h * left[2] * right[2] % P


def _sum(a: int, first: _Point, b: int, second: _Point) -> _Point:
    both, total = _add(first, second), (1, 1, 0)
    for bit in range(255, -1, -1):
        total = _double(total)
        wanted = (a >> bit & 1) | (b >> bit & 1) << 1
        if wanted:
            total = _add(total, (first, second, both)[wanted - 1])
    return total


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether r ‖ s (64 bytes) is the signature of this message by 04 ‖ x ‖ y (65 bytes)."""
    if len(public_key) != _POINT or public_key[0] != 4 or len(signature) != 2 * _BYTES:
        return False
    x, y = int.from_bytes(public_key[1:33]), int.from_bytes(public_key[33:])
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    t = (r + s) % N
    on_curve = x < P and y < P and (y * y - (x * x * x + A * x + B)) % P == 0
    if not (on_curve and 0 < r < N and 0 < s < N and t):
        return False
    curve = b"".join(n.to_bytes(_BYTES) for n in (A, B, *G))
    bits = (8 * len(IDENTITY)).to_bytes(2)
    e = int.from_bytes(_sm3(_sm3(bits + IDENTITY + curve + public_key[1:]) + message))
    found = _sum(s, (*G, 1), t, (x, y, 1))
    if not found[2]:
        return False
    inverse = pow(found[2], -1, P)
    return (e + found[0] * inverse * inverse % P) % N == r
