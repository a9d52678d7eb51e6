"""channel: add, list, show, change, rotate-key, disable, enable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tigertally_protocol.constants import CHARSETS, UTF_8
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_server.cli.channel_keys import add_channel, rotate
from tigertally_server.cli.channel_settings import (
    KEY_OUT,
    SERVERS,
    Settings,
    check_names,
    check_pair,
    differences,
    permission_options,
    summary,
)
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import (
    CommandError,
    json_option,
    say,
    show_record,
    show_table,
    when,
)
from tigertally_server.domain.administration import AdminWrite, PutChannelKey, UpdateChannel
from tigertally_server.domain.channel import Channel, ChannelKey, ChannelKeyState, ChannelState
from tigertally_server.store import reading


@click.group()
def channel() -> None:
    """Channels: the calling systems, what they may ask, and the keys they sign on with.

    What is changed here acts on every running server within a second.
    """


@channel.command("add")
@click.argument("name")
@click.option(
    "--institution",
    required=True,
    metavar="CODE",
    help="Legal entity; the channel's users and tokens are its.",
)
@click.option(
    "--id",
    "channel_id",
    type=click.IntRange(1, 2**31 - 1),
    help="Channel number [default: the next].",
)
@click.option(
    "--suite",
    type=click.Choice([s.name for s in SuiteId], case_sensitive=False),
    default=SuiteId.INTL_HMAC.name,
    show_default=True,
    metavar="NAME",
    help=f"Algorithms of sign-on, MAC and key wrap: {', '.join(s.name for s in SuiteId)}.",
)
@click.option(
    "--field-cipher",
    type=click.Choice([c.name for c in FieldCipherId], case_sensitive=False),
    default=FieldCipherId.NONE.name,
    show_default=True,
    metavar="NAME",
    help="Cipher of the secret fields inside the frames: "
    f"{', '.join(c.name for c in FieldCipherId)}; each suite has its own.",
)
@click.option(
    "--charset",
    type=click.Choice(CHARSETS),
    default=UTF_8,
    show_default=True,
    help="Of text fields.",
)
@permission_options
@SERVERS
@KEY_OUT
@json_option
@click.pass_obj
def add(
    config_path: Path | None,
    /,
    name: str,
    institution: str,
    channel_id: int | None,
    suite: str,
    field_cipher: str,
    charset: str,
    servers: tuple[str, ...],
    key_out: Path | None,
    as_json: bool,
    **permissions: Any,
) -> None:
    """Add a channel and write its credentials file.

    The file holds the channel master key and is the only copy in clear: carry it to the front-end,
    then remove it here. Compare the check value shown with the one in the file.
    """
    if key_out is None:
        raise CommandError("say where the credentials go: --key-out FILE")
    suite_id, cipher_id = SuiteId[suite.upper()], FieldCipherId[field_cipher.upper()]
    check_pair(suite_id, cipher_id)
    check_names(name, institution)
    with open_house(config_path) as house:
        snapshot = house.environment.directory.snapshot
        if name in snapshot.channels_by_name:
            raise CommandError(
                f"channel {name} is there already; `tigertally channel change {name} …` changes it"
            )
        if channel_id is not None and channel_id in snapshot.channels:
            raise CommandError(
                f"channel number {channel_id} belongs to {snapshot.channels[channel_id].name}"
            )
        bare = Channel(
            id=channel_id or _next_id(house),
            name=name,
            institution=institution,
            suite=suite_id,
            field_cipher=cipher_id,
            charset=charset,
            created_at_ms=house.environment.clock.now_ms(),
        )
        added = Settings(**permissions).applied_to(bare, house)
        check_value = add_channel(house, added, key_out, list(servers))
        record = {
            **summary(added, house),
            "key_version": 1,
            "check_value": check_value,
            "key_file": str(key_out),
        }
        show_record(record, as_json=as_json)
    say(
        f"\nThe channel master key is in {key_out} and nowhere else in clear; "
        "carry it to the front-end."
    )


def _next_id(house: House) -> int:
    with house.reading() as conn:
        return reading.next_channel_id(conn)


@channel.command("list")
@json_option
@click.pass_obj
def list_channels(config_path: Path | None, as_json: bool) -> None:
    """List all channels."""
    with open_house(config_path) as house:
        house.act("channel list")
        found = [summary(c, house) for c in house.environment.directory.snapshot.channels.values()]
    shown = (
        "id",
        "name",
        "institution",
        "state",
        "suite",
        "field_cipher",
        "charset",
        "valid_to",
        "connections",
    )
    rows = found if as_json else [{name: row[name] for name in shown} for row in found]
    show_table(rows, as_json=as_json, none="no channels; `tigertally channel add` makes one")


@channel.command("show")
@click.argument("name")
@json_option
@click.pass_obj
def show(config_path: Path | None, name: str, as_json: bool) -> None:
    """Show one channel (by name or number) and the versions of its master key."""
    with open_house(config_path) as house:
        found = house.channel(name)
        house.act("channel show", {"channel": found.id, "name": found.name})
        with house.reading() as conn:
            keys = reading.channel_keys(conn, found.id, to_open=False)
        record = summary(found, house)
        shown = [_key_row(key, house) for key in keys]
    if as_json:
        show_record({**record, "keys": shown}, as_json=True)
        return
    show_record(record, as_json=False)
    click.echo("\nmaster keys")
    show_table(shown, as_json=False)


def _key_row(key: ChannelKey, house: House) -> dict[str, Any]:
    return {
        "version": key.version,
        "state": key.state.value,
        "check_value": key.check_value.hex().upper(),
        "created_at": when(key.created_at_ms, house.config.zone),
    }


@channel.command("change")
@click.argument("name")
@permission_options
@json_option
@click.pass_obj
def change(config_path: Path | None, /, name: str, as_json: bool, **permissions: Any) -> None:
    """Change what a channel may do.

    Lists replace the old ones; `--address any` and `--transaction any` lift the limit. Suite,
    cipher and charset stay: they are agreed with the front-end, so a new channel is the way.
    """
    with open_house(config_path) as house:
        before = house.channel(name)
        after = Settings(**permissions).applied_to(before, house)
        changes = differences(before, after)
        if not changes:
            raise CommandError("nothing to change; see `tigertally channel change --help`")
        house.act(
            "channel change",
            {"channel": before.id, "name": before.name, **changes},
            [UpdateChannel(after)],
        )
        show_record(summary(after, house), as_json=as_json)


@channel.command("disable")
@click.argument("name")
@json_option
@click.pass_obj
def disable(config_path: Path | None, name: str, as_json: bool) -> None:
    """Disable a channel: its requests are refused from the next second on."""
    _set_state(config_path, name, ChannelState.DISABLED, as_json)


@channel.command("enable")
@click.argument("name")
@json_option
@click.pass_obj
def enable(config_path: Path | None, name: str, as_json: bool) -> None:
    """Enable a disabled channel again."""
    _set_state(config_path, name, ChannelState.ENABLED, as_json)


def _set_state(config_path: Path | None, name: str, state: ChannelState, as_json: bool) -> None:
    with open_house(config_path) as house:
        before = house.channel(name)
        after = replace(before, state=state)
        details = {"channel": before.id, "name": before.name, **differences(before, after)}
        house.act(
            f"channel {'enable' if after.enabled else 'disable'}", details, [UpdateChannel(after)]
        )
        show_record(
            {"id": after.id, "name": after.name, "state": after.state.value}, as_json=as_json
        )


@channel.command("rotate-key")
@click.argument("name")
@KEY_OUT
@SERVERS
@click.option("--retire-old", is_flag=True, help="Refuse all older versions from now on.")
@json_option
@click.pass_obj
def rotate_key(
    config_path: Path | None,
    name: str,
    key_out: Path | None,
    servers: tuple[str, ...],
    retire_old: bool,
    as_json: bool,
) -> None:
    """Give a channel a new master key.

    The old version is still accepted until `rotate-key NAME --retire-old`, so that front-ends
    change over one by one. Open connections stay: the master key only counts at sign-on.
    """
    if key_out is None and not retire_old:
        raise CommandError(
            "say where the new credentials go (--key-out FILE), or end the old ones (--retire-old)"
        )
    with open_house(config_path) as house:
        found = house.channel(name)
        with house.reading() as conn:
            keys = reading.channel_keys(conn, found.id)
        if key_out is None:
            _retire(house, found, keys)
        else:
            rotate(house, found, keys, key_out, list(servers), retire_old=retire_old)
        with house.reading() as conn:
            shown = [_key_row(key, house) for key in reading.channel_keys(conn, found.id)]
        show_table(shown, as_json=as_json)


def _retire(house: House, found: Channel, keys: Sequence[ChannelKey]) -> None:
    old = [key for key in keys if key.state is ChannelKeyState.RETIRING]
    if not old:
        raise CommandError(f"channel {found.name} has no older key in use; nothing to retire")
    writes: list[AdminWrite] = [
        PutChannelKey(replace(key, state=ChannelKeyState.RETIRED)) for key in old
    ]
    versions = ", ".join(str(key.version) for key in old)
    house.act(
        "channel retire-keys",
        {"channel": found.id, "name": found.name, "versions": versions},
        writes,
    )
