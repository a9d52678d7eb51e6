"""audit archive, audit restore: months of the log into files outside, and back for a look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from tigertally_drivers.postgres.settings import OWNER
from tigertally_server.app.archiving import Archiver, NotArchived, demand_archivable, file_name
from tigertally_server.audit.archive_check import ArchiveFacts, Each, check_archive
from tigertally_server.audit.archive_file import ArchiveError, read_header
from tigertally_server.cli.audit_log import parse_month
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import (
    CommandError,
    Progress,
    json_option,
    say,
    show_record,
    show_table,
    when,
)
from tigertally_server.store import archives, audit_rounds
from tigertally_server.store.archives import Archive, Connection

BYTES_EACH: Final = 230
"""Of a file, an entry, about: for progress."""


@contextmanager
def _owning(house: House) -> Iterator[Connection]:
    """A connection of the schema's owner, without time limits."""
    conn = house.environment.databases.connect(OWNER, patient=True)
    try:
        yield conn
    finally:
        conn.close()


# ---------------------------------------------------------------- archive


@click.command("archive")
@click.option("--month", metavar="YYYY-MM", help="The month to archive; goes on after a crash.")
@click.option("--list", "listing", is_flag=True, help="What is archived, and what may be next.")
@click.option("--quiet", is_flag=True, help="No progress.")
@json_option
@click.pass_obj
def archive_month(
    config_path: Path | None, /, month: str | None, *, listing: bool, quiet: bool, as_json: bool
) -> None:
    """Move a month of the log into a compressed, signed file in audit.archive_dir.

    The file proves its entries by itself; 32 bytes an entry stay in the database, so that the
    whole log is still verified and any proof still made. The month's rows go only when the file is
    on disk and was read back whole. Interrupted, it goes on when it is called again.
    """
    if (month is None) is not listing:
        raise CommandError("say --month YYYY-MM, or --list")
    with open_house(config_path) as house:
        if month is None:
            _tell_list(house, as_json=as_json)
            return
        row = _archive(house, parse_month(month), quiet=quiet)
        path = house.config.archive_dir / row.file
        details = {"month": month, "entries": row.entries, "sha256": row.sha256.hex()}
        house.act("audit archive", details)
        show_record({**details, "file": str(path), "bytes": row.size}, as_json=as_json)
    if not as_json:
        say(
            "\nCheck it anywhere: python -m tigertally_client.archive FILE --key KEY. "
            "Keep copies elsewhere: it is the only one of these entries."
        )


def _archive(house: House, month: int, *, quiet: bool) -> Archive:
    environment = house.environment
    if environment.signer is None:
        raise CommandError("this host has no checkpoint key, which signs archives: use the other")
    progress: dict[str, Progress] = {}

    def tell(what: str, done: int, total: int) -> None:
        progress.setdefault(what, Progress(what, total, quiet=quiet)).at(done)

    with _owning(house) as conn:
        today = environment.calendar.today(environment.clock.now_ms())
        keys = [row.public_key for row in audit_rounds.checkpoint_keys(conn)]
        archiver = Archiver(
            conn,
            house.config.archive_dir,
            environment.installation.installation_id,
            environment.signer,
            keys,
            environment.clock,
            tell,
        )
        try:
            if not any(row.month == month for row in archives.archives(conn)):
                demand_archivable(
                    month,
                    archives.month_of(today),
                    house.config.audit.keep_months,
                    archives.oldest_partition(conn),
                )
            conn.rollback()
            return archiver.run(month)
        except NotArchived as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(
                f"{problem.filename or house.config.archive_dir}: {problem.strerror}; nothing is "
                "lost, call it again"
            ) from None
        finally:
            for line in progress.values():
                line.end()


