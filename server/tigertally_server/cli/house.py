"""A command's way into the installation: opened, every act recorded with its operator, closed
again.

The command goes through the same unit of work as a channel's request; what it answers is on disk
before it is shown.
"""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click

from tigertally_drivers.errors import DriverError
from tigertally_drivers.postgres.settings import AUDITOR
from tigertally_protocol import registry
from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.constants import SCHEMA_1, UTF_8
from tigertally_protocol.errors import BadField
from tigertally_protocol.transactions import Kind
from tigertally_server import config as configuration
from tigertally_server.app.environment import (
    Environment,
    migrate,
    open_databases,
    open_environment,
)
from tigertally_server.app.operators import Acting, NotYours, log_in
from tigertally_server.cli.output import CommandError, say
from tigertally_server.cli.roles import SERVICE, roles_of, words_of
from tigertally_server.config import Config, ConfigError
from tigertally_server.domain.administration import AdminWrite
from tigertally_server.domain.channel import HOUSE, Channel
from tigertally_server.pipeline.device_room import ROUNDS_MAX, macs_of
from tigertally_server.services.device_seeds import DeviceWork, with_made
from tigertally_server.services.installation import InstallationError
from tigertally_server.services.keyring import KeyMissing
from tigertally_server.services.request import Outcome, Phase, Request
from tigertally_server.services.sessions import OperatorAct
from tigertally_server.services.table import OPERATOR_ACT
from tigertally_server.services.unit_of_work import UnitOfWork
from tigertally_server.store.installation import Connection
from tigertally_server.store.migrate import MigrationError
from tigertally_server.store.port import BadData, Conflict, StoreUnavailable
from tigertally_server.store.postgres import PostgresStore, translated_errors

_BUDGET_MS: Final = 3_600_000


def load_config(path: Path | None) -> Config:
    """Raises CommandError."""
    try:
        return configuration.load(path)
    except ConfigError as problem:
        raise CommandError(
            f"{problem}\n`tigertally check-config` explains; conf/tigertally.toml shows every key."
        ) from None


def person() -> str:
    """Who acts, as the operating system knows him: the user behind sudo where there is one."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def operator_name(acting: Acting) -> str:
    """Who acts: the person and the host, and the login that PostgreSQL knows him by."""
    return f"{person()}@{socket.gethostname()} ({acting.login})"


@dataclass(slots=True)
class House:
    """An opened installation, and who acts on it. Each act is one unit of work, on disk when it
    returns.
    """

    environment: Environment
    unit: UnitOfWork
    operator: str
    acting: Acting

    @property
    def config(self) -> Config:
        return self.environment.config

    def act(
        self, act: str, details: Mapping[str, Any] | None = None, writes: Sequence[AdminWrite] = ()
    ) -> Outcome:
        """Records an operator's act together with the rows it writes; it is on disk when this
        returns. Raises CommandError.
        """
        told = {name: str(value) for name, value in (details or {}).items()}
        outcome = self._run(OPERATOR_ACT, OperatorAct(act, told, tuple(writes)), "")
        return demand(outcome, ResponseCode.CHANGED)

    def ask(self, transaction: int, message: Any, institution: str) -> Outcome:
        """A transaction as a channel would send it, by the operator, for an institution.

        Raises CommandError, also for a field that would not fit the wire.
        """
        layout = registry.message_type(transaction, Kind.REQUEST, SCHEMA_1)
        assert layout is not None
        try:
            registry.encode_body(layout, message, UTF_8)
        except BadField as problem:
            raise CommandError(
                f"{problem.field} is too long or has characters it may not have"
            ) from None
        return self._run(transaction, message, institution)

    def _run(self, transaction: int, message: Any, institution: str) -> Outcome:
        environment = self.environment
        now_ms = environment.clock.now_ms()
        request = Request(
            channel=replace(HOUSE, institution=institution),
            message=message,
            transaction=transaction,
            serial=environment.entropy.integer63(),
            business_day=environment.calendar.today(now_ms),
            received_ms=now_ms,
            deadline_ms=environment.clock.monotonic_ms() + _BUDGET_MS,
            peer="command line",
            phase=Phase.OPERATOR,
            operator=self.operator,
        )
        try:
            outcome = self.unit.run([request])[0]
            for _ in range(ROUNDS_MAX):
                if outcome.asked is None:
                    break
                request = self._with_made(request, outcome.asked)
                outcome = self.unit.run([request])[0]
        except StoreUnavailable as problem:
            raise CommandError(f"the database does not take it: {problem}") from None
        if outcome.code is ResponseCode.INTERNAL:
            raise CommandError(
                f"the database or the keys refuse this value {outcome.detail}".rstrip()
            )
        return outcome

    def _with_made(self, request: Request, work: DeviceWork) -> Request:
        """What only the HSM can compute for this request. Raises CommandError."""
        device = self.environment.device
        if device is None:
            raise CommandError("the token's seed lies in an HSM, and hsm.driver is empty")
        try:
            return with_made(request, work, device.run(macs_of, device.hsm, work))
        except DriverError as problem:
            raise CommandError(f"the HSM can't do it: {problem}") from None

    @contextmanager
    def reading(self, role: str = "") -> Iterator[Connection]:
        """A connection for reading, in the operator's role unless another is named, without time
        limits; nothing it does is kept. Raises CommandError.
        """
        try:
            with translated_errors():
                conn = self.environment.databases.connect(role or self.acting.role, patient=True)
                try:
                    yield conn
                finally:
                    conn.close()
        except (StoreUnavailable, BadData, Conflict) as problem:
            raise CommandError(f"the database does not answer as it should: {problem}") from None

    def channel(self, name: str) -> Channel:
        """A channel by its name or number. Raises CommandError."""
        snapshot = self.environment.directory.snapshot
        found = snapshot.channels_by_name.get(name)
        if found is None and name.isdecimal():
            found = snapshot.channels.get(int(name))
        if found is None:
            raise CommandError(
                f"there is no channel {name!r}; `tigertally channel list` shows them"
            )
        return found


def demand(outcome: Outcome, *wanted: ResponseCode) -> Outcome:
    """Raises CommandError with the code's own words where the outcome is none of those wanted."""
    if outcome.code in wanted:
        return outcome
    row = CODES[outcome.code]
    field = outcome.detail or getattr(outcome.body, "detail", "")
    raise CommandError(f"{row.name} ({row.number}): {row.text}{field and f': {field}'}")


