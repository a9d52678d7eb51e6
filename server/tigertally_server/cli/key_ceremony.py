"""key component, key ceremony: keys from two or three custodians, none of whom ever sees more than
his own part.

Each component is typed without echo, or read from its custodian's file. Its check value is shown,
so that he can compare it with his own sheet, and so is the check value of the whole. Nothing typed
is kept, shown or logged; the entry holds check values and the number of custodians.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from tigertally_drivers.errors import DriverError
from tigertally_drivers.keys.components import (
    COMPONENTS,
    Component,
    combined,
    draw_components,
    format_component,
    load_component,
    parse_part,
)
from tigertally_drivers.keys.software import MasterKey, write_master_key_file
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_server.app.master_key import master_files, next_files
from tigertally_server.cli.house import House, load_config, open_house
from tigertally_server.cli.key_house import MASTER, key_work, summary
from tigertally_server.cli.key_rotating import Rotation, told
from tigertally_server.cli.keyfile import write_secret
from tigertally_server.cli.output import CommandError, json_option, say, show_record
from tigertally_server.domain.administration import PutKey
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.key_checks import ALGORITHMS, BadKeyBytes, check_value_of
from tigertally_server.services.key_making import expiry
from tigertally_server.store.installation import Connection
from tigertally_server.store.keys import next_ids

MASTER_ALGORITHM: Final = "aes-256"
_ALGORITHM: Final = click.option(
    "--algorithm",
    type=click.Choice(list(ALGORITHMS)),
    default=MASTER_ALGORITHM,
    show_default=True,
    help="What the key is for; fixes length and check value.",
)
_TRIES: Final = 3


def checker(algorithm: str) -> Callable[[bytes], bytes]:
    """The check value of a component of this algorithm; raises the drivers' Rejected."""

    def check(part: bytes) -> bytes:
        try:
            return check_value_of(algorithm, part)
        except BadKeyBytes as problem:
            raise CommandError(str(problem)) from None

    return check


@click.group()
def component() -> None:
    """Key components: one custodian's part of a key."""


@component.command("new")
@click.option(
    "--out",
    "files",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A new file, once per custodian: two or three.",
)
@_ALGORITHM
@json_option
def new(files: tuple[Path, ...], algorithm: str, as_json: bool) -> None:
    """Draw the components of a fresh key, each into a file of its own.

    Needs no installation: done before one, and on any machine. Each file is its
    custodian's alone: to print and seal into an envelope, to carry on a medium of his own. Nobody,
    this machine included, keeps the key that they make together.
    """
    if len(files) not in COMPONENTS:
        raise CommandError("a key has two or three components: name two or three files")
    length = max(ALGORITHMS[algorithm].lengths)
    drawn = draw_components(length, len(files), checker(algorithm), SystemEntropy())
    whole = checker(algorithm)(combined(drawn)).hex().upper()
    for part, path in zip(drawn, files, strict=True):
        write_secret(path, format_component(part).encode())
    checks = {f"component {part.number}": part.check_value.hex().upper() for part in drawn}
    show_record({**checks, "whole": whole}, as_json=as_json)


@component.command("check")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_ALGORITHM
@json_option
def check(file: Path, algorithm: str, as_json: bool) -> None:
    """Show which component a file holds, and its check value."""
    part = _loaded(file, algorithm)
    show_record(
        {
            "component": f"{part.number} of {part.total}",
            "check_value": part.check_value.hex().upper(),
        },
        as_json=as_json,
    )


def _loaded(file: Path, algorithm: str) -> Component:
    try:
        return load_component(file, checker(algorithm))
    except DriverError as problem:
        raise CommandError(str(problem)) from None


