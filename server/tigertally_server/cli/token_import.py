"""token import: the simple front door to an import job, for a PSKC file (RFC 6030).

The whole file is read and checked before anything is written, so a bad file imports nothing; a
token that is there already with the same seed is passed over. `tigertally import` has the other
formats, progress and what to do after an interruption.
"""

from __future__ import annotations

from pathlib import Path

import click

from tigertally_server.cli import token_making as making
from tigertally_server.cli.house import open_house
from tigertally_server.cli.importing import show_outcome, start_job
from tigertally_server.cli.output import json_option
from tigertally_server.domain.import_job import ImportOrder


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--institution", required=True, metavar="CODE", help="Legal entity that the tokens belong to."
)
@click.option(
    "--type",
    "type_name",
    default="",
    metavar="NAME",
    help="Token type of all of them [default: the one that fits each best].",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="Differs from the type for all, e.g. window=2.",
)
@click.option("--dry-run", is_flag=True, help="Read and check everything, keep nothing.")
@json_option
@click.pass_obj
def import_tokens(
    config_path: Path | None,
    file: Path,
    institution: str,
    type_name: str,
    assignments: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import tokens from a PSKC file with plain keys; `tigertally import start` has more formats.

    A token whose algorithm, hash, digits or time step differ from its type's gets them as its own.
    The file is as secret as its seeds: remove it afterwards.
    """
    making.check_institution(institution)
    order = ImportOrder(
        path=str(file.absolute()), format="pskc", type_name=type_name, assignments=assignments
    )
    with open_house(config_path) as house:
        job = start_job(house, institution, order, dry_run=dry_run, again=True, quiet=as_json)
    show_outcome(job, dry_run=dry_run, as_json=as_json)
