"""What a channel may do, as options of a command, and a channel as people see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from tigertally_client.servers import ServerAddress
from tigertally_protocol.suites import SUITES, FieldCipherId, SuiteId, is_allowed
from tigertally_protocol.transactions import Transaction
from tigertally_server.cli.house import House
from tigertally_server.cli.output import CommandError, parse_when, when
from tigertally_server.domain.channel import Channel
from tigertally_server.services.table import SERVICES

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
KEY_OUT: Final = click.option(
    "--key-out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the credentials (mode 0600, never overwritten).",
)
SERVERS: Final = click.option(
    "--server",
    "servers",
    multiple=True,
    type=_Server(),
    help="Where clients reach a server, for the credentials; may be repeated "
    "[default: server.listen].",
)


def permission_options(command: F) -> F:
    """The options that say what a channel may do; `Settings` takes them."""
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


def is_name(text: str) -> bool:
    """Whether a channel or token type may be called so."""
    return _NAME.fullmatch(text) is not None


def check_pair(suite: SuiteId, cipher: FieldCipherId) -> None:
    """Raises CommandError where the suite doesn't allow the field cipher."""
    if not is_allowed(suite, cipher):
        fitting = ", ".join(sorted(c.name for c in SUITES[suite].field_ciphers))
        raise CommandError(f"{cipher.name} doesn't go with {suite.name}; choose one of {fitting}")


def check_names(name: str, institution: str) -> None:
    """Raises CommandError."""
    if not _NAME.fullmatch(name):
        raise CommandError(
            "a channel's name begins with a letter and has up to 32 letters, digits, dots, - and _"
        )
    if not _INSTITUTION.fullmatch(institution):
        raise CommandError(
            "an institution's code has 1 to 12 visible ASCII characters and no blank"
        )
