"""key backup, key restore: all keys in one file, for a backup key that custodians hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from tigertally_drivers.errors import DriverError
from tigertally_drivers.keys.components import load_component, master_component_check
from tigertally_drivers.keys.software import MasterKey, load_master_key
from tigertally_drivers.postgres.settings import APP
from tigertally_drivers.system.clock import SystemClock
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_server.app.environment import migrate, open_databases
from tigertally_server.app.master_key import Master, master_in_force, named_by_passphrase
from tigertally_server.cli.house import House, load_config, open_house, opening_errors
from tigertally_server.cli.key_ceremony import combine_checked
from tigertally_server.cli.key_house import key_work
from tigertally_server.cli.keyfile import write_secret
from tigertally_server.cli.output import CommandError, json_option, say, show_record
from tigertally_server.config import Config
from tigertally_server.domain.key import KeyLevel, KeyState
from tigertally_server.services.key_backup import (
    Backup,
    BadBackup,
    make_backup,
    read_backup,
    restored_records,
)
from tigertally_server.services.key_making import master_record
from tigertally_server.store import installation as rows
from tigertally_server.store.installation import Connection, Installation
from tigertally_server.store.keys import change_key, insert_keys, next_ids, read_keys

_COMPONENTS: Final = click.option(
    "--component",
    "components",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A component file of the backup key (`key component new`); all two or three.",
)
_KEY_FILE: Final = click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The backup key in one file instead.",
)


@click.command("backup")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A new file."
)
@_COMPONENTS
@_KEY_FILE
@json_option
@click.pass_obj
def backup(
    config_path: Path | None,
    out: Path,
    components: tuple[Path, ...],
    key_file: Path | None,
    as_json: bool,
) -> None:
    """Write all keys into a file, sealed for a backup key.

    Make one after every rotation, and keep it apart from the backup key's components. The master
    key is not in it: what it sealed is sealed for the backup key instead.
    """
    backup_key = _backup_key(components, key_file)
    with open_house(config_path) as house, key_work(house):
        data = _made(house, backup_key)
        write_secret(out, data)
        keys = len(read_backup(data, backup_key).keys)
        house.act("key backup", {"keys": keys, "backup key": backup_key.check_value.upper()})
    show_record(
        {"file": str(out), "keys": keys, "backup_key": backup_key.check_value.upper()},
        as_json=as_json,
    )


def _made(house: House, backup_key: MasterKey) -> bytes:
    environment = house.environment
    keyring = environment.keyring
    try:
        return make_backup(
            keyring.records(),
            keyring.hierarchy.master,
            backup_key,
            environment.installation.installation_id,
            environment.clock.now_ms(),
        )
    except DriverError as problem:
        raise CommandError(f"the master key does not open its keys: {problem}") from None


def _backup_key(components: Sequence[Path], key_file: Path | None) -> MasterKey:
    if bool(components) == bool(key_file):
        raise CommandError("name the backup key: --component twice or three times, or --key-file")
    try:
        if key_file is not None:
            return load_master_key(key_file)
        parts = [load_component(path, master_component_check) for path in components]
        return MasterKey(combine_checked(parts))
    except DriverError as problem:
        raise CommandError(str(problem)) from None


@click.command("restore")
@click.option(
    "--in",
    "source",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The backup.",
)
@_COMPONENTS
@_KEY_FILE
@json_option
@click.pass_obj
def restore(
    config_path: Path | None,
    source: Path,
    components: tuple[Path, ...],
    key_file: Path | None,
    as_json: bool,
) -> None:
    """Bring the keys of a backup back.

    Into an empty database: it is installed with them, under a master key of its own. Into the
    database they were taken from, whose master key is lost: they are sealed under the master key
    that the configuration names now. Nothing else is changed; a second run finds nothing to do.
    """
    backup_key = _backup_key(components, key_file)
    config = load_config(config_path)
    with opening_errors():
        try:
            saved = read_backup(source.read_bytes(), backup_key)
            told = _restored(config, saved, backup_key)
        except OSError as problem:
            raise CommandError(f"cannot read {source}: {problem.strerror}") from None
        except BadBackup as problem:
            raise CommandError(str(problem)) from None
    with open_house(config_path) as house:
        house.act("key restore", {"backup key": backup_key.check_value.upper(), **told})
    show_record(told, as_json=as_json)


def _restored(config: Config, saved: Backup, backup_key: MasterKey) -> dict[str, Any]:
    databases = open_databases(config)
    try:
        migrate(databases)
        conn = databases.connect(APP)
        try:
            rows.lock_for_installing(conn)
            row = rows.read_installation(conn)
            if row is None:
                return _into_empty(conn, config, saved, backup_key)
            return _under_new_master(conn, config, saved, backup_key, row)
        finally:
            conn.close()
    finally:
        databases.close()


def _into_empty(
    conn: Connection, config: Config, saved: Backup, backup_key: MasterKey
) -> dict[str, Any]:
    """The key records alone; the installation that follows finds them there, and makes the rest."""
    if read_keys(conn):
        raise CommandError("there are keys in this database, but no installation: use an empty one")
    clock, entropy = SystemClock(), SystemEntropy()
    master = master_in_force(config, None, entropy)
    if master.salt:
        raise CommandError(
            "into an empty database keys are restored under a master key file: take "
            "keys.master_passphrase_file out of the configuration, restore, and make a `key "
            "backup` of the new installation; then put it in again and restore that backup, "
            "which seals the keys under the passphrase"
        )
    above = max((kept.id for kept in saved.keys), default=0) + 1
    found = restored_records(saved, backup_key, master.key, above, clock.now_ms())
    insert_keys(conn, found)
    next_ids(conn, above)  # those are taken
    conn.commit()
    return _told("an empty database", len(found) - 1, master)


def _under_new_master(
    conn: Connection, config: Config, saved: Backup, backup_key: MasterKey, row: Installation
) -> dict[str, Any]:
    if saved.installation != row.installation_id:
        raise CommandError(
            f"the backup is of installation {saved.installation}, this is {row.installation_id}"
        )
    clock, entropy = SystemClock(), SystemEntropy()
    master = _named_now(config, row, entropy)
    if bytes.fromhex(master.key.check_value) == row.master_check:
        return _told("the master key fits: nothing to do", 0, master)
    records, now_ms = {record.id: record for record in read_keys(conn)}, clock.now_ms()
    master_id = next_ids(conn, 1)[0]
    generation = 1
    for record in [r for r in records.values() if r.level is KeyLevel.MASTER]:
        generation = max(generation, record.generation + 1)
        if record.state is KeyState.CURRENT:
            change_key(conn, record, replace(record, state=KeyState.OLD, changed_at_ms=now_ms))
    insert_keys(conn, [master_record(master_id, master.key, now_ms, generation)])
    known = {
        record.id: record
        for record in restored_records(saved, backup_key, master.key, master_id, now_ms)
    }
    lost = 0
    for record in records.values():
        if record.level is not KeyLevel.ENCRYPTION or not record.readable:
            continue
        kept = known.get(record.id)
        if kept is None or kept.check_value != record.check_value:
            lost += 1
            continue
        change_key(
            conn,
            record,
            replace(record, parent=master_id, sealed=kept.sealed, changed_at_ms=now_ms),
        )
    if lost:
        conn.rollback()
        raise CommandError(
            f"{lost} key-encryption keys were made after this backup: their keys are in a later one"
        )
    conn.execute(
        "UPDATE tigertally.installation SET master_check = %s, master_salt = %s",
        (bytes.fromhex(master.key.check_value), master.salt),
    )
    conn.commit()
    return _told("the database they were taken from", len(known) - 1, master)


def _named_now(config: Config, row: Installation, entropy: SystemEntropy) -> Master:
    """Whatever the configuration names, without comparing it with the one that is lost."""
    if row.master_salt and config.keys.master_passphrase_file:
        return named_by_passphrase(config, row.master_salt)
    return master_in_force(config, None, entropy)


def _told(where: str, keys: int, master: Master) -> dict[str, Any]:
    say(f"The master key is {master.where}, check value {master.key.check_value.upper()}.")
    return {
        "restored_into": where,
        "keys": keys,
        "master_check_value": master.key.check_value.upper(),
    }