def _store(environment: Environment, role: str) -> PostgresStore:
    # A command may write more at once than a batch of the server does: no statement time-out.
    return PostgresStore(lambda: environment.databases.connect(role, patient=True), role=role)


@contextmanager
def house_of(environment: Environment, acting: Acting) -> Iterator[House]:
    """The command's way into an installation that is open already."""
    store = _store(environment, acting.role)
    try:
        shard = environment.entropy.integer63() % environment.installation.shards
        unit = UnitOfWork(store, environment.context, shard)
        yield House(environment, unit, operator_name(acting), acting)
    finally:
        store.close()


@contextmanager
def hands(house: House, count: int) -> Iterator[list[House]]:
    """Several ways into the same installation for work side by side: each has a connection and a
    shard of its own, as long as there are shards enough.
    """
    environment, shards = house.environment, house.environment.installation.shards
    first = environment.entropy.integer63()
    with ExitStack() as stack:
        made = []
        for number in range(min(count, shards)):
            store = _store(environment, house.acting.role)
            stack.callback(store.close)
            unit = UnitOfWork(store, environment.context, (first + number) % shards)
            made.append(House(environment, unit, house.operator, house.acting))
        yield made


@contextmanager
def open_house(path: Path | None) -> Iterator[House]:
    """Opens the installation for the command that runs, in the role that its verb needs; outside of
    a command as the installation itself. Raises CommandError.
    """
    config = load_config(path)
    running = click.get_current_context(silent=True)
    verb = "a program" if running is None else words_of(running)
    wanted = SERVICE if running is None else roles_of(verb)
    if not wanted:
        raise CommandError(f"`{verb}` has no row in the table of roles, so nobody may run it")
    with opening_errors():
        databases = open_databases(config)
        try:
            if wanted != SERVICE:
                migrate(databases)
            acting = log_in(databases, person(), verb, wanted)
            environment = open_environment(config, databases, tell=say, role=acting.role)
            try:
                if acting.role != AUDITOR:
                    conn = databases.connect(acting.role)
                    try:
                        environment.ensure_partitions(conn)
                    finally:
                        conn.close()
                with house_of(environment, acting) as house:
                    yield house
            finally:
                environment.close()
        finally:
            databases.close()


@contextmanager
def opening_errors() -> Iterator[None]:
    """What can go wrong in opening an installation, as CommandError that says what to do."""
    try:
        yield
    except (DriverError, MigrationError, InstallationError, KeyMissing, NotYours) as problem:
        raise CommandError(str(problem)) from None
