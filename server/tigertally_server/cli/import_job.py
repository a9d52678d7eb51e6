"""An import job at work: the file read and staged, checked as a whole, moved into the stock.

Nothing goes into the stock before the whole file was read, every seed opened, no serial number
found twice, and every one that the stock has already found there with the same seed. What is staged
is sealed as it will stand in the stock, so from then on the file and its keys are needed no more.
Each step is on disk, with how far the job is, before the next begins: `run` after a kill -9 goes on
where it ended. Memory holds one chunk, whatever the file's size.

A dry run takes the same steps in one transaction that is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from tigertally_drivers.tokenfile.keys import TransportKeys
from tigertally_drivers.tokenfile.records import TokenFileError, TokenRecord
from tigertally_server.cli.enclosing import same_seed
from tigertally_server.cli.house import House, hands
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
    StagedChunk,
)
from tigertally_server.services.keyring import seed_identity
from tigertally_server.store import imports
from tigertally_server.store.installation import Connection

CHUNK: Final = 10_000
PROBLEMS_TOLD: Final = 100
WRITERS: Final = 2
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
        good = self._good_records(job, source, preparing, problems)
        records = islice(
            good, job.staged, None
        )  # those before are staged, and the file is the same
        progress = self._progress("reading", job.size)
        # The database takes a chunk while the next is read.
        with ThreadPoolExecutor(1) as beside:
            pending: Future[None] | None = None
            tokens = job.staged
            while batch := list(islice(records, CHUNK)):
                tokens += len(batch)
                if pending is not None:
                    pending.result()
                if not problems.count:
                    job, pending = self._stage(job, preparing, batch, beside)
                progress.at(source.position, tokens)
            if pending is not None:
                pending.result()
        progress.end()
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

    def _stage(
        self, job: ImportJob, preparing: Preparing, batch: list[TokenRecord], beside: Executor
    ) -> tuple[ImportJob, Future[None]]:
        """The job as it is when the chunk is on disk."""
        chunk, tokens = preparing.chunk(job.chunks, batch)
        staged = job.staged + len(batch)
        job = replace(job, staged=staged, chunks=job.chunks + 1, changed_at_ms=self._now_ms())

        def store() -> None:
            imports.stage(self._conn, job.id, chunk, tokens)
            self._keep(job)

        return job, beside.submit(store)

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
        if not namesake.stock_sealed_seed:  # it waits for its activation to be given one
            return False
        keyring = self._house.environment.keyring
        identity = seed_identity(job.institution, namesake.serial)
        ours = keyring.open(namesake.key_id, namesake.sealed_seed, identity)
        stock = keyring.open(namesake.stock_key_id, namesake.stock_sealed_seed, identity)
        return same_seed(self._house, ours, stock)

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
        """Two chunks at a time, since that is how many commits overlap well."""
        chunks = imports.unmoved_chunks(self._conn, job.id)
        done = job.imported + job.there
        progress = self._progress("writing", job.staged, from_=done)
        with hands(self._house, WRITERS) as writers, ThreadPoolExecutor(len(writers)) as pool:
            free, running = list(writers), dict[Future[Any], House]()
            for chunk in chunks:
                act = self._move(job, chunk)
                if not free:
                    free += _ended(running)
                writer = free.pop()
                running[pool.submit(writer.act, "token import", *act)] = writer
                progress.at(done := done + chunk.tokens, done)
            while running:
                _ended(running)
        progress.end()
        written = imports.job_by_id(self._conn, job.id)
        assert written is not None
        return written

    def _move(
        self, job: ImportJob, chunk: StagedChunk
    ) -> tuple[dict[str, Any], list[MoveStagedTokens]]:
        """What the entry of a chunk says, and what it does. Raises CommandError."""
        there = []
        for namesake in imports.namesakes(self._conn, job.institution, job.id, chunk.number):
            if not self._same_seed(job, namesake):
                raise CommandError(
                    f"since the file was checked, another import came in between: "
                    f"{_conflict(namesake)}. `import status {job.id}` tells what is in the stock; "
                    f"`import cancel {job.id}` leaves it at that."
                )
            there.append(namesake.serial)
        self._conn.rollback()
        details = {
            "chunk": f"{chunk.number + 1} of {job.chunks}",
            "tokens": chunk.tokens - len(there),
            "there already": len(there),
            "first": chunk.first,
            "last": chunk.last,
            "chunk sha256": chunk.sha256.hex(),
        }
        move = MoveStagedTokens(
            job.id, chunk.number, job.institution, chunk.tokens, tuple(there), self._now_ms()
        )
        return {**_known(job), **details}, [move]

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


def _ended(running: dict[Future[Any], House]) -> list[House]:
    """Waits for one or more; those who are free again. Raises what went wrong."""
    finished = wait(running, return_when=FIRST_COMPLETED).done
    free = [running.pop(future) for future in finished]
    for future in finished:
        future.result()
    return free
