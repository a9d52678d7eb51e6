"""token type: list, show, set. A type is a name for how a kind of token counts, throttles and
locks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tigertally_engines.otp.parameters import OtpParameters
from tigertally_server.cli import token_making as making
from tigertally_server.cli.channel_settings import NAME_RULE, is_name
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, json_option, show_record, show_table
from tigertally_server.domain.administration import PutTokenType
from tigertally_server.store import reading


@click.group("type")
def token_type() -> None:
    """Token types: the parameters that many tokens share. A change acts on all of them within a
    second.
    """


@token_type.command("list")
@json_option
@click.pass_obj
def list_types(config_path: Path | None, as_json: bool) -> None:
    """List the token types."""
    with open_house(config_path) as house:
        house.act("token type list")
        types = house.environment.directory.snapshot.token_types
    rows: list[dict[str, Any]] = [
        {"name": name, **making.shown_parameters(types[name])} for name in sorted(types)
    ]
    shown = ("name", "algorithm", "hash", "digits", "step_s", "window", "max_failures", "lock_s")
    show_table(
        rows if as_json else [{key: row[key] for key in shown} for row in rows], as_json=as_json
    )


@token_type.command("show")
@click.argument("name")
@json_option
@click.pass_obj
def show(config_path: Path | None, name: str, as_json: bool) -> None:
    """Show every parameter of a token type."""
    with open_house(config_path) as house:
        parameters = making.type_named(house, name)
        house.act("token type show", {"type": name})
    show_record({"name": name, **making.shown_parameters(parameters)}, as_json=as_json)


@token_type.command("set")
@click.argument("name")
@click.argument("assignments", nargs=-1, required=True, metavar="KEY=VALUE...")
@json_option
@click.pass_obj
def set_type(
    config_path: Path | None, name: str, assignments: tuple[str, ...], as_json: bool
) -> None:
    """Set parameters of a token type, or make a new one.

    For instance: tigertally token type set totp-8 window=2 max_failures=10
    """
    if not is_name(name):
        raise CommandError(f"a token type's name {NAME_RULE}")
    values = making.parse_assignments(assignments)
    with open_house(config_path) as house:
        before = _stored(house, name)
        after = {**before, **values}
        parameters = making.merged(OtpParameters(), after)
        changes = {key: f"{before.get(key, 'default')} -> {value}" for key, value in values.items()}
        house.act(
            "token type set",
            {"type": name, **changes},
            [PutTokenType(name, json.dumps(after, sort_keys=True))],
        )
    show_record({"name": name, **making.shown_parameters(parameters)}, as_json=as_json)


def _stored(house: House, name: str) -> dict[str, object]:
    """What the type says itself; the rest are the engine's defaults."""
    with house.reading() as conn:
        for row in reading.token_types(conn):
            if row.name == name:
                values: dict[str, object] = json.loads(row.parameters)
                return values
    return {}
