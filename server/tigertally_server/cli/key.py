"""key: list, show, rotate, rewrap, compromise, destroy; ceremony, component, backup, restore."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

import click

from tigertally_drivers.errors import DriverError
from tigertally_drivers.keys.components import load_component, master_component_check
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.key_backup import backup, restore
from tigertally_server.cli.key_ceremony import ceremony, combine_checked, component
from tigertally_server.cli.key_destroying import Destruction
from tigertally_server.cli.key_house import (
    ENDED,
    MASTER,
    find_key,
    follow,
    key_work,
    place_of,
    summary,
)
from tigertally_server.cli.key_rotating import Rotation, seal_anew, told
from tigertally_server.cli.output import (
    CommandError,
    json_option,
    say,
    show_record,
    show_table,
    when,
)
from tigertally_server.domain.key import IllegalKeyTransition, KeyLevel
from tigertally_server.services.key_making import DAY_MS
from tigertally_server.services.rewrapping import PAGE, PARTS, Rewrapper
from tigertally_server.store import rewrap as progress_rows
from tigertally_server.store.installation import Connection

_SHOWN: Final = (
    "id", "level", "purpose", "owner", "name", "generation", "state", "check_value",
    "sealed_under", "expires", "warning",
)  # fmt: skip
_WAIT: Final = click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0, 3_600),
    default=2.0,
    show_default=True,
    help="Seconds between making a generation and using it: every server takes it over meanwhile.",
)
_QUIET: Final = click.option("--quiet", is_flag=True, help="No progress.")


@click.group()
def key() -> None:
    """Keys: inventory, rotation, ceremony, backup, destruction.

    The master key seals key-encryption keys, those seal data keys and working keys, and these seal
    or compute everything else. What is changed here acts on every running server within a second;
    nothing has to be stopped.
    """


key.add_command(component)
key.add_command(ceremony)
key.add_command(backup)
key.add_command(restore)


@key.command("list")
@click.option("--all", "everything", is_flag=True, help="Destroyed keys, too.")
@click.option(
    "--expiring",
    "days",
    type=click.IntRange(0, 36_500),
    help="Only current ones that end within so many days.",
)
@json_option
@click.pass_obj
def list_keys(config_path: Path | None, everything: bool, days: int | None, as_json: bool) -> None:
    """List the keys: what each is for, where it stands in its life, what seals it."""
    with open_house(config_path) as house:
        house.act("key list")
        now_ms = house.environment.clock.now_ms()
        found = [
            summary(record, house)
            for record in house.environment.keyring.records()
            if (everything or record.state not in ENDED)
            and (
                days is None
                or (record.state == "current" and record.expires_at_ms < now_ms + days * DAY_MS)
            )
        ]
    rows = found if as_json else [{name: row[name] for name in _SHOWN} for row in found]
    show_table(rows, as_json=as_json, none="no such keys")


key.add_command(list_keys, "inventory")


@key.command("show")
@click.argument("number")
@json_option
@click.pass_obj
def show(config_path: Path | None, number: str, as_json: bool) -> None:
    """Show one key, and how many rows and keys are under it."""
    with open_house(config_path) as house, key_work(house) as conn:
        record = find_key(house.environment.keyring, number)
        house.act("key show", told(record))
        needed = Destruction(house, conn).needs(record)
        shown = {**summary(record, house), "needed_by": needed or ""}
    show_record(shown, as_json=as_json)


@key.command("rotate")
@click.argument("target")
@_WAIT
@click.option(
    "--rewrap/--no-rewrap",
    default=True,
    help="Seal everything anew right away, or leave it to the servers and `key rewrap`.",
)
@click.option(
    "--component",
    "components",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="For master: a component file of the new key; two or three of them.",
)
@_QUIET
@json_option
@click.pass_obj
def rotate(
    config_path: Path | None,
    target: str,
    wait_s: float,
    rewrap: bool,
    components: tuple[Path, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """Replace a key by its next generation, while servers run.

    TARGET is `master`, a key-encryption key (data-keys, working-keys, files), the purpose of a data
    key (seed, channel, customer, outcome, digest, head, credential, pepper), or a key's number.
    What the old generation sealed stays readable. Interrupted anywhere, the same command goes on.
    """
    if components and target != MASTER:
        raise CommandError("components make a new master key: `key rotate master --component …`")
    with open_house(config_path) as house, key_work(house) as conn:
        rotation = Rotation(house, conn, wait_s)
        if target == MASTER:
            fresh = rotation.rotate_master(_combined(components))
            record = next(
                r
                for r in house.environment.keyring.records()
                if r.level is KeyLevel.MASTER and r.state == "current"
            )
            say(
                f"The new master key is {fresh.where}. Copy it to its safe place, and to every "
                "other host of this system before a server is started there again."
            )
        else:
            record = rotation.rotate(place_of(house.environment.keyring, target))
        if rewrap:
            seal_anew(house, conn, PARTS, page=PAGE, quiet=quiet)
        shown = summary(record, house)
    show_record(shown, as_json=as_json)


def _combined(files: tuple[Path, ...]) -> bytes | None:
    if not files:
        return None
    try:
        return combine_checked([load_component(path, master_component_check) for path in files])
    except DriverError as problem:
        raise CommandError(str(problem)) from None


@key.command("rewrap")
@click.option("--status", is_flag=True, help="Only say how far it is.")
@click.option("--count", is_flag=True, help="With --status: count what is left, row by row.")
@click.option(
    "--page",
    type=click.IntRange(1, 10_000),
    default=PAGE,
    show_default=True,
    help="Rows per transaction.",
)
@_QUIET
@json_option
@click.pass_obj
def rewrap(
    config_path: Path | None, status: bool, count: bool, page: int, quiet: bool, as_json: bool
) -> None:
    """Seal anew whatever stands under an older generation of its key.

    Servers do the same beside their traffic (keys.rewrap_rows_per_s); both may run, be stopped and
    go on. Entries of the log are never touched: they keep the key they were sealed under.
    """
    with open_house(config_path) as house:
        if status:
            house.act("key rewrap status")
            with house.reading(house.acting.role) as conn:
                follow(house, conn)
                rows = _status(house, conn, count=count)
        else:
            with key_work(house) as conn:
                seal_anew(house, conn, PARTS, page=page, quiet=quiet)
                rows = _status(house, conn, count=True)
    show_table(rows, as_json=as_json, none="nothing stands under an older key")


def _status(house: House, conn: Connection, *, count: bool) -> list[dict[str, Any]]:
    environment, zone = house.environment, house.config.zone
    rewrapper = Rewrapper(environment.keyring, environment.clock)
    known = progress_rows.read_progress(conn)
    due = rewrapper.due()
    found = []
    for part in PARTS:
        progress = known.get(part)
        if progress is None and part not in due:
            continue
        told_of = progress or progress_rows.Progress(part, 0)
        row: dict[str, Any] = {
            "table": part,
            "looked_at": told_of.seen,
            "of_about": told_of.total,
            "sealed_anew": told_of.sealed_anew,
            "do_not_open": told_of.failed,
            "began": when(told_of.started_at_ms, zone),
            "finished": when(told_of.finished_at_ms, zone),
        }
        if count:
            row["left"] = rewrapper.left(conn, part) if part in due else 0
        found.append(row)
    conn.rollback()
    return found


@key.command("compromise")
@click.argument("number")
@click.option("--reason", required=True, help="Stands in the log.")
@_WAIT
@_QUIET
@json_option
@click.pass_obj
def compromise(
    config_path: Path | None, number: str, reason: str, wait_s: float, quiet: bool, as_json: bool
) -> None:
    """Say that a key is known to others.

    A current one is replaced first, what it sealed is sealed anew. It stays readable, and an alarm,
    until it is destroyed. A master key is replaced by `key rotate master`.
    """
    with open_house(config_path) as house, key_work(house) as conn:
        record = find_key(house.environment.keyring, number)
        if record.level is KeyLevel.MASTER and record.state == "current":
            raise CommandError("replace the master key first: `tigertally key rotate master`")
        try:
            ended = Rotation(house, conn, wait_s).compromised(record, reason)
        except IllegalKeyTransition as why:
            raise CommandError(str(why)) from None
        seal_anew(house, conn, PARTS, page=PAGE, quiet=quiet)
        shown = summary(ended, house)
    show_record(shown, as_json=as_json)


@key.command("destroy")
@click.argument("number")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option(
    "--no-file-needs-it",
    is_flag=True,
    help="For a key-encryption key of files: every host has started since its rotation.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why; for the one who approves it.")
@json_option
@click.pass_obj
def destroy(
    config_path: Path | None,
    number: str,
    yes: bool,
    no_file_needs_it: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Destroy an old key for good.

    Refused while anything is still sealed under it; it says how much. Older copies of its bytes, in
    the database's log and in its backups, are sealed under its key-encryption key: destroy that one
    too, and the master key's older generation, where nobody must ever read them.
    """
    with open_house(config_path) as house, key_work(house) as conn:
        record = find_key(house.environment.keyring, number)
        destruction = Destruction(house, conn, no_file_needs_it=no_file_needs_it)
        destruction.check(record)
        approved = destruction.leave(record, reason)
        if not yes:
            click.confirm(
                f"Destroy key {record.id} ({record.level}, {record.purpose})?", abort=True, err=True
            )
        gone = destruction.carry_out(record, approved)
        left = Counter(r.state.value for r in house.environment.keyring.records())
        shown = {**summary(gone, house), "keys_left": left["current"] + left["old"]}
    show_record(shown, as_json=as_json)
