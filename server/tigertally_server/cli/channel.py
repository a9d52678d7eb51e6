"""channel: add, list, show, change, rotate-key, disable, enable."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from tigertally_client.servers import ServerAddress
from tigertally_protocol.constants import CHARSETS, UTF_8
from tigertally_protocol.suites import SUITES, FieldCipherId, SuiteId, is_allowed
from tigertally_protocol.transactions import Transaction
from tigertally_server.cli.channel_keys import issue_key, write_credentials
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.keyfile import default_servers
from tigertally_server.cli.output import (
    CommandError,
    json_option,
    parse_when,
    say,
    show_record,
    show_table,
    when,
)
from tigertally_server.domain.administration import (
    AdminWrite,
    InsertChannel,
    PutChannelKey,
    UpdateChannel,
)
from tigertally_server.domain.channel import Channel, ChannelKey, ChannelKeyState, ChannelState
from tigertally_server.services.table import SERVICES
from tigertally_server.store import reading

F = TypeVar("F", bound=Callable[..., Any])

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,31}")
_INSTITUTION: Final = re.compile(r"[!-~]{1,12}")
NAME_RULE: Final = "begins with a letter and has up to 32 letters, digits, dots, - and _"
_ANY: Final = "any"
_PERMITTED: Final = {
    t.name: int(t)
    for t in Transaction
    if t in SERVICES and t not in (Transaction.SIGN_ON, Transaction.SIGN_OFF)
}


class _Address(click.ParamType[str]):
    name = "CIDR"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value == _ANY:
            return _ANY
        try:
            return str(ip_network(value, strict=False))
        except ValueError:
            self.fail(
                f"{value!r} is no address or network; write 10.1.2.3 or 10.1.0.0/16", param, ctx
            )


class _Server(click.ParamType[str]):
    name = "HOST:PORT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return str(ServerAddress.parse(value))
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


_DISCLOSE: Final = click.option(
    "--hide-details/--show-details",
    default=None,
    help="Answer refusals as DENIED with blank details, or say why [default: say why].",
)
_PERMISSIONS: Final = (
    click.option(
        "--address",
        "addresses",
        multiple=True,
        type=_Address(),
        help="Address or network that it may call from; may be repeated [default: any].",
    ),
    click.option(
        "--transaction",
        "transactions",
        multiple=True,
        type=click.Choice([*_PERMITTED, _ANY], case_sensitive=False),
        metavar="NAME",
        help="Transaction it may ask; may be repeated [default: any]. "
        f"One of {', '.join(_PERMITTED)}.",
    ),
    click.option(
        "--valid-from", metavar="DATE", help="First day or instant, in the bank's time zone."
    ),
    click.option("--valid-to", metavar="DATE", help="Last day, or the instant of its end."),
    click.option(
        "--tls-required/--tls-optional",
        default=None,
        help="Refuse connections without TLS [default: optional].",
    ),
    _DISCLOSE,
    click.option(
        "--rate", type=click.IntRange(0), help="Requests per second; 0: no limit [default: 0]."
    ),
    click.option(
        "--in-flight",
        type=click.IntRange(1),
        help="Requests in flight, over all connections [default: 4096].",
    ),
    click.option(
        "--connections", type=click.IntRange(1), help="Connections at once [default: 64]."
    ),
)
_KEY_OUT: Final = click.option(
    "--key-out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the credentials (mode 0600, never overwritten).",
)
_SERVERS: Final = click.option(
    "--server",
    "servers",
    multiple=True,
    type=_Server(),
    help="Where clients reach a server, for the credentials; may be repeated "
    "[default: server.listen].",
)


def _permissions(command: F) -> F:
    for option in reversed(_PERMISSIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The permissions as they were typed; None or empty: not said."""

    addresses: tuple[str, ...] = ()
    transactions: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None
    tls_required: bool | None = None
    hide_details: bool | None = None
    rate: int | None = None
    in_flight: int | None = None
    connections: int | None = None

    def applied_to(self, channel: Channel, house: House) -> Channel:
        """`channel` with what was said. Raises CommandError."""
        zone = house.config.zone
        changes: dict[str, Any] = {
            "tls_required": self.tls_required,
            "disclose": None if self.hide_details is None else not self.hide_details,
            "rate_per_s": self.rate,
            "in_flight": self.in_flight,
            "connections": self.connections,
            "valid_from_ms": None if self.valid_from is None else parse_when(self.valid_from, zone),
            "valid_to_ms": None
            if self.valid_to is None
            else parse_when(self.valid_to, zone, end=True),
        }
        changes = {name: value for name, value in changes.items() if value is not None}
        if self.addresses:
            changes["addresses"] = (
                () if _ANY in self.addresses else tuple(dict.fromkeys(self.addresses))
            )
        if self.transactions:
            numbers = {_PERMITTED[name] for name in self.transactions if name != _ANY}
            changes["transactions"] = () if _ANY in self.transactions else tuple(sorted(numbers))
        changed = replace(channel, **changes)
        if changed.valid_from_ms >= changed.valid_to_ms:
            raise CommandError("the validity ends before it begins")
        return changed


