"""What the rest of the product may ask of the outside world, as small protocols.

Engines and services are written against these and never against a vendor's module; the simulation
hands in its own. Nothing here imports an implementation.

Invariants: a port is synchronous and thread-safe unless it says otherwise; it raises only
`errors.DriverError`.
"""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Time is given, not taken. Both readings are integers of milliseconds."""

    def now_ms(self) -> int:
        """Wall clock, UTC, milliseconds since 1970-01-01; may step backwards when it is set."""
        ...

    def monotonic_ms(self) -> int:
        """A clock that never goes back, from an arbitrary start; for budgets and deadlines only."""
        ...


class Entropy(Protocol):
    """Unpredictable numbers, fit for keys and nonces."""

    def token_bytes(self, n: int) -> bytes:
        """`n` bytes."""
        ...

    def integer63(self) -> int:
        """A number from 1 to 2**63 - 1: fits a signed 64-bit column, and zero keeps its meaning of
        *none*.
        """
        ...


class SealingKey(Protocol):
    """A key that seals small secrets and opens them again; its bytes never leave it."""

    @property
    def check_value(self) -> str:
        """Six hexadecimal digits that tell two keys apart and tell nothing about either."""
        ...

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        """Encipher and authenticate `plain`; `aad` names the place it belongs to (a row's
        identity).
        """
        ...

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """The inverse of `seal`. Raises `errors.Rejected` when key, place or bytes differ."""
        ...
