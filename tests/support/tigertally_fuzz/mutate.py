"""Inputs from seeds by random change: what stands in for a fuzzer that sees coverage, and is quick
enough for the tests. The same number gives the same inputs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

EDGES: Final = (b"\0", b"\xff", b"\x7f\xff", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"", b"\n", b'"')
WORDS: Final = (
    b"9" * 5_000,
    b"-1",
    b"\xc2\xb2",
    b"\xe3\x80\x80",
    b"[" * 2_000,
    b"(" * 500,
    b"\xef\xbb\xbf",
)
SIZE_MAX: Final = 20_000


def inputs(seeds: Sequence[bytes], number: int) -> Iterator[bytes]:
    """For ever: every seed itself, then changed ones."""
    chance = random.Random(number)
    pool = [*seeds, b""]
    yield from pool
    while True:
        data = bytearray(chance.choice(pool))
        for _ in range(chance.choice((1, 1, 2, 4, 8))):
            _change(data, chance, pool)
        yield bytes(data[:SIZE_MAX])


def _change(data: bytearray, chance: random.Random, pool: Sequence[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.choice((1, 1, 2, 4, 16, 200)))
    match chance.randrange(8):
        case 0 if at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            data[at:end] = chance.choice(EDGES)
        case 2:
            data[at:at] = chance.choice(WORDS)
        case 3:
            del data[at:end]
        case 4:
            data[at:at] = data[at:end] * chance.choice((1, 2, 50))
        case 5:
            other = chance.choice(pool)
            start = chance.randrange(len(other) + 1)
            data[at:] = other[start:]
        case 6:
            data[at:end] = chance.randbytes(end - at)
        case _:
            del data[at:]
