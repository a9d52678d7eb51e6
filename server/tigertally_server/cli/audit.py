"""audit: verify, prove; show is in `audit_show`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from tigertally_drivers.postgres.settings import AUDITOR
from tigertally_server.app.archive_files import ArchiveFiles
from tigertally_server.audit.checkpoint import CheckpointFile
from tigertally_server.audit.note import parse_verifier_key
from tigertally_server.audit.report import NOTICES, NOWHERE, Finding, Report, with_findings
from tigertally_server.audit.verify import verify_log
from tigertally_server.cli import audit_evidence, audit_log
from tigertally_server.cli.audit_archive import archive_month, restore_month
from tigertally_server.cli.audit_find import find_entries
from tigertally_server.cli.audit_outside import change_key, prove_consistency, show_keys
from tigertally_server.cli.audit_parallel import Outside, fitting_jobs, verify_side_by_side
from tigertally_server.cli.audit_proof import make_proof
from tigertally_server.cli.audit_report import report_entry
from tigertally_server.cli.audit_reveal import reveal_entry
from tigertally_server.cli.audit_show import show_entries
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import (
    CommandError,
    Progress,
    json_option,
    say,
    show_record,
    show_table,
)
from tigertally_server.store import archives, reading
from tigertally_server.store.reading import Connection


@click.group()
def audit() -> None:
    """The audit log: verify all of it, prove one entry to somebody else, show entries."""


audit.add_command(show_entries)
audit.add_command(find_entries)
audit.add_command(report_entry)
audit.add_command(archive_month)
audit.add_command(restore_month)
audit.add_command(reveal_entry)
audit.add_command(show_keys)
audit.add_command(change_key)
audit.add_command(prove_consistency)


# ---------------------------------------------------------------- verify


@audit.command("verify")
@click.option(
    "--from-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Checkpoint file kept outside the database [default: audit.checkpoint_file].",
)
@click.option(
    "--without-file",
    is_flag=True,
    help="There is none here: a log cut together with its checkpoints then passes.",
)
@click.option(
    "--witnessed",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Notes as a witness shows them (tigertally-witness --show) [default: those kept here].",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    help="Shards verified side by side [default: as many as there are processors; 1 for a few].",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@json_option
@click.pass_obj
def verify(
    config_path: Path | None,
    from_file: Path | None,
    without_file: bool,
    witnessed: Path | None,
    jobs: int | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Verify the whole log: every entry as it was committed, none missing, none added.

    Reads one snapshot of the database while the server goes on, and what stands outside of it: the
    checkpoint file, tiles, witnesses' notes, time stamps. Exit status 1 when something was found;
    the findings name the entries.
    """
    with open_house(config_path) as house:
        report = _verify(
            house, from_file, witnessed, without_file=without_file, jobs=jobs or 0, quiet=quiet
        )
        kept = _record(house, report)
        _tell(report, as_json=as_json)
        if kept:
            say(f"warning: this verification could not be recorded: {kept}")
    sys.exit(0 if report.ok else 1)


def _verify(
    house: House,
    from_file: Path | None,
    witnessed_notes: Path | None,
    *,
    without_file: bool,
    jobs: int,
    quiet: bool,
) -> Report:
    # The file first: a note is written after its commit, so the snapshot then holds all that the
    # file tells.
    outside = None if without_file else _outside(from_file or house.config.checkpoint_file)
    witnessed = None if without_file else audit_evidence.witnessed_file(house, witnessed_notes)
    installation = house.environment.installation
    with house.reading(AUDITOR) as conn:
        reading.snapshot(conn)
        trust, found = audit_evidence.trust_of(house, conn)
        rounds, bad_stamps = audit_evidence.rounds_log(house, conn)
        days = reading.business_days(conn)
        _alone(conn)
        files = ArchiveFiles(conn, house.config.archive_dir)
        logs = audit_log.shard_logs(conn, installation.shards, days, files)
        progress = Progress(
            "verifying entries", sum(log.head.size for log in logs if log.head), quiet=quiet
        )
        jobs = jobs or fitting_jobs(logs)
        before: dict[int, int] = {}

        def at(shard: int, rows: int) -> None:
            before[shard] = rows
            progress.at(sum(before.values()))

        about = Outside(trust, outside, witnessed)
        if jobs > 1:
            report, more = verify_side_by_side(house, conn, days, logs, about, rounds, jobs, at)
            found += more
        else:
            report = verify_log(
                logs,
                trust,
                outside=outside,
                witnessed=witnessed,
                rounds=rounds,
                open_sealed=lambda entry: audit_log.opens(house, entry),
                progress=at,
            )
        progress.end()
        files.compare()
        _tell_missing(files)
        found += bad_stamps
        if not without_file:
            found += audit_evidence.tiles(house, trust)
        return with_findings(report, [*files.findings, *found])


