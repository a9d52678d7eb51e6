"""The one module of the client that reads the machine's clock and draws from its random generator.

Everything else is given a `Clock` and an `Entropy`, so that tests hand in their own. Waiting and
deadlines use trio's clock, not this one: a test replaces that with trio's `MockClock`.
"""

from __future__ import annotations

import secrets
import time
from typing import Protocol


class Clock(Protocol):
    """Wall time; the server's own `Clock` port satisfies it."""

    def now_ms(self) -> int:
        """UTC, milliseconds since 1970-01-01; may step backwards when it is set."""
        ...


class Entropy(Protocol):
    """Unpredictable numbers, fit for nonces."""

    def token_bytes(self, n: int) -> bytes:
        """`n` bytes."""
        ...

    def integer63(self) -> int:
        """A number from 1 to 2**63 - 1."""
        ...


class SystemClock:
    """The machine's wall clock."""

    __slots__ = ()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class SystemEntropy:
    """The operating system's cryptographic generator."""

    __slots__ = ()

    def token_bytes(self, n: int) -> bytes:
        return secrets.token_bytes(n)

    def integer63(self) -> int:
        return secrets.randbelow((1 << 63) - 1) + 1