@click.command("ceremony")
@click.argument("purpose")
@click.option(
    "--custodians", type=click.IntRange(2, 3), default=3, show_default=True, help="How many type."
)
@click.option(
    "--component",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A component from its file instead of the keyboard; all of them.",
)
@click.option("--check-value", default="", help="What the whole must have, six digits.")
@_ALGORITHM
@click.option("--owner", default="", help="Whose working key: channel/7, institution/0001.")
@click.option("--name", default="", help="Tells several of one owner and purpose apart.")
@click.option("--exportable", is_flag=True, help="May leave under another key.")
@click.option("--wait", "wait_s", type=click.FloatRange(0, 3_600), default=2.0, show_default=True)
@json_option
@click.pass_obj
def ceremony(
    config_path: Path | None,
    /,
    purpose: str,
    custodians: int,
    files: tuple[Path, ...],
    check_value: str,
    algorithm: str,
    as_json: bool,
    **order: Any,
) -> None:
    """Enter a key by its components.

    PURPOSE is `master`: the master key of a system still to be installed, or the next one of an
    installed system (then `key rotate master` brings it into force); or the purpose of a working
    key of --owner (a transport key, for instance), which is in force at once, the next generation
    of the one that was.
    """
    if purpose == MASTER and algorithm != MASTER_ALGORITHM:
        raise CommandError(f"a master key is {MASTER_ALGORITHM}")
    if purpose != MASTER and not order["owner"]:
        raise CommandError("say whose key it is: --owner channel/NUMBER or institution/CODE")
    parts = [_loaded(path, algorithm) for path in files] if files else _typed(custodians, algorithm)
    raw = combine_checked(parts)
    whole = checker(algorithm)(raw).hex().upper()
    say(f"The key of these {len(parts)} components has check value {whole}.")
    if check_value and check_value.upper() != whole:
        raise CommandError(f"it should have {check_value.upper()}: nothing was stored")
    if purpose == MASTER:
        show_record(_master(config_path, raw), as_json=as_json)
        return
    checks = ", ".join(part.check_value.hex().upper() for part in parts)
    with open_house(config_path) as house, key_work(house) as conn:
        record = _working(house, conn, purpose, algorithm, raw, order, checks)
        shown = summary(record, house)
    show_record(shown, as_json=as_json)


def combine_checked(parts: Sequence[Component]) -> bytes:
    """Raises CommandError."""
    try:
        return combined(parts)
    except DriverError as problem:
        raise CommandError(str(problem)) from None


def _typed(custodians: int, algorithm: str) -> list[Component]:
    parts: list[Component] = []
    for number in range(1, custodians + 1):
        click.echo(
            f"\nCustodian {number} of {custodians}, please; nobody else at the screen.", err=True
        )
        parts.append(_one_typed(number, custodians, algorithm))
        click.clear()
    return parts


def _one_typed(number: int, total: int, algorithm: str) -> Component:
    for _ in range(_TRIES):
        text = click.prompt("component", hide_input=True, err=True)
        try:
            part = parse_part(text)
            value = checker(algorithm)(part)
        except (DriverError, CommandError) as problem:
            say(f"not taken: {problem.message if isinstance(problem, CommandError) else problem}")
            continue
        shown = value.hex().upper()
        if click.confirm(f"check value {shown}: is this the one on your sheet?", err=True):
            return Component(number, total, part, value)
    raise CommandError(f"component {number} was not entered: nothing was stored")


def _master(config_path: Path | None, raw: bytes) -> dict[str, Any]:
    """Before the installation the master key itself, afterwards the next one."""
    config = load_config(config_path)
    if config.keys.master_passphrase_file or config.keys.master_component_files:
        raise CommandError(
            "this configuration has the master key in a passphrase or in component files: put the "
            "next ones beside them as FILE.next, then `tigertally key rotate master`"
        )
    (path,) = master_files(config)
    target = next_files((path,))[0] if path.exists() else path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        made: MasterKey = write_master_key_file(target, raw, SystemEntropy())
    except DriverError as problem:
        raise CommandError(str(problem)) from None
    follows = "`tigertally key rotate master`" if target != path else "`tigertally serve`"
    say(f"{follows} brings it into force.")
    return {"file": str(target), "check_value": made.check_value.upper()}


def _working(
    house: House,
    conn: Connection,
    purpose: str,
    algorithm: str,
    raw: bytes,
    order: dict[str, Any],
    checks: str,
) -> KeyRecord:
    keyring, now_ms = house.environment.keyring, house.environment.clock.now_ms()
    place = (KeyLevel.WORKING, order["owner"], purpose, order["name"])
    before = [r for r in keyring.records() if r.place == place and r.state is KeyState.CURRENT]
    if before:
        if (before[0].algorithm, before[0].exportable) != (algorithm, order["exportable"]):
            raise CommandError("the key in force has another algorithm or may leave, this one not")
        house.act("key ceremony", {"purpose": purpose, "components": checks, "key": before[0].id})
        return Rotation(house, conn, order["wait_s"], raw).rotate(place)
    bare = KeyRecord(
        id=next_ids(conn, 1)[0],
        level=KeyLevel.WORKING,
        purpose=purpose,
        state=KeyState.CURRENT,
        owner=order["owner"],
        name=order["name"],
        algorithm=algorithm,
        exportable=order["exportable"],
        created_at_ms=now_ms,
        changed_at_ms=now_ms,
        expires_at_ms=expiry(KeyLevel.WORKING, now_ms),
    )
    conn.rollback()
    record = keyring.sealed_record(bare, raw)
    house.act("key ceremony", {**told(record), "components": checks}, [PutKey(record)])
    return record
