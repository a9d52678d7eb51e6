"""The list of servers and whose turn it is: fail-over as a small table, without any I/O.

Connection number *i* prefers server *i* modulo the list, so that connections spread; a server that
failed, refused or is draining is left alone until its back-off has passed, and the next in the list
is taken. Where no other is left, a draining one is tried at once: it may only be replacing the
process that the connection was to, and one that really closes refuses and is then left alone as
failed. When all have failed, the one that returns first is given with its waiting time.

Times are trio's clock in seconds, given by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tigertally_client.backoff import Backoff

DEFAULT_PORT: Final = 7117


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> ServerAddress:
        """`host`, `host:port` or `[v6 address]:port`.

        Raises:
            ValueError: the text is none of these.
        """
        host, port = _split(text.strip())
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"{text!r} is no server address; write host:port")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _split(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return "", ""
        return host, rest[1:] if rest else str(DEFAULT_PORT)
    host, colon, port = text.partition(":")
    return host, port if colon else str(DEFAULT_PORT)


@dataclass(slots=True)
class _Health:
    failures: int = 0
    not_before: float = 0.0
    drains_until: float = 0.0


class ServerList:
    """Which server the next connection goes to.

    Args:
        addresses: at least one.
        backoff: how long a failing server is left alone.
    """

    def __init__(self, addresses: Sequence[ServerAddress], backoff: Backoff) -> None:
        if not addresses:
            raise ValueError("the server list is empty")
        self._addresses = tuple(addresses)
        self._health = {address: _Health() for address in addresses}
        self._backoff = backoff

    def choose(self, slot: int, now: float) -> tuple[ServerAddress, float]:
        """The server for connection number `slot`, and how many seconds to wait before dialling."""
        count = len(self._addresses)
        turn = [self._addresses[(slot + step) % count] for step in range(count)]
        able = [address for address in turn if self._health[address].not_before <= now]
        for address in able:
            if self._health[address].drains_until <= now:
                return address, 0.0
        if able:
            return able[0], 0.0
        soonest = min(turn, key=lambda address: self._health[address].not_before)
        return soonest, self._health[soonest].not_before - now

    def succeeded(self, address: ServerAddress) -> None:
        self._health[address] = _Health()

    def failed(self, address: ServerAddress, now: float, random63: int) -> None:
        """A dial or sign-on failed, or a standing connection broke: leave it alone for longer."""
        health = self._health[address]
        health.failures += 1
        health.not_before = now + self._backoff.delay_s(health.failures, random63)

    def draining(self, address: ServerAddress, until: float) -> None:
        """The server said that it goes away: others come first until then."""
        health = self._health[address]
        health.drains_until = max(health.drains_until, until)
