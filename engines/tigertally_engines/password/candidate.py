"""A password as somebody gave it, on its way to be compared: normalised, and stretched at most once
per scheme.

The salt belongs to the customer and the slot, not to the row: it is derived by key from their names
before the row is known. So one stretching serves the row, the history and a customer that there
isn't; what is stored has a random salt of its own in the keyed step. Printing shows nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from tigertally_engines.password.schemes import SCHEMES

SALT_BYTES: Final = 16


def normalised(text: str) -> str:
    """One spelling of a text that keyboards spell differently (NFKC, RFC 8265 and NIST SP
    800-63B-4 section 3.1.1.2).
    """
    return unicodedata.normalize("NFKC", text)


class Candidate:
    """See the module's text. `salt` must have 16 bytes."""

    __slots__ = ("_salt", "_secret", "_stretched")

    def __init__(self, text: str, salt: bytes) -> None:
        self._secret, self._salt = normalised(text).encode(), salt
        self._stretched: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return "Candidate(«secret»)"

    def prepare(self, schemes: Iterable[str]) -> None:
        """Does the slow part now, for all of these schemes."""
        for scheme in schemes:
            self.stretched(scheme)

    def stretched(self, scheme: str) -> bytes:
        """What goes into the keyed step under this scheme."""
        known = self._stretched.get(scheme)
        if known is None:
            stretch = SCHEMES[scheme].stretch
            known = self._secret if stretch is None else stretch(self._secret, self._salt)
            self._stretched[scheme] = known
        return known