def differences(before: Channel, after: Channel) -> dict[str, str]:
    """What an act changes, for its record."""
    pairs = ((f.name, getattr(before, f.name), getattr(after, f.name)) for f in fields(Channel))
    return {name: f"{old} -> {new}" for name, old, new in pairs if old != new}


def summary(channel: Channel, house: House) -> dict[str, Any]:
    """A channel for people and scripts. No secret."""
    zone = house.config.zone
    names = {number: name for name, number in _PERMITTED.items()}
    return {
        "id": channel.id,
        "name": channel.name,
        "institution": channel.institution,
        "state": channel.state.value,
        "suite": SuiteId(channel.suite).name,
        "field_cipher": FieldCipherId(channel.field_cipher).name,
        "charset": channel.charset,
        "valid_from": when(channel.valid_from_ms, zone),
        "valid_to": when(channel.valid_to_ms, zone),
        "addresses": list(channel.addresses) or [_ANY],
        "transactions": [names.get(t, str(t)) for t in channel.transactions] or [_ANY],
        "tls_required": channel.tls_required,
        "hide_details": not channel.disclose,
        "rate_per_s": channel.rate_per_s or "no limit",
        "in_flight": channel.in_flight,
        "connections": channel.connections,
        "created_at": when(channel.created_at_ms, zone),
    }


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
    help="Algorithms of sign-on, MAC and key wrap.",
)
@click.option(
    "--field-cipher",
    type=click.Choice([c.name for c in FieldCipherId], case_sensitive=False),
    default=FieldCipherId.NONE.name,
    show_default=True,
    help="Cipher of the secret fields inside the frames.",
)
@click.option(
    "--charset",
    type=click.Choice(CHARSETS),
    default=UTF_8,
    show_default=True,
    help="Of text fields.",
)
@_permissions
@_SERVERS
@_KEY_OUT
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
    _check_names(name, institution)
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


def is_name(text: str) -> bool:
    """Whether a channel or token type may be called so."""
    return _NAME.fullmatch(text) is not None


def check_pair(suite: SuiteId, cipher: FieldCipherId) -> None:
    """Raises CommandError where the suite doesn't allow the field cipher."""
    if not is_allowed(suite, cipher):
        fitting = ", ".join(sorted(c.name for c in SUITES[suite].field_ciphers))
        raise CommandError(f"{cipher.name} doesn't go with {suite.name}; choose one of {fitting}")


def _check_names(name: str, institution: str) -> None:
    if not _NAME.fullmatch(name):
        raise CommandError(
            "a channel's name begins with a letter and has up to 32 letters, digits, dots, - and _"
        )
    if not _INSTITUTION.fullmatch(institution):
        raise CommandError(
            "an institution's code has 1 to 12 visible ASCII characters and no blank"
        )


def _next_id(house: House) -> int:
    with house.reading() as conn:
        return reading.next_channel_id(conn)


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
            keys = reading.channel_keys(conn, found.id)
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
@_permissions
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
@_KEY_OUT
@_SERVERS
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
