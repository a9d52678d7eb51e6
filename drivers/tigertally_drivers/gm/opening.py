"""Chooses the implementation of SM2 at the start: the system's libcrypto where it is there and
passes the self-test, otherwise verification in Python, which passes it as well or is not used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from tigertally_drivers.errors import Misbehaved, Unavailable
from tigertally_drivers.gm import curve
from tigertally_drivers.gm.known import test_known_answers
from tigertally_drivers.gm.libcrypto import LibCrypto
from tigertally_drivers.gm.native import NativeSm2
from tigertally_drivers.gm.port import SCALAR_BYTES, Sm2
from tigertally_drivers.gm.verifying import PythonSm2

SCALAR_ENTROPY_BYTES: Final = SCALAR_BYTES + 8


class Opened(NamedTuple):
    """`fell_back`: why it isn't libcrypto; empty where it is."""

    sm2: Sm2
    fell_back: str


def choose(native: Callable[[], Sm2]) -> Opened:
    """`native` opened and tested, or what stands in for it. Raises Misbehaved where neither
    passes.
    """
    try:
        sm2 = native()
        test_known_answers(sm2)
    except (Unavailable, Misbehaved) as problem:
        fallback: Sm2 = PythonSm2()
        test_known_answers(fallback)
        return Opened(fallback, str(problem))
    return Opened(sm2, "")


@cache
def open_sm2() -> Opened:
    """Once per process; ≈5 ms the first time."""
    return choose(lambda: NativeSm2(LibCrypto()))


def scalar_of(entropy: bytes) -> bytes:
    """A private key of 40 random bytes: 64 bits more than needed, so that the remainder is as good
    as evenly spread (FIPS 186-5 §A.2.1).
    """
    if len(entropy) != SCALAR_ENTROPY_BYTES:
        raise ValueError(f"{SCALAR_ENTROPY_BYTES} random bytes make an SM2 key")
    return (int.from_bytes(entropy) % (curve.N - 2) + 1).to_bytes(SCALAR_BYTES)