def _alone(conn: Connection) -> None:
    """A month on its way into a file would be read half from here, half from there."""
    if not archives.share(conn):
        raise CommandError("a month is being archived; verify when that is over")


def _tell_missing(files: ArchiveFiles) -> None:
    missing = files.missing()
    if missing:
        names = ", ".join(archives.month_name(row.month) for row in missing)
        entries = sum(row.entries for row in missing)
        say(
            f"note: {entries:,} archived entries ({names}) were verified by their leaf hashes: "
            "their files are not here"
        )


def _outside(path: Path) -> CheckpointFile:
    try:
        return CheckpointFile.at(path)
    except OSError as problem:
        raise CommandError(
            f"cannot read the checkpoint file {path}: {problem.strerror}\n"
            "Without it, a log that was cut together with its checkpoints is not seen. Give the "
            "file with --from-file, or say "
            "--without-file to verify all the same."
        ) from None


def _record(house: House, report: Report) -> str:
    """Returns why it could not be recorded, or "": a log that is broken must be reported even where
    nothing can be appended.
    """
    found = (
        ", ".join(f"{kind.value}: {count}" for kind, count in report.counts.items()) or "nothing"
    )
    try:
        house.act("audit verify", {"rows": report.rows, "found": found})
    except CommandError as problem:
        return problem.message
    return ""


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        show_record(
            {"ok": report.ok, "rows": report.rows, **msgspec.to_builtins(report)}, as_json=True
        )
        return
    lines = [
        {
            "shard": shard.shard,
            "entries": f"{shard.rows:,}",
            "under signed checkpoints": f"{shard.anchored:,}",
            "checkpoints": f"{shard.checkpoints:,}",
            "in the file outside": f"{shard.outside_notes:,}",
        }
        for shard in report.shards
    ]
    show_table(lines, as_json=False)
    click.echo()
    for finding in report.findings:
        notice = finding.kind in NOTICES
        click.secho(
            "notice  " if notice else "FOUND   ",
            fg="yellow" if notice else "red",
            bold=True,
            nl=False,
        )
        click.echo(f"{_where(finding)}{finding.text}  [{finding.kind.value}]")
    hidden = sum(report.counts.values()) - len(report.findings)
    if hidden:
        click.echo(f"… and {hidden} more like these")
    if report.ok:
        click.secho(
            f"The log holds: {report.rows:,} entries are as they were recorded, none is missing.",
            fg="green",
        )
    else:
        click.secho(
            "THE LOG WAS TAMPERED WITH. Keep the database and the checkpoint file as they are.",
            fg="red",
            bold=True,
        )


def _where(finding: Finding) -> str:
    shard, first, last = finding.shard, finding.first, finding.last
    if shard == NOWHERE:
        return ""
    if first == NOWHERE:
        return f"shard {shard}: "
    return (
        f"{shard}:{first}  " if last in (first, NOWHERE) else f"{shard}:{first} to {shard}:{last}  "
    )


# ---------------------------------------------------------------- prove


@audit.command("prove")
@click.option(
    "--entry",
    "place_text",
    required=True,
    metavar="SHARD:SEQ",
    help="The entry, as an answer or a command showed it.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the proof [default: standard output].",
)
@json_option
@click.pass_obj
def prove_entry(config_path: Path | None, place_text: str, out: Path | None, as_json: bool) -> None:
    """Prove that one entry stands in the log.

    The proof is a JSON document that anybody can check without this program: python -m
    tigertally_client.proof FILE
    """
    place = audit_log.parse_place(place_text)
    with open_house(config_path) as house:
        proof, document = make_proof(house, place)
        house.act("audit prove", {"entry": place})
        key = parse_verifier_key(proof.public_key).public_key.hex()
    if out is None:
        click.echo(document, nl=False)
        return
    try:
        out.write_bytes(document)
    except OSError as problem:
        raise CommandError(f"cannot write {out}: {problem.strerror}") from None
    record: dict[str, Any] = {"entry": str(place), "proof": str(out), "checkpoint_key": key}
    show_record(record, as_json=as_json)
    if not as_json:
        say(f"\nCheck it anywhere: python -m tigertally_client.proof {out} --key {key}")
