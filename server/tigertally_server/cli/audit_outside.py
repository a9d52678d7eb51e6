"""audit: keys, change-key, consistency. What leaves the house for those who verify from outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tigertally_drivers.errors import DriverError
from tigertally_drivers.postgres.settings import APP, AUDITOR
from tigertally_server.app.changing_key import change_checkpoint_key
from tigertally_server.audit import merkle
from tigertally_server.audit.checkpoint import origin_of, parse_checkpoint
from tigertally_server.audit.keychange import keys_name
from tigertally_server.audit.note import Algorithm, NoteError, VerifierKey
from tigertally_server.audit.rounds import rounds_origin
from tigertally_server.audit.tile_folder import TileFolder
from tigertally_server.audit.tiles import TileError, subtree_of_tiles
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, json_option, say, show_table
from tigertally_server.services.installation import InstallationError
from tigertally_server.services.keyring import KeyMissing
from tigertally_server.store import audit_rounds
from tigertally_server.store import installation as rows
from tigertally_server.store.audit_rounds import CheckpointKeyRow

FORMAT = "tigertally-consistency-1"


@click.command("keys")
@json_option
@click.pass_obj
def show_keys(config_path: Path | None, as_json: bool) -> None:
    """The verifier keys of every log, for witnesses and auditors; one line each, the current key
    last.
    """
    with open_house(config_path) as house:
        with house.reading(AUDITOR) as conn:
            keys = audit_rounds.checkpoint_keys(conn)
        row = house.environment.installation
        names = [
            keys_name(row.installation_id),
            rounds_origin(row.installation_id),
            *(origin_of(row.installation_id, shard) for shard in range(row.shards)),
        ]
        lines = [
            {"generation": key.generation, "key": VerifierKey(name, key.public_key).text()}
            for key in keys
            for name in names
        ]
    if as_json:
        show_table(lines, as_json=True)
        return
    for line in lines:
        click.echo(line["key"])


@click.command("change-key")
@click.option("--to", "place", help="file or hsm:LABEL [default: audit.signer].")
@click.option(
    "--algorithm",
    type=click.Choice([each.value for each in Algorithm]),
    help="[default: audit.signer_algorithm]",
)
@json_option
@click.pass_obj
def change_key(
    config_path: Path | None, place: str | None, algorithm: str | None, as_json: bool
) -> None:
    """Make a new checkpoint key and let the old one vouch for it, while servers go on.

    Servers follow with their next checkpoint. Tell witnesses and auditors the new keys (`audit
    keys`); the note that both keys signed stands in the published folder.
    """
    with open_house(config_path) as house:
        section = house.config.audit
        try:
            with house.reading(APP) as conn:
                key = change_checkpoint_key(
                    conn,
                    house.environment,
                    place or section.signer,
                    Algorithm(algorithm or section.signer_algorithm),
                )
        except (DriverError, InstallationError, KeyMissing, NoteError, OSError) as problem:
            raise CommandError(f"the checkpoint key was not changed: {problem}") from None
        house.act("audit change-key", {"generation": key.generation, "place": key.place})
    _tell_key(key, as_json=as_json)


def _tell_key(key: CheckpointKeyRow, *, as_json: bool) -> None:
    if as_json:
        record = {"generation": key.generation, "key": key.public_key.hex(), "place": key.place}
        show_table([record], as_json=True)
        return
    say(f"checkpoint key {key.generation} is in force: {key.public_key.hex()}, in {key.place}")


@click.command("consistency")
@click.argument("old", type=int)
@click.argument("new", type=int)
@click.option("--log", "name", default="rounds", help="A shard's number, or rounds (the default).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="[default: stdout]")
@click.pass_obj
def prove_consistency(
    config_path: Path | None, old: int, new: int, name: str, out: Path | None
) -> None:
    """Prove that the log at size NEW begins with the log at size OLD (RFC 9162).

    Both sizes must have signed checkpoints. The document holds both and the proof; check it with
    python -m tigertally_client.log consistency FILE --key KEY
    """
    if not 0 < old <= new:
        raise CommandError("OLD and NEW are sizes with 0 < OLD <= NEW")
    with open_house(config_path) as house:
        document = _consistency(house, name, old, new)
        house.act("audit consistency", {"log": name, "old": old, "new": new})
    if out is None:
        click.echo(document, nl=False)
        return
    try:
        out.write_text(document, encoding="utf-8")
    except OSError as problem:
        raise CommandError(f"cannot write {out}: {problem.strerror}") from None
    say(f"written: {out}")


def _consistency(house: House, name: str, old: int, new: int) -> str:
    with house.reading(AUDITOR) as conn:
        notes = [_note_at(conn, name, size) for size in (old, new)]
    folder = TileFolder(house.config.log_dir / name)
    published = folder.checkpoint()
    size = 0 if published is None else int(published.split("\n", 2)[1])
    if size < new:
        raise CommandError(f"only {size} entries of {name} are published so far")
    try:
        proof = merkle.consistency_proof(subtree_of_tiles(size, folder.read), old, new)
    except TileError as problem:
        raise CommandError(f"{problem}; run `tigertally audit verify`") from None
    document: dict[str, Any] = {
        "format": FORMAT,
        "old": notes[0],
        "new": notes[1],
        "proof": [each.hex() for each in proof],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _note_at(conn: rows.Connection, name: str, size: int) -> str:
    if name == "rounds":
        note = audit_rounds.round_note(conn, size - 1)
    elif name.isdecimal():
        note = rows.checkpoint_at(conn, int(name), size)
    else:
        raise CommandError(f"{name!r} is no log; write a shard's number or rounds")
    if note is None:
        near = [] if name == "rounds" else rows.checkpoints_after(conn, int(name), size)[:1]
        hint = f"; the next is {parse_checkpoint(near[0]).size}" if near else ""
        raise CommandError(f"{name} has no signed checkpoint of size {size}{hint}")
    return note
