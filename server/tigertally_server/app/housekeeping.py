"""What a server does beside answering: follows the configuration, signs checkpoints, makes the next
days' partitions, sums up, forgets what lapsed long ago.

One connection of its own in one worker thread at a time, so that none of it holds up a batch. A
database that is away is met with patience; the runner is the one that reports it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import structlog
import trio

from tigertally_drivers.errors import DriverError
from tigertally_drivers.postgres.settings import APP
from tigertally_server.access.process import Pipeline
from tigertally_server.app.attesting import (
    PROBLEMS,
    TimeStamps,
    Told,
    Witnesses,
    time_stamps_of,
    witnesses_of,
)
from tigertally_server.app.checkpoints import Checkpointer
from tigertally_server.app.environment import Environment
from tigertally_server.app.freshness import Freshness
from tigertally_server.app.key_care import KeyCare
from tigertally_server.app.publishing import HeadAltered
from tigertally_server.audit.note import NoteSigner
from tigertally_server.pipeline.spraying import SprayAlarms
from tigertally_server.pipeline.summaries import Summaries
from tigertally_server.services.directory import ConfigurationError
from tigertally_server.services.installation import InstallationError
from tigertally_server.services.keyring import KeyMissing
from tigertally_server.store.audit_rounds import checkpoint_keys, coverage
from tigertally_server.store.installation import Connection, forget_lapsed, summarise_log
from tigertally_server.store.port import BadData, Conflict, StoreUnavailable
from tigertally_server.store.postgres import read_configuration, read_epoch, translated_errors

CONFIGURATION_S: Final = 0.4
NO_KEY: Final = "no process that has the checkpoint key is at work, and this host doesn't have it"
PARTITIONS_S: Final = 3_600.0
SUMMARY_S: Final = 5.0
STAMP_AGAIN_S: Final = 60.0
"""After an authority that didn't answer, or not well."""
SUMMARISE_S: Final = 20.0
"""So often that what waits is summed up in a tenth of a second, and a look reads little else."""
FORGET_S: Final = 60.0
FORGET_AT_ONCE: Final = 2_000
"""So few that a request that waits behind them notices nothing; the rest goes next time."""

_NOT_SIGNED: Final = (
    OSError, HeadAltered, DriverError, InstallationError, KeyMissing, BadData, Conflict,
)  # fmt: skip

T = TypeVar("T")


