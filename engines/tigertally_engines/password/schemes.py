"""How a password becomes what is stored, one row per way.

Two steps. *Stretching* (the slow one, or none) needs the text and the customer's salt only, no
database, so that it is done before a unit of work begins, the same where there is no such customer.
The *keyed step* (2.4 µs) is an HMAC under the pepper, a data key that the database doesn't have:
whoever has the rows alone can try nothing, however short the secret (NIST SP 800-63B-4 section
3.1.1.2). Names are stored: for ever.

Figures of one stretching, CPU: argon2id-8 10–18 ms, argon2id-19 43–51 ms, pbkdf2-sha256 4–7 ms,
pbkdf2-sm3 13–17 ms, keyed none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

LENGTH: Final = 32


class Scheme(NamedTuple):
    """One way. `stretch` (secret, salt) → 32 bytes, None where there is no slow step; `hash` is
    that of the keyed step.
    """

    stretch: Callable[[bytes, bytes], bytes] | None
    hash: str


def _argon2id(kib: int, passes: int, secret: bytes, salt: bytes) -> bytes:
    kdf = Argon2id(salt=salt, length=LENGTH, iterations=passes, lanes=1, memory_cost=kib)
    return kdf.derive(secret)


def _pbkdf2(name: str, rounds: int, secret: bytes, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac(name, secret, salt, rounds, LENGTH)


SCHEMES: Final[Mapping[str, Scheme]] = {
    "keyed": Scheme(None, "sha256"),
    "keyed-sm3": Scheme(None, "sm3"),
    "argon2id-8": Scheme(partial(_argon2id, 8 * 1024, 1), "sha256"),
    "argon2id-19": Scheme(partial(_argon2id, 19 * 1024, 2), "sha256"),
    "pbkdf2-sha256": Scheme(partial(_pbkdf2, "sha256", 10_000), "sha256"),
    "pbkdf2-sm3": Scheme(partial(_pbkdf2, "sm3", 10_000), "sm3"),
}


def is_slow(scheme: str) -> bool:
    """Whether a try under this scheme costs milliseconds."""
    return SCHEMES[scheme].stretch is not None
