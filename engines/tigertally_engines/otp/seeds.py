"""A token's seed as the engine meets it: its octets, or one that lies in a device and is only asked
for MACs.

A decision is pure, a device takes time. So the decision runs twice: the first time a seed elsewhere
notes which MACs were wanted and gives zeros, and what comes of it is thrown away; whoever asked has
the MACs made, and the second run finds them. Whatever is built of HMACs works this way: HOTP, TOTP,
OCRA, cards, and CHAP or MS-CHAPv2 over their codes. What is not (GM/T 0021 hashes and enciphers
with the seed itself) can't be done: `can_lie_elsewhere` says so beforehand.

Knows no device. Laws: a decision that left something `missing` means nothing; MACs are looked up
under the whole message and hash, so those of one question never answer another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - RFC 4226 is HMAC-SHA-1, whose security doesn't rest on collisions
    "sha256": hashes.SHA256(),
    "sha512": hashes.SHA512(),
    "sm3": hashes.SM3(),
}


class Wanted(NamedTuple):
    """One MAC that a device is to make."""

    hash_name: str
    message: bytes


class SeedElsewhere:
    """`made`: MACs by what was wanted. After a decision, `missing` holds those it lacked, in the
    order in which they were wanted.
    """

    __slots__ = ("made", "missing")

    def __init__(self, made: Mapping[Wanted, bytes]) -> None:
        self.made = made
        self.missing: dict[Wanted, None] = {}

    def __repr__(self) -> str:
        return f"<SeedElsewhere {len(self.made)} made, {len(self.missing)} missing>"

    def mac(self, wanted: Wanted) -> bytes:
        """Zeros where it is missing."""
        made = self.made.get(wanted)
        if made is None:
            self.missing[wanted] = None
            return bytes(HASHES[wanted.hash_name].digest_size)
        return made


Seed = bytes | SeedElsewhere


class MacElsewhere:
    """Has of `HMAC` what computations of codes use."""

    __slots__ = ("_hash_name", "_message", "_seed")

    def __init__(self, seed: SeedElsewhere, hash_name: str, message: bytes = b"") -> None:
        self._seed, self._hash_name, self._message = seed, hash_name, message

    def copy(self) -> MacElsewhere:
        """One that goes its own way from here."""
        return MacElsewhere(self._seed, self._hash_name, self._message)

    def update(self, data: bytes) -> None:
        """More of the message."""
        self._message += data

    def finalize(self) -> bytes:
        """The MAC of the message."""
        return self._seed.mac(Wanted(self._hash_name, self._message))


def keyed(seed: Seed, hash_name: str) -> HMAC | MacElsewhere:
    """HMAC under the seed, begun."""
    if isinstance(seed, SeedElsewhere):
        return MacElsewhere(seed, hash_name)
    return HMAC(seed, HASHES[hash_name])


class SeedNeeded(Exception):
    """A computation wants the seed's octets, and they lie in a device."""


def octets(seed: Seed) -> bytes:
    """Raises SeedNeeded."""
    if isinstance(seed, SeedElsewhere):
        raise SeedNeeded("this algorithm can't be computed in a device")
    return seed
