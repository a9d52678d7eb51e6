"""Making channel master keys: drawn, sealed, handed out once in a file only its owner reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tigertally_drivers.ports import Entropy
from tigertally_protocol.errors import BadKey
from tigertally_protocol.keys import check_master_key, master_key_check_value
from tigertally_protocol.suites import SUITES, Suite
from tigertally_server.cli.house import House
from tigertally_server.cli.keyfile import default_servers, encode_credentials, write_secret
from tigertally_server.domain.administration import (
    AdminWrite,
    InsertChannel,
    PutChannelKey,
)
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


def add_channel(
    house: House,
    added: Channel,
    key_out: Path,
    servers: Sequence[str] = (),
    *,
    replace: bool = False,
) -> str:
    """Writes credentials, row, first key, entry; returns the check value. Raises CommandError."""
    issued = issue_key(house, added, 1)
    write_credentials(
        key_out, added, issued, list(servers) or default_servers(house.config), replace=replace
    )
    details = {
        "channel": added.id,
        "name": added.name,
        "institution": added.institution,
        "check_value": issued.check_value,
    }
    try:
        house.act("channel add", details, [InsertChannel(added), PutChannelKey(issued.row)])
    except BaseException:
        key_out.unlink(missing_ok=True)
        raise
    return issued.check_value


def rotate(
    house: House,
    found: Channel,
    keys: Sequence[ChannelKey],
    key_out: Path,
    servers: Sequence[str] = (),
    *,
    retire_old: bool = False,
    replace_file: bool = False,
) -> str:
    """A new current version; the older ones go on or end. Returns the check value. Raises
    CommandError.
    """
    issued = issue_key(house, found, max((key.version for key in keys), default=0) + 1)
    old_state = ChannelKeyState.RETIRED if retire_old else ChannelKeyState.RETIRING
    old = [
        key
        for key in keys
        if key.state is not ChannelKeyState.RETIRED and key.state is not old_state
    ]
    write_credentials(
        key_out, found, issued, list(servers) or default_servers(house.config), replace=replace_file
    )
    writes: list[AdminWrite] = [PutChannelKey(replace(key, state=old_state)) for key in old]
    writes.append(PutChannelKey(issued.row))
    details = {
        "channel": found.id,
        "name": found.name,
        "version": issued.row.version,
        "check_value": issued.check_value,
        "older": old_state.value,
    }
    try:
        house.act("channel rotate-key", details, writes)
    except BaseException:
        key_out.unlink(missing_ok=True)
        raise
    return issued.check_value
