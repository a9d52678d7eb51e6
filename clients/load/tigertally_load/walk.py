"""The order in which tokens are used: a permutation, each comes once before any comes again.

An affine map i -> (a·i + b) mod n with gcd(a, n) = 1 is a permutation of 0 … n-1 that needs no
memory; consecutive tokens lie far apart, so the database sees random access, as in life.

Invariant: no token is given twice within one time step, since the second use of a code is a replay.
When the walk would have to, it raises `TokensExhausted` instead.
"""

from __future__ import annotations

import math
from array import array
from typing import Final

_NEVER: Final = 0
_GOLDEN: Final = 0.6180339887498949


class TokensExhausted(Exception):
    """Every token has been used in this time step already; the text says what to do."""


class TokenWalk:
    """Walks 0 … `count` - 1 round and round in a fixed mixed order.

    Args:
        count: number of tokens.
        key: chooses the order.
        position: where an earlier walk with this key ended.
    """

    def __init__(self, count: int, key: int, position: int = 0) -> None:
        self.position = position
        self._count = count
        self._factor = _coprime(count, key)
        self._offset = (key >> 16) % count
        self._last_step = array("L", bytes(array("L").itemsize * count))
        self._failed = bytearray(count)

    def take(self, step: int, *, wrong: bool = False) -> int:
        """The next token for use in `step`.

        Args:
            step: the current time step.
            wrong: it will be given a wrong code: tokens whose last code was wrong too are passed
                over, so that none is throttled or locks.

        Raises:
            TokensExhausted: all were used in this step.
        """
        for _ in range(self._count if wrong else 1):
            token = (self._factor * self.position + self._offset) % self._count
            if self._last_step[token] >= step:
                break
            self.position += 1
            if wrong and self._failed[token]:
                continue
            self._last_step[token] = step
            self._failed[token] = wrong
            return token
        raise TokensExhausted(
            f"all {self._count} tokens are used up in this 30-second step; "
            "prepare more (--tokens) or lower --rate"
        )


def _coprime(count: int, key: int) -> int:
    """A factor near `count`'s golden section, varied by `key`, that shares no divisor with it."""
    factor = (int(count * _GOLDEN) + key % max(1, count // 16)) % count or 1
    while math.gcd(factor, count) != 1:
        factor += 1
    return factor % count or 1
