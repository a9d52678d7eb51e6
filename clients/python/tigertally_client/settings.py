"""The client's adjustable behaviour, as one frozen record with working defaults.

Every time is in seconds. Knows nothing of credentials: which channel and which servers stand in the
credentials file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tigertally_client.backoff import Backoff
from tigertally_client.serials import INSTANCES


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """How a `Client` behaves.

    Attributes:
        connections: connections to hold open, spread over the server list.
        timeout_s: deadline of a call that names none.
        attempt_timeout_s: silence after which a sent request goes out again, same serial, on
            another connection; shorter than the deadline, so that a dead server costs a part of it.
        connect_timeout_s: for dialling, TLS and sign-on together.
        reconnect: how long a failing server is left alone.
        repeat: waits between the tries of one call that the server put off (BUSY and such).
        drain_away_s: how long a draining server comes after all others.
        heartbeat_timeout_s: a connection that answers no heartbeat for so long is given up.
        sign_off_timeout_s: for the orderly end.
        wanted_in_flight: requests in flight per connection to ask for; the server's limit rules.
        utc_offset_minutes: the bank's time zone, for the business day (480: China).
        instance: this process among those that share the channel, 0 to 1023; None: drawn at start.
        client_name: shown in the server's list of connections, at most 32 ASCII characters.
    """

    connections: int = 2
    timeout_s: float = 5.0
    attempt_timeout_s: float = 2.0
    connect_timeout_s: float = 5.0
    reconnect: Backoff = field(default_factory=lambda: Backoff(base_s=0.1, cap_s=10.0))
    repeat: Backoff = field(default_factory=lambda: Backoff(base_s=0.05, cap_s=1.0))
    drain_away_s: float = 2.0
    heartbeat_timeout_s: float = 5.0
    sign_off_timeout_s: float = 1.0
    wanted_in_flight: int = 256
    utc_offset_minutes: int = 480
    instance: int | None = None
    client_name: str = "tigertally-python"

    def __post_init__(self) -> None:
        for name in (
            "timeout_s",
            "attempt_timeout_s",
            "connect_timeout_s",
            "drain_away_s",
            "heartbeat_timeout_s",
            "sign_off_timeout_s",
        ):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than 0")
        if self.connections < 1:
            raise ValueError("connections must be at least 1")
        if not 1 <= self.wanted_in_flight < 65536:
            raise ValueError("wanted_in_flight must be 1 to 65535")
        if self.instance is not None and not 0 <= self.instance < INSTANCES:
            raise ValueError(f"instance must be 0 to {INSTANCES - 1}")
