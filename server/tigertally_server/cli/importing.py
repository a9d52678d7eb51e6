"""import: start, status, resume, cancel. What a job does is in `import_job`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from msgspec.structs import replace

from tigertally_drivers.tokenfile.keys import NO_KEYS
from tigertally_server.cli import token_making as making
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.import_job import ImportRun
from tigertally_server.cli.import_preparing import Preparing
from tigertally_server.cli.import_source import FORMATS, check_order, fingerprint
from tigertally_server.cli.output import (
    CommandError,
    json_option,
    say,
    show_record,
    show_table,
    when,
)
from tigertally_server.domain.import_job import (
    UNFINISHED,
    ImportJob,
    ImportOrder,
    ImportState,
)
from tigertally_server.store import imports
from tigertally_server.store.installation import Connection

SHOWN: Final = 20
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.group("import")
def import_group() -> None:
    """Token files into the stock, as jobs: checked as a whole before anything is written, and
    resumed after any interruption.

    The file is as secret as its seeds: remove it afterwards.
    """


@import_group.command()
@click.argument("file", type=_FILE)
@click.option(
    "--institution", required=True, metavar="CODE", help="Legal entity that the tokens belong to."
)
@click.option(
    "--format", "format_", type=click.Choice(list(FORMATS)), default="pskc", show_default=True
)
@click.option("--layout", type=_FILE, help="csv: the TOML file that describes it.")
@click.option("--key-file", type=_FILE, help="Pre-shared transport keys: hex, or name = hex.")
@click.option("--password-file", type=_FILE, help="pskc: the password of a derived key.")
@click.option("--private-key", type=_FILE, help="pskc: our RSA key, PEM.")
@click.option(
    "--seed-encoding",
    type=click.Choice(["auto", "hex", "base32"]),
    default="auto",
    show_default=True,
    help="oath-csv: how seeds are written.",
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
@click.option("--again", is_flag=True, help="Even if this very file was imported before.")
@json_option
@click.pass_obj
def start(
    config_path: Path | None,
    file: Path,
    institution: str,
    format_: str,
    layout: Path | None,
    key_file: Path | None,
    password_file: Path | None,
    private_key: Path | None,
    seed_encoding: str,
    type_name: str,
    assignments: tuple[str, ...],
    dry_run: bool,
    again: bool,
    as_json: bool,
) -> None:
    """Import a token file, or go on with it where an earlier start was interrupted.

    A token whose algorithm, hash, digits or time step differ from its type's gets them as its own.
    One that is there already with the same seed stays as it is; with another seed, the whole file
    is refused.
    """
    making.check_institution(institution)
    order = ImportOrder(
        path=_absolute(file),
        format=format_,
        type_name=type_name,
        assignments=assignments,
        layout=_absolute(layout),
        seed_encoding=seed_encoding,
        key_file=_absolute(key_file),
        password_file=_absolute(password_file),
        private_key_file=_absolute(private_key),
    )
    with open_house(config_path) as house:
        job = start_job(house, institution, order, dry_run=dry_run, again=again, quiet=as_json)
    show_outcome(job, dry_run=dry_run, as_json=as_json)


def start_job(
    house: House,
    institution: str,
    order: ImportOrder,
    *,
    dry_run: bool = False,
    again: bool = False,
    quiet: bool = False,
) -> ImportJob:
    """Runs a job on the file until it is done or refused. Raises CommandError."""
    keys = check_order(order)
    Preparing(house, institution, order)
    sha256, size = fingerprint(Path(order.path))
    with _job_connection(house) as conn:
        found = None if dry_run else imports.job_of_file(conn, institution, sha256)
        if found is not None and found.state is ImportState.DONE:
            if not again:
                say(f"this file was imported before, as job {found.id}; --again reads it again")
                return found
            found = None
        if found is not None and _meant(found.order) != _meant(order):
            raise CommandError(
                f"job {found.id} began with this file and other options; `import resume {found.id}`"
                f" goes on with those, `import cancel {found.id}` ends it"
            )
        now_ms = house.environment.clock.now_ms()
        job = found or imports.insert(
            conn,
            ImportJob(
                id=0,
                institution=institution,
                file=Path(order.path).name,
                sha256=sha256,
                size=size,
                order=order,
                operator=house.operator,
                created_at_ms=now_ms,
                changed_at_ms=now_ms,
            ),
        )
        if job is None:
            raise CommandError("another process has just begun to import this file")
        if dry_run:
            job = ImportRun(house, conn, keys, dry_run=True, quiet=quiet).run(job)
            conn.rollback()
            details = {"institution": institution, "file sha256": sha256.hex()}
            house.act("token import, dry run", details)
            return job
        conn.commit()
        _lock(conn, job)
        job = replace(job, order=order)  # the files may lie elsewhere now
        return ImportRun(house, conn, keys, dry_run=False, quiet=quiet).run(job)


@import_group.command()
@click.argument("job_id", metavar="[JOB]", type=int, required=False)
@json_option
@click.pass_obj
def status(config_path: Path | None, job_id: int | None, as_json: bool) -> None:
    """One job in full, or the last ones, newest first."""
    with open_house(config_path) as house, house.reading() as conn:
        zone = house.config.zone
        if job_id is not None:
            job = _job(conn, job_id)
            told = {**_result(job), "operator": job.operator}
            told |= {
                "began": when(job.created_at_ms, zone),
                "changed": when(job.changed_at_ms, zone),
            }
            show_record(told, as_json=as_json)
            return
        rows = [
            {
                "job": job.id,
                "state": job.state.name.lower(),
                "file": job.file,
                "institution": job.institution,
                "read": job.staged,
                "imported": job.imported,
                "there_already": job.there,
                "changed": when(job.changed_at_ms, zone),
            }
            for job in imports.jobs(conn, SHOWN)
        ]
    show_table(rows, as_json=as_json, none="there was no import yet")


@import_group.command()
@click.argument("job_id", metavar="[JOB]", type=int, required=False)
@json_option
@click.pass_obj
def resume(config_path: Path | None, job_id: int | None, as_json: bool) -> None:
    """Go on with a job that was interrupted, by default the last one.

    While a job reads, its file and the files with its keys must lie where they lay; once it writes,
    they are needed no more.
    """
    with open_house(config_path) as house, _job_connection(house) as conn:
        job = _unfinished(conn, job_id)
        _lock(conn, job)
        job = _job(conn, job.id)  # as it is now that nobody else changes it
        keys = check_order(job.order) if job.state is ImportState.READING else NO_KEYS
        job = ImportRun(house, conn, keys, dry_run=False, quiet=as_json).run(job)
    show_outcome(job, dry_run=False, as_json=as_json)


@import_group.command()
@click.argument("job_id", metavar="JOB", type=int)
@json_option
@click.pass_obj
def cancel(config_path: Path | None, job_id: int, as_json: bool) -> None:
    """End an interrupted job for good. What it has in the stock stays there."""
    with open_house(config_path) as house, _job_connection(house) as conn:
        _lock(conn, _unfinished(conn, job_id))
        job = _unfinished(conn, job_id)
        job = replace(
            job, state=ImportState.CANCELLED, changed_at_ms=house.environment.clock.now_ms()
        )
        imports.unstage(conn, job.id)
        imports.update(conn, job)
        conn.commit()
        details = {"job": job.id, "file sha256": job.sha256.hex(), "in the stock": job.imported}
        house.act("import cancelled", details)
    show_record(_result(job), as_json=as_json)


def show_outcome(job: ImportJob, *, dry_run: bool, as_json: bool) -> None:
    """Raises CommandError where the file was refused, with what is wrong with it."""
    refused = job.state is ImportState.REFUSED
    if not refused or dry_run:
        show_record(_result(job, dry_run=dry_run), as_json=as_json)
    if refused:
        report = job.report
        more = report.problem_count - len(report.problems)
        lines = [f"{job.file}: {text}" for text in report.problems]
        lines += [f"… and {more:,} more"] if more else []
        raise CommandError("\n".join([*lines, "Nothing was imported."]))


def _result(job: ImportJob, *, dry_run: bool = False) -> dict[str, Any]:
    report = job.report
    told: dict[str, Any] = {"file": job.file}
    if not dry_run:
        told |= {"job": job.id, "state": job.state.name.lower()}
    told["tokens_in_file"] = job.staged
    if dry_run:
        told["would_import"] = 0 if report.problem_count else job.staged - job.there
    else:
        told["imported"] = job.imported
    return told | {
        "there_already": job.there,
        "skipped": sorted(report.there_already),
        "types": [f"{name}: {count}" for name, count in sorted(report.types.items())],
        "problems": list(report.problems),
        "problem_count": report.problem_count,
        "sha256": job.sha256.hex(),
    }


@contextmanager
def _job_connection(house: House) -> Iterator[Connection]:
    with house.reading() as conn:
        imports.prepare(conn)
        conn.commit()
        yield conn


def _lock(conn: Connection, job: ImportJob) -> None:
    locked = imports.lock(conn, job.id)
    conn.commit()
    if not locked:
        raise CommandError(f"another process works on job {job.id} right now")


def _job(conn: Connection, job_id: int) -> ImportJob:
    job = imports.job_by_id(conn, job_id)
    if job is None:
        raise CommandError(f"there is no import job {job_id}; `import status` shows them")
    return job


def _unfinished(conn: Connection, job_id: int | None) -> ImportJob:
    job = imports.last_unfinished(conn) if job_id is None else _job(conn, job_id)
    if job is None or job.state not in UNFINISHED:
        what = "no job is" if job is None else f"job {job.id} is not"
        raise CommandError(f"{what} unfinished; `import status` shows them")
    return job


def _absolute(path: Path | None) -> str:
    return str(path.absolute()) if path else ""


def _meant(order: ImportOrder) -> tuple[object, ...]:
    """What becomes of the tokens, wherever the files lie."""
    return order.format, order.type_name, order.assignments, order.seed_encoding
