"""The kernel's random generator behind the `Entropy` port. The only place of the server that draws
from it.
"""

from __future__ import annotations

import secrets


class SystemEntropy:
    """Bytes and numbers from the operating system's cryptographic generator."""

    __slots__ = ()

    def token_bytes(self, n: int) -> bytes:
        return secrets.token_bytes(n)

    def integer63(self) -> int:
        return secrets.randbelow((1 << 63) - 1) + 1
