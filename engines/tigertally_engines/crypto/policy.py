"""Which algorithms and strengths are allowed: what is weak is refused unless the bank's
configuration names it.

A weakness has a name (`WEAK`), shown in the answer and written in `crypto.allow`. What is asked for
is turned into the names of its weaknesses; one that is not allowed is enough to refuse. Keys below
`least_strength` bits are refused by the name of their algorithm.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tigertally_engines.crypto.ciphers import KEY_ALGORITHMS
from tigertally_engines.crypto.digests import DigestAlgorithm
from tigertally_engines.crypto.fields import Mode
from tigertally_engines.crypto.mac import MacAlgorithm
from tigertally_engines.crypto.padding import NO_PADDING

ECB: Final = "ecb"
SHORT_MAC: Final = "short-mac"
BARE_CBC_MAC: Final = "bare-cbc-mac"
PADDING_1: Final = "padding-1"
SHA_1: Final = "sha-1"
SHORT_MAC_BYTES: Final = 8

WEAK: Final = {
    ECB: "equal blocks give equal ciphertext",
    SHORT_MAC: "a MAC of fewer than 8 bytes",
    BARE_CBC_MAC: "MAC algorithm 1 without the length in front: MACs of messages of different "
    "lengths can be put together to new ones (ISO/IEC 9797-1 annex C)",
    PADDING_1: "padding method 1: a message and the same with zeros behind have one MAC",
    SHA_1: "collisions are found",
} | {
    row.name: f"{row.strength} bits of strength"
    for row in KEY_ALGORITHMS.values()
    if row.strength < 112
}
"""What may stand in `allow`, and why it is refused otherwise."""


class CryptoPolicy(msgspec.Struct, frozen=True):
    """`allow`: names of `WEAK`. `least_strength`: bits. `pin_tries`: wrong PINs of one account
    number within a day, 0 = the caller counts. `decimalisation`: digit for each hexadecimal one, of
    IBM 3624; never from a request, because whoever chooses it learns PINs.
    """

    allow: frozenset[str] = frozenset()
    least_strength: int = 112
    pin_tries: int = 6
    decimalisation: str = "0123456789012345"

    def refused_key(self, algorithm: str) -> str:
        """Name of what is too weak, "" where nothing is."""
        row = KEY_ALGORITHMS[algorithm]
        weak = row.strength < self.least_strength
        return row.name if weak and row.name not in self.allow else ""

    def refused_mac(self, algorithm: MacAlgorithm, padding: int, length: int) -> str:
        """As `refused_key`."""
        weak = []
        if algorithm is MacAlgorithm.CBC_MAC and padding != _LENGTH_IN_FRONT:
            weak.append(BARE_CBC_MAC)
        if padding == _ZEROS:
            weak.append(PADDING_1)
        if length < SHORT_MAC_BYTES:
            weak.append(SHORT_MAC)
        return self._first_refused(weak)

    def refused_mode(self, mode: Mode) -> str:
        """As `refused_key`."""
        return self._first_refused([ECB] if mode is Mode.ECB else [])

    def refused_digest(self, algorithm: DigestAlgorithm) -> str:
        """As `refused_key`."""
        return self._first_refused([SHA_1] if algorithm is DigestAlgorithm.SHA1 else [])

    def _first_refused(self, weak: list[str]) -> str:
        return next((name for name in weak if name not in self.allow), "")


_ZEROS: Final = 1
_LENGTH_IN_FRONT: Final = 3
DEFAULT_POLICY: Final = CryptoPolicy()
assert NO_PADDING not in (_ZEROS, _LENGTH_IN_FRONT)


def checked(policy: CryptoPolicy) -> CryptoPolicy:
    """Raises ValueError, saying what is wrong, for a policy that can't be meant."""
    if unknown := policy.allow - WEAK.keys():
        raise ValueError(f"nothing weak is called {min(unknown)}; there are {', '.join(WEAK)}")
    digits = policy.decimalisation
    if len(digits) != 16 or not (digits.isascii() and digits.isdigit()):
        raise ValueError("a decimalisation table has 16 digits")
    if len(set(digits)) < _DISTINCT:
        raise ValueError(f"a decimalisation table has at least {_DISTINCT} different digits")
    if not 0 <= policy.least_strength <= 256 or not 0 <= policy.pin_tries <= 1000:
        raise ValueError("strength from 0 to 256 bits, tries from 0 to 1000")
    return policy


_DISTINCT: Final = 8
"""Tables with few different digits make offsets tell the PIN; HSMs refuse them, too."""
