"""Verification of several shards side by side, one process each, all in one snapshot of the
database.

The processes are forked from the command, so that keys are opened once; each has a connection of
its own, and gives back what it found.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from tigertally_drivers.postgres.settings import AUDITOR
from tigertally_server.app.archive_files import ArchiveFiles
from tigertally_server.audit.anchors import Trust
from tigertally_server.audit.checkpoint import CheckpointFile
from tigertally_server.audit.report import Finding, Report, merged
from tigertally_server.audit.rounds_check import RoundsLog
from tigertally_server.audit.verify import ShardLog, verify_rest, verify_shard
from tigertally_server.cli import audit_log
from tigertally_server.cli.house import House
from tigertally_server.store import reading
from tigertally_server.store.reading import Connection

WORTH_IT: Final = 200_000
"""Entries below which processes cost more than they save."""


class Outside(NamedTuple):
    """Whom to believe, and what stands outside the database."""

    trust: Trust
    file: CheckpointFile | None
    witnessed: CheckpointFile | None


class _Shared(NamedTuple):
    """What each process inherits."""

    house: House
    snapshot: str
    days: Sequence[int]
    outside: Outside


_shared: _Shared | None = None


def fitting_jobs(logs: Sequence[ShardLog]) -> int:
    """As many processes as there are processors and shards; one for a small log."""
    entries = sum(log.head.size for log in logs if log.head)
    return 1 if entries < WORTH_IT else min(os.cpu_count() or 1, len(logs))


def verify_side_by_side(
    house: House,
    conn: Connection,
    days: Sequence[int],
    logs: Sequence[ShardLog],
    outside: Outside,
    rounds: RoundsLog,
    jobs: int,
    progress: Callable[[int, int], None],
) -> tuple[Report, list[Finding]]:
    """The report, and what is wrong with archive files. `conn` holds the snapshot meanwhile."""
    global _shared  # noqa: PLW0603 - how a forked process inherits what can't be sent to it
    _shared = _Shared(house, reading.share_snapshot(conn), days, outside)
    reports: list[Report] = []
    findings: list[Finding] = []
    shards = [log.shard for log in logs]
    try:
        with multiprocessing.get_context("fork").Pool(jobs) as pool:
            for report, wrong in pool.imap_unordered(_one, shards):
                reports.append(report)
                findings += [each for each in wrong if each not in findings]
                for shard in report.shards:
                    progress(shard.shard, shard.rows)
    finally:
        _shared = None
    trust, file, witnessed = outside
    rest = verify_rest(set(shards), trust, outside=file, witnessed=witnessed, rounds=rounds)
    return merged([*reports, rest]), findings


def _one(shard: int) -> tuple[Report, list[Finding]]:
    """In a process of its own."""
    assert _shared is not None
    house, snapshot, days, (trust, file, witnessed) = _shared
    with house.reading(AUDITOR) as conn:
        reading.join_snapshot(conn, snapshot)
        files = ArchiveFiles(conn, house.config.archive_dir)
        logs = audit_log.shard_logs(conn, house.environment.installation.shards, days, files)
        report = verify_shard(
            next(log for log in logs if log.shard == shard),
            trust,
            outside=file,
            witnessed=witnessed,
            open_sealed=lambda entry: audit_log.opens(house, entry),
        )
    return report, files.findings
