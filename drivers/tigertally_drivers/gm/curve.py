"""The curve of SM2 (GB/T 32918.5) in whole numbers: points, sums, multiples. Public values only:
running time depends on the numbers.

Multiples are a · P + b · G in one pass (Shamir), P and G in windows of four bits, in Jacobian
coordinates. Knows nothing of hashes, keys or encodings.
"""

from __future__ import annotations

from functools import cache
from typing import Final

P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A: Final = P - 3
B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G: Final = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_WINDOW: Final = 4

Affine = tuple[int, int]
Jacobian = tuple[int, int, int]
"""(x, y, z) for x/z², y/z³; z = 0 is the point at infinity."""
_INFINITY: Final[Jacobian] = (1, 1, 0)


def is_on_curve(point: Affine) -> bool:
    """Whether both coordinates are reduced and satisfy the equation."""
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def _double(point: Jacobian) -> Jacobian:
    x, y, z = point
    if not z or not y:
        return _INFINITY
    delta, gamma = z * z % P, y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P  # the curve's a is −3
    doubled_x = (alpha * alpha - 8 * beta) % P
    doubled_z = ((y + z) * (y + z) - gamma - delta) % P
    return doubled_x, (alpha * (4 * beta - doubled_x) - 8 * gamma * gamma) % P, doubled_z


def _add(left: Jacobian, right: Jacobian) -> Jacobian:
    x1, y1, z1 = left
    x2, y2, z2 = right
    if not z1:
        return right
    if not z2:
        return left
    z1z1, z2z2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * z2z2 % P, x2 * z1z1 % P
    s1, s2 = y1 * z2 * z2z2 % P, y2 * z1 * z1z1 % P
    h, r = (u2 - u1) % P, (s2 - s1) % P
    if not h:
        return _INFINITY if r else _double(left)
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, z1 * z2 * h % P


@cache
def _base_multiples() -> tuple[Jacobian, ...]:
    return multiples(G)


def multiples(point: Affine) -> tuple[Jacobian, ...]:
    """0·P … 15·P: kept beside a key that verifies more than once."""
    table = [_INFINITY, (*point, 1)]
    table += [_double(table[1])]
    while len(table) < 1 << _WINDOW:
        table.append(_add(table[-1], table[1]))
    return tuple(table)


def sum_of_multiples(a: int, table: tuple[Jacobian, ...], b: int) -> Affine | None:
    """a · P + b · G for the P that `table` was made of; None for the point at infinity."""
    base, total = _base_multiples(), _INFINITY
    for shift in range(256 - _WINDOW, -1, -_WINDOW):
        for _ in range(_WINDOW):
            total = _double(total)
        if window := a >> shift & 15:
            total = _add(total, table[window])
        if window := b >> shift & 15:
            total = _add(total, base[window])
    return _affine(total)


def _affine(point: Jacobian) -> Affine | None:
    x, y, z = point
    if not z:
        return None
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return x * square % P, y * square * inverse % P
