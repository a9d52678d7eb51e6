"""A channel (渠道): the calling system, what it may do, and the keys it speaks under.

Pure records; they do not know the wire or the database. `id` 0 is the house itself (command line,
sweepers, checkpoints) and never a row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

HOUSE_CHANNEL = 0
"""The channel id under which the system's own entries and operators' acts are recorded."""

FOR_EVER_MS = 253_402_300_799_000
"""9999-12-31T23:59:59Z: a validity that does not end."""


class ChannelState(StrEnum):
    """A disabled channel is refused everything, at once."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class ChannelKeyState(StrEnum):
    """`CURRENT` is offered to new sign-ons, `RETIRING` still accepted, `RETIRED` refused."""

    CURRENT = "current"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKey:
    """One version of a channel master key, sealed under the data key `key_id`."""

    channel_id: int
    version: int
    state: ChannelKeyState
    key_id: int
    sealed: bytes = field(repr=False)
    check_value: bytes
    created_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """`addresses` and `transactions` empty mean: any. Times are ms since the epoch; `rate_per_s` 0
    is no limit.
    """

    id: int
    name: str
    institution: str
    state: ChannelState = ChannelState.ENABLED
    suite: int
    field_cipher: int
    charset: str = "utf-8"
    valid_from_ms: int = 0
    valid_to_ms: int = FOR_EVER_MS
    addresses: tuple[str, ...] = ()
    transactions: tuple[int, ...] = ()
    tls_required: bool = False
    disclose: bool = True
    rate_per_s: int = 0
    in_flight: int = 4096
    connections: int = 64
    created_at_ms: int = 0

    @property
    def enabled(self) -> bool:
        return self.state is ChannelState.ENABLED

    def valid_at(self, now_ms: int) -> bool:
        return self.valid_from_ms <= now_ms < self.valid_to_ms

    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Raises ValueError for an address that is none."""
        return tuple(ip_network(address, strict=False) for address in self.addresses)

    def admits_address(self, address: str) -> bool:
        networks = self.networks()
        if not networks:
            return True
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in networks if network.version == peer.version)

    def permits(self, transaction: int) -> bool:
        return not self.transactions or transaction in self.transactions


HOUSE = Channel(id=HOUSE_CHANNEL, name="house", institution="", suite=0, field_cipher=0)
"""The system itself, as the channel of its own entries."""
