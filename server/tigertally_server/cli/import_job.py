"""An import job at work: the file read and staged, checked as a whole, moved into the stock.

Nothing goes into the stock before the whole file was read, every seed opened, no serial number
found twice, and every one that the stock has already found there with the same seed. What is staged
is sealed as it will stand in the stock, so from then on the file and its keys are needed no more.
Each step is on disk, with how far the job is, before the next begins: `run` after a kill -9 goes on
where it ended. Memory holds one chunk, whatever the file's size.

A dry run takes the same steps in one transaction that is rolled back.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from tigertally_drivers.tokenfile.keys import TransportKeys
from tigertally_drivers.tokenfile.records import TokenFileError, TokenRecord
from tigertally_server.cli.house import House
from tigertally_server.cli.import_preparing import Preparing
from tigertally_server.cli.import_progress import ImportProgress
from tigertally_server.cli.import_source import Source, read_items
from tigertally_server.cli.output import CommandError
from tigertally_server.domain.administration import MoveStagedTokens
from tigertally_server.domain.import_job import (
    ImportJob,
    ImportReport,
    ImportState,
    Namesake,
)
from tigertally_server.services.keyring import seed_identity
from tigertally_server.store import imports
from tigertally_server.store.installation import Connection

CHUNK: Final = 10_000
PROBLEMS_TOLD: Final = 100
NAMED: Final = 20
"""Tokens that were there already are named up to this number."""


@dataclass(slots=True)
class Problems:
    """The first of them in words, and how many there are."""

    told: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, text: str, count: int = 1) -> None:
        """One, or the first of several."""
        self.count += count
        if len(self.told) < PROBLEMS_TOLD:
            self.told.append(text)


class ImportRun:
    """One process's work on one job. `conn` is for it alone, and holds the job's lock."""

    def __init__(
        self, house: House, conn: Connection, keys: TransportKeys, *, dry_run: bool, quiet: bool
    ) -> None:
        self._house, self._conn, self._keys = house, conn, keys
        self._dry_run, self._quiet = dry_run, quiet

    def run(self, job: ImportJob) -> ImportJob:
        """Until it is done or refused; a dry run until it would begin to write. Raises
        CommandError.
        """
        if job.state is ImportState.READING:
            job = self._read(job)
        if job.state is ImportState.WRITING and not self._dry_run:
            job = self._write(job)
        return job

    # ---------------------------------------------------------------- reading

    def _read(self, job: ImportJob) -> ImportJob:
        problems, source = Problems(), Source(Path(job.order.path))
        try:
            job = self._stage_all(job, source, problems)
            if not problems.count and source.digest.digest() != job.sha256:
                problems.add("the file is not the one that this job began with")
        except TokenFileError as fault:
            problems.add(str(fault))
        there: tuple[str, ...] = ()
        if not problems.count:
            there = self._check(job, problems)
        report = ImportReport(
            types=imports.types(self._conn, job.id) if not problems.count else {},
            there_already=there[:NAMED],
            problems=tuple(problems.told),
            problem_count=problems.count,
        )
        if self._dry_run:
            job = replace(job, there=len(there))
        return self._refuse(job, report) if problems.count else self._accept(job, report)

    def _stage_all(self, job: ImportJob, source: Source, problems: Problems) -> ImportJob:
        preparing = Preparing(self._house, job.institution, job.order)
        progress = self._progress("reading", job.size)
        batch: list[TokenRecord] = []
        tokens = 0
        for record in self._good_records(job, source, preparing, problems):
            tokens += 1
            if tokens <= job.staged:  # by this job, before it was interrupted
                continue
            batch.append(record)
            if len(batch) == CHUNK:
                if not problems.count:
                    job = self._stage(job, preparing, batch)
                progress.at(source.position, tokens)
                batch = []
        progress.end()
        if batch and not problems.count:
            job = self._stage(job, preparing, batch)
        return job

    def _good_records(
        self, job: ImportJob, source: Source, preparing: Preparing, problems: Problems
    ) -> Iterator[TokenRecord]:
        for item in read_items(source, job.order, self._keys):
            if isinstance(item, TokenFileError):
                problems.add(str(item))
                continue
            try:
                preparing.check(item)
            except CommandError as problem:
                problems.add(f"line {item.line}: {problem.message}")
                continue
            yield item

    def _stage(self, job: ImportJob, preparing: Preparing, batch: list[TokenRecord]) -> ImportJob:
        chunk, tokens = preparing.chunk(job.chunks, batch)
        imports.stage(self._conn, job.id, chunk, tokens)
        job = replace(
            job,
            staged=job.staged + len(batch),
            chunks=job.chunks + 1,
            changed_at_ms=self._now_ms(),
        )
        self._keep(job)
        return job

    def _check(self, job: ImportJob, problems: Problems) -> tuple[str, ...]:
        """What only the whole file and the stock show; the serial numbers there already."""
        twins, count = imports.twins(self._conn, job.id, PROBLEMS_TOLD)
        for twin in twins:
            problems.add(
                f"line {twin.last_line}: the same serial number as in line {twin.first_line}"
            )
        problems.count += count - len(twins)
        there: list[str] = []
        progress = self._progress("checking", job.chunks)
        for number in range(job.chunks):
            for namesake in imports.namesakes(self._conn, job.institution, job.id, number):
                if self._same_seed(job, namesake):
                    there.append(namesake.serial)
                else:
                    problems.add(_conflict(namesake))
            progress.at(number + 1, (number + 1) * CHUNK)
        progress.end()
        return tuple(there)

    def _same_seed(self, job: ImportJob, namesake: Namesake) -> bool:
        keyring = self._house.environment.keyring
        identity = seed_identity(job.institution, namesake.serial)
        ours = keyring.open(namesake.key_id, namesake.sealed_seed, identity)
        stock = keyring.open(namesake.stock_key_id, namesake.stock_sealed_seed, identity)
        return hmac.compare_digest(ours, stock)

    def _accept(self, job: ImportJob, report: ImportReport) -> ImportJob:
        state = ImportState.WRITING if job.chunks else ImportState.DONE
        job = replace(job, state=state, report=report, changed_at_ms=self._now_ms())
        self._keep(job)
        if not job.chunks and not self._dry_run:
            self._house.act("token import", {**_known(job), "tokens": 0})
        return job

    def _refuse(self, job: ImportJob, report: ImportReport) -> ImportJob:
        job = replace(job, state=ImportState.REFUSED, report=report, changed_at_ms=self._now_ms())
        imports.unstage(self._conn, job.id)
        self._keep(job)
        if not self._dry_run:
            details = {"problems": report.problem_count, "first problem": report.problems[0]}
            self._house.act("import refused", {**_known(job), **details})
        return job

    # ---------------------------------------------------------------- writing

    def _write(self, job: ImportJob) -> ImportJob:
        done = job.moved * CHUNK
        progress = self._progress("writing", job.staged, from_=done)
        for number in range(job.moved, job.chunks):
            self._move(job, number)
            moved = imports.job_by_id(self._conn, job.id)
            assert moved is not None
            job = moved
            progress.at(job.imported + job.there, job.imported + job.there - done)
        progress.end()
        self._conn.rollback()
        return job

    def _move(self, job: ImportJob, number: int) -> None:
        chunk = imports.chunk_of(self._conn, job.id, number)
        there = []
        for namesake in imports.namesakes(self._conn, job.institution, job.id, number):
            if not self._same_seed(job, namesake):
                raise CommandError(
                    f"since the file was checked, another import came in between: "
                    f"{_conflict(namesake)}.\n{job.imported:,} tokens of this file are in the "
                    f"stock; `import cancel {job.id}` leaves it at that."
                )
            there.append(namesake.serial)
        self._conn.rollback()
        details = {
            "chunk": f"{number + 1} of {job.chunks}",
            "tokens": chunk.tokens - len(there),
            "there already": len(there),
            "first": chunk.first,
            "last": chunk.last,
            "chunk sha256": chunk.sha256.hex(),
        }
        move = MoveStagedTokens(
            job.id, number, job.institution, chunk.tokens, tuple(there), self._now_ms()
        )
        self._house.act("token import", {**_known(job), **details}, [move])

    # ---------------------------------------------------------------- common

    def _keep(self, job: ImportJob) -> None:
        imports.update(self._conn, job)
        if not self._dry_run:
            self._conn.commit()

    def _now_ms(self) -> int:
        return self._house.environment.clock.now_ms()

    def _progress(self, what: str, total: int, *, from_: int = 0) -> ImportProgress:
        monotonic = self._house.environment.clock.monotonic_ms
        return ImportProgress(what, total, monotonic, quiet=self._quiet, from_=from_)


def _known(job: ImportJob) -> dict[str, Any]:
    """What each entry of a job says."""
    return {"job": job.id, "institution": job.institution, "file sha256": job.sha256.hex()}


def _conflict(namesake: Namesake) -> str:
    return f"line {namesake.line}: token {namesake.serial} is in the stock with another seed"