class Housekeeping:
    """The loops of one process; `run` them, then `finish`."""

    def __init__(self, environment: Environment, pipeline: Pipeline) -> None:
        self._environment, self._pipeline = environment, pipeline
        self._conn: Connection | None = None
        self._lock = trio.Lock()
        self._log = structlog.get_logger("housekeeping")
        self._summaries = Summaries(
            pipeline.tally,
            pipeline.runner,
            pipeline.context,
            pipeline.clock,
            pipeline.entropy,
            pipeline.calendar,
            SprayAlarms(pipeline.spraying, pipeline.metrics),
        )
        self.freshness = Freshness(
            environment.clock, round(environment.config.audit.unsigned_max_s * 1000)
        )
        self._told: set[str] = set()
        self.keys = KeyCare(environment, pipeline.metrics.registry)
        audit, folder = environment.config.audit, environment.config.log_dir
        self._witnesses = witnesses_of(folder, environment.installation.shards, audit)
        self._time_stamps = time_stamps_of(folder, audit.time_stamps, environment.entropy)
        self._checkpointer = self._with_key(environment.signer)

    async def run(self) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._follow_configuration)
            nursery.start_soon(self._make_partitions)
            nursery.start_soon(self._sum_up)
            nursery.start_soon(self._forget)
            nursery.start_soon(self._summarise)
            nursery.start_soon(self._sign_checkpoints)
            nursery.start_soon(self.keys.seal_anew, self._in_thread)
            if self._witnesses is not None:
                nursery.start_soon(self._ask_witnesses, self._witnesses)
            if self._time_stamps is not None:
                nursery.start_soon(self._ask_for_stamps, self._time_stamps)

    async def finish(self) -> None:
        """The last checkpoint, once nothing is written any more."""
        if self._checkpointer is not None:
            await self._checkpoint_once()
            self._checkpointer.close()
        if self._conn is not None:
            self._conn.close()

    async def _follow_configuration(self) -> None:
        while True:
            await trio.sleep(CONFIGURATION_S)
            try:
                await self._in_thread(self._reload)
            except StoreUnavailable:
                continue
            except ConfigurationError as problem:
                self._log.error(
                    "configuration in the database is not usable, the old one stays",
                    why=str(problem),
                )

    def _reload(self, conn: Connection) -> None:
        environment = self._environment
        if read_epoch(conn) != environment.directory.epoch:
            environment.context.follow(read_configuration(conn))
        self.keys.catch_up(conn)
        conn.rollback()

    async def _make_partitions(self) -> None:
        while True:
            try:
                made = await self._in_thread(self._environment.ensure_partitions)
            except StoreUnavailable:
                await trio.sleep(1)
                continue
            if made:
                self._log.info("partitions made", count=made)
            await trio.sleep(PARTITIONS_S)

    async def _sign_checkpoints(self) -> None:
        while True:
            await trio.sleep(self._environment.config.audit.checkpoint_s)
            await self._checkpoint_once()

    async def _checkpoint_once(self) -> None:
        """Signs what grew, where this process has the duty; then sees how much is published."""
        metrics = self._pipeline.metrics
        try:
            if self._checkpointer is None:
                self._checkpointer = await self._in_thread(self._look_for_key)
            if self._checkpointer is not None:
                metrics.checkpoints.inc(await self._in_thread(self._checkpointer.run_once))
            await self._in_thread(self._observe)
            if self._checkpointer is None:
                self.freshness.trouble(NO_KEY)
            self._told.clear()
        except StoreUnavailable as problem:
            metrics.checkpoint_failures.inc()
            # A runner that stands still for want of signatures is no sign of a database away.
            if self._pipeline.runner.available or self.freshness.reason():
                self._not_signed(f"the database takes no checkpoint: {problem}")
            else:
                self.freshness.database_away()
        except _NOT_SIGNED as problem:
            metrics.checkpoint_failures.inc()
            self._not_signed(str(problem))
        metrics.unsigned_seconds.set(self.freshness.age_ms / 1000)

    def _look_for_key(self, conn: Connection) -> Checkpointer | None:
        """Its file was not there when this process started, or another host checkpoints."""
        keys = checkpoint_keys(conn)
        conn.rollback()
        return self._with_key(self._environment.signers.open(keys[-1]) if keys else None)

    def _with_key(self, signer: NoteSigner | None) -> Checkpointer | None:
        environment = self._environment
        if signer is None:
            return None
        return Checkpointer(
            environment.installation,
            signer,
            environment.keyring.head_mac_keys,
            environment.config.checkpoint_file,
            environment.clock,
            folder=environment.config.log_dir,
            reopen=environment.signers.need,
        )

    def _not_signed(self, why: str) -> None:
        self.freshness.trouble(why)
        if self._checkpointer is not None:
            # The duty is taken anew, which makes good what this attempt left out.
            self._checkpointer.close()
        if why not in self._told:
            self._told.add(why)
            self._log.error("checkpoint could not be written", why=why)

    def _observe(self, conn: Connection) -> None:
        found = coverage(conn)
        conn.rollback()
        self.freshness.observe(found.recorded, found.published)

    async def _ask_witnesses(self, witnesses: Witnesses) -> None:
        metrics = self._pipeline.metrics
        while True:
            await trio.sleep(self._environment.config.audit.witness_s)
            if not self._on_duty:
                continue
            try:
                told = await trio.to_thread.run_sync(witnesses.ask)
            except OSError as problem:
                told = Told(0, (str(problem),), ())
            metrics.witness_failures.inc(len(told.problems))
            metrics.witness_refusals.inc(len(told.refused))
            for why in told.problems:
                self._log.warning("a witness did not co-sign", why=why)
            for why in told.refused:
                self._log.critical("A WITNESS REFUSES THE LOG: it was forked or cut", why=why)

    async def _ask_for_stamps(self, authority: TimeStamps) -> None:
        metrics = self._pipeline.metrics
        while True:
            if self._on_duty:
                try:
                    metrics.stamps.inc(await trio.to_thread.run_sync(authority.ask))
                except PROBLEMS as problem:
                    metrics.stamp_failures.inc()
                    self._log.warning("no time stamp was given", why=str(problem))
                    await trio.sleep(STAMP_AGAIN_S)
                    continue
                await trio.sleep(self._environment.config.audit.time_stamps.every_s)
            await trio.sleep(CONFIGURATION_S)

    @property
    def _on_duty(self) -> bool:
        return self._checkpointer is not None and self._checkpointer.on_duty

    async def _sum_up(self) -> None:
        while True:
            await trio.sleep(SUMMARY_S)
            self.submit_summaries()

    def submit_summaries(self, *, everything: bool = False) -> None:
        """Queues the entries about unrecorded answers; they are kept until they are recorded."""
        self._summaries.submit(everything=everything)

    async def _forget(self) -> None:
        while True:
            await trio.sleep(FORGET_S)
            try:
                while await self._in_thread(self._forget_some) >= FORGET_AT_ONCE:
                    await trio.sleep(0.1)
            except StoreUnavailable:
                continue

    async def _summarise(self) -> None:
        while True:
            await trio.sleep(SUMMARISE_S)
            try:
                await self._in_thread(self._summarise_log)
            except StoreUnavailable:
                continue

    def _summarise_log(self, conn: Connection) -> None:
        summarise_log(conn)
        conn.commit()

    def _forget_some(self, conn: Connection) -> int:
        gone = forget_lapsed(conn, self._environment.clock.now_ms(), FORGET_AT_ONCE)
        conn.commit()
        return gone

    async def _in_thread(self, work: Callable[[Connection], T]) -> T:
        """Raises StoreUnavailable."""
        async with self._lock:
            return await trio.to_thread.run_sync(self._with_connection, work)

    def _with_connection(self, work: Callable[[Connection], T]) -> T:
        with translated_errors():
            if self._conn is None or self._conn.closed:
                self._conn = self._environment.databases.connect(APP)
            try:
                return work(self._conn)
            except BaseException:
                # Session locks and a broken transaction both go with the connection.
                self._conn.close()
                raise