def _tell_list(house: House, *, as_json: bool) -> None:
    with house.reading() as conn:
        rows = archives.archives(conn)
        restored = set(archives.restored_months(conn))
        oldest = archives.oldest_partition(conn)
    zone, folder = house.config.zone, house.config.archive_dir
    lines = [
        {
            "month": archives.month_name(row.month),
            "state": row.state,
            "entries": row.entries,
            "bytes": row.size,
            "archived_at": when(row.archived_at_ms, zone),
            "file": row.file,
            "at_hand": _at_hand(folder / row.file, row),
            "restored": row.month in restored,
        }
        for row in rows
    ]
    show_table(lines, as_json=as_json, none="no month is archived")
    if oldest is not None and not as_json:
        since = archives.later(oldest, house.config.audit.keep_months + 1)
        say(
            f"\nnext: {archives.month_name(oldest)}, which may be archived from "
            f"{archives.month_name(since)} on"
        )


def _at_hand(path: Path, row: Archive) -> bool:
    try:
        return path.stat().st_size == row.size
    except OSError:
        return False


# ---------------------------------------------------------------- restore


@click.command("restore")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An archive file, for a look at its entries.",
)
@click.option("--drop", metavar="YYYY-MM", help="Forget a restored month again.")
@click.option("--quiet", is_flag=True, help="No progress.")
@json_option
@click.pass_obj
def restore_month(
    config_path: Path | None, /, path: Path | None, drop: str | None, *, quiet: bool, as_json: bool
) -> None:
    """Restore an archived month for `audit find --restored` and `audit show --entry`.

    It stands in a schema of its own, read-only, never among the log's live entries. The file is
    verified first, as an outsider would.
    """
    if (path is None) is (drop is None):
        raise CommandError("say --file FILE or --drop YYYY-MM")
    with open_house(config_path) as house, _owning(house) as conn:
        if path is not None:
            record = _restore(house, conn, path, quiet=quiet)
        else:
            record = _drop(conn, str(drop))
        house.act("audit restore", record)
        show_record(record, as_json=as_json)


def _drop(conn: Connection, name: str) -> dict[str, Any]:
    month = parse_month(name)
    if not archives.is_restored(conn, month):
        raise CommandError(f"{name} is not restored")
    archives.drop_restored(conn, month)
    conn.commit()
    return {"dropped": name}


def _restore(house: House, conn: Connection, path: Path, *, quiet: bool) -> dict[str, Any]:
    """One transaction: what doesn't hold in the end was never there."""
    try:
        month = _month_of(house, path)
        if archives.is_restored(conn, month):
            raise CommandError(f"{archives.month_name(month)} is restored already")
        keys = [row.public_key for row in audit_rounds.checkpoint_keys(conn)]
        with archives.restoring(conn, month) as take:
            facts = _check(path, keys, take, quiet=quiet)
        _compare(conn, path, month, facts)
        conn.commit()
    except ArchiveError as problem:
        raise CommandError(f"{path} doesn't hold: {problem}. Nothing was restored") from None
    except OSError as problem:
        raise CommandError(f"{path}: {problem.strerror}") from None
    return {"month": facts.header.month, "entries": facts.entries, "sha256": facts.sha256.hex()}


def _month_of(house: House, path: Path) -> int:
    header = read_header(path)
    if header.installation != house.environment.installation.installation_id:
        raise CommandError(f"{path} is another installation's: {header.installation}")
    return parse_month(header.month)


def _check(path: Path, keys: list[bytes], take: Each, *, quiet: bool) -> ArchiveFacts:
    progress = Progress("restoring", path.stat().st_size // BYTES_EACH, quiet=quiet)
    facts = check_archive(path, keys, each=take, progress=progress.at)
    progress.end()
    return facts


def _compare(conn: Connection, path: Path, month: int, facts: ArchiveFacts) -> None:
    known = next((row for row in archives.archives(conn) if row.month == month), None)
    if known is None:
        say(f"note: this database doesn't know that {facts.header.month} was archived")
    elif known.sha256 != facts.sha256:
        raise CommandError(f"{path} is not the file that was made as {file_name(month)}")
