"""Making channel master keys: drawn, sealed, handed out once in a file only its owner reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tigertally_drivers.ports import Entropy
from tigertally_protocol.errors import BadKey
from tigertally_protocol.keys import check_master_key, master_key_check_value
from tigertally_protocol.suites import SUITES, Suite
from tigertally_server.cli.house import House
from tigertally_server.cli.keyfile import encode_credentials, write_secret
from tigertally_server.domain.channel import Channel, ChannelKey, ChannelKeyState
from tigertally_server.services.keyring import Purpose, channel_key_identity

_DRAWS: Final = 100


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new version of a channel master key: the row to write, and the bytes for the credentials
    file.
    """

    row: ChannelKey
    raw: bytes = field(repr=False)

    @property
    def check_value(self) -> str:
        return self.row.check_value.hex().upper()


def draw_master_key(suite: Suite, entropy: Entropy) -> bytes:
    """Random bytes that are a master key of this suite: the legacy one refuses halves that are
    equal.
    """
    for _ in range(_DRAWS):
        key = entropy.token_bytes(suite.master_key_bytes)
        try:
            check_master_key(suite, key)
        except BadKey:
            continue
        return key
    raise AssertionError("the source of randomness gives no usable key")


def issue_key(house: House, channel: Channel, version: int) -> IssuedKey:
    """A fresh current key of `channel`, sealed for the database."""
    environment = house.environment
    suite = SUITES[channel.suite]
    raw = draw_master_key(suite, environment.entropy)
    key_id, sealed = environment.keyring.seal(
        Purpose.CHANNEL, raw, channel_key_identity(channel.id, version)
    )
    row = ChannelKey(
        channel_id=channel.id,
        version=version,
        state=ChannelKeyState.CURRENT,
        key_id=key_id,
        sealed=sealed,
        check_value=master_key_check_value(suite, raw),
        created_at_ms=environment.clock.now_ms(),
    )
    return IssuedKey(row, raw)


def write_credentials(
    path: Path, channel: Channel, issued: IssuedKey, servers: list[str], *, replace: bool = False
) -> None:
    """Before the key is in force: a key in a file that no server knows harms nobody. Raises
    CommandError.
    """
    row = issued.row
    data = encode_credentials(channel, row.version, issued.raw, row.check_value, servers)
    write_secret(path, data, replace=replace)
