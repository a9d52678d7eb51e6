"""Opening the installation: database, master key, schema, keys, shared configuration. What `serve`
and every command begin with.

Order matters: the database first, then the schema, then the master key is compared with the one the
database was sealed under; nothing is opened under a wrong key. The first start installs: it makes
the keys and says where they lie.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tigertally_drivers.errors import DriverError
from tigertally_drivers.hsm.blocking import BlockingHsm
from tigertally_drivers.postgres.cluster import EmbeddedCluster
from tigertally_drivers.postgres.connection import ConnectionSettings, connect
from tigertally_drivers.postgres.settings import (
    APP,
    AUDITOR,
    OPERATOR_ROLES,
    OWNER,
    ClusterSettings,
    fitting_shared_buffers_mb,
)
from tigertally_drivers.postgres.stepping import BLOCKING, Waiting
from tigertally_drivers.system.clock import SystemClock
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_server.app.block_list import blocked_passwords
from tigertally_server.app.device import device_of
from tigertally_server.app.master_key import master_in_force
from tigertally_server.app.signers import FILE, Signers
from tigertally_server.audit.note import Algorithm, NoteSigner
from tigertally_server.config import Config
from tigertally_server.domain.calendar import BusinessCalendar
from tigertally_server.services import installation as installing
from tigertally_server.services.context import Context
from tigertally_server.services.directory import Directory
from tigertally_server.services.installation import InstallationError
from tigertally_server.services.key_making import complete_keys
from tigertally_server.services.keyring import Keyring
from tigertally_server.store import installation as rows
from tigertally_server.store import migrate as migrations
from tigertally_server.store.audit_rounds import CheckpointKeyRow, checkpoint_keys
from tigertally_server.store.installation import Connection, Installation
from tigertally_server.store.postgres import PostgresStore, read_configuration

PARTITION_DAYS_AHEAD = 7


@dataclass(slots=True)
class Databases:
    """Where each role connects. `cluster` is ours where no DSN is configured; `login` is then the
    operator's own, "" where he has none.
    """

    config: Config
    cluster: EmbeddedCluster | None
    login: str = ""

    def connect(self, role: str, *, patient: bool = False) -> Connection:
        """A connection of a role. Raises DriverError. `patient`: no statement time-out."""
        section, settings = self.config.database, self._settings(patient=patient)
        operator = role in OPERATOR_ROLES
        if self.cluster is not None:
            login = self.login if operator and self.login else role
            return connect(self.cluster.dsn(login), role, settings)
        own = {OWNER: section.owner_dsn, AUDITOR: section.auditor_dsn}.get(role)
        dsn = own or (operator and section.operator_dsn) or section.dsn
        return connect(dsn, role if role != OWNER else None, settings)

    def connect_login(self) -> Connection:
        """The operator as he logs in, before he takes on a role. Raises DriverError."""
        section = self.config.database
        dsn = section.operator_dsn or section.dsn
        if self.cluster is not None:
            dsn = self.cluster.dsn(self.login)
        return connect(dsn, None, self._settings(patient=False))

    def _settings(self, *, patient: bool) -> ConnectionSettings:
        section = self.config.database
        return ConnectionSettings(
            statement_timeout_ms=0 if patient else section.statement_timeout_ms,
            lock_timeout_ms=0 if patient else section.lock_timeout_ms,
            idle_in_transaction_timeout_ms=0 if patient else 30_000,
            application_name=f"tigertally {self.config.server.node}",
        )

    def store(self, how: Waiting = BLOCKING) -> PostgresStore:
        return PostgresStore(lambda: self.connect(APP), how)

    def revive(self) -> None:
        """Called when the database doesn't answer: a dead embedded one is started again. Never
        raises.
        """
        if self.cluster is not None:
            try:
                self.cluster.restart_if_dead()
            except DriverError:
                # Said again by the connection attempt that follows, with its reason.
                return

    def close(self) -> None:
        if self.cluster is not None:
            self.cluster.stop()


def open_databases(config: Config) -> Databases:
    """Starts or adopts the embedded PostgreSQL where no DSN is configured. Raises DriverError."""
    if config.database.dsn:
        return Databases(config, None)
    settings = ClusterSettings(
        shared_buffers_mb=config.database.shared_buffers_mb or fitting_shared_buffers_mb()
    )
    cluster = EmbeddedCluster(config.state_dir, settings)
    cluster.ensure_running()
    return Databases(config, cluster)


@dataclass(slots=True, kw_only=True)
class Environment:
    """An opened installation."""

    config: Config
    databases: Databases
    clock: SystemClock
    entropy: SystemEntropy
    installation: Installation
    keyring: Keyring
    directory: Directory
    context: Context
    calendar: BusinessCalendar
    device: BlockingHsm | None
    signers: Signers
    signer: NoteSigner | None
    installed_now: bool

    def close(self) -> None:
        """Sessions with the HSM end; everything else is in memory, or the caller's."""
        if self.device is not None:
            self.device.close()

    def ensure_partitions(self, conn: Connection) -> int:
        today = self.calendar.today(self.clock.now_ms())
        made = rows.ensure_partitions(conn, today - 1, today + PARTITION_DAYS_AHEAD)
        conn.commit()
        return made


def open_environment(
    config: Config, databases: Databases, *, tell: Callable[[str], None], role: str = APP
) -> Environment:
    """Migrates, installs on the first start, checks the master key, opens keys and configuration;
    an operator's `role` finds it installed.

    `tell` hears what an operator must know (where new keys lie). Raises DriverError,
    MigrationError, InstallationError.
    """
    clock, entropy = SystemClock(), SystemEntropy()
    device = device_of(config, clock, entropy)
    try:
        return _opened(config, databases, clock, entropy, device, tell=tell, role=role)
    except BaseException:
        if device is not None:
            device.close()
        raise


def _opened(
    config: Config,
    databases: Databases,
    clock: SystemClock,
    entropy: SystemEntropy,
    device: BlockingHsm | None,
    *,
    tell: Callable[[str], None],
    role: str,
) -> Environment:
    migrate(databases)
    if role != APP and not _installed(databases, role):
        open_environment(config, databases, tell=tell).close()
    conn = databases.connect(role)
    try:
        rows.lock_for_installing(conn)
        row = rows.read_installation(conn)
        installed_now = row is None
        found = master_in_force(config, row, entropy, device)
        master = found.key
        if row is None:
            row, sealed_signer = installing.install(
                conn,
                master,
                found.salt,
                config.audit.shards,
                clock,
                entropy,
                Algorithm(config.audit.signer_algorithm),
            )
            _write_pending(config.checkpoint_key_file, sealed_signer)
            tell(_installed_text(config, row, found.where, master.check_value))
        else:
            complete_keys(conn, master, clock, entropy)
        keyring = installing.open_keyring(conn, master, entropy)
        conn.commit()
        checkpoint_key = next(reversed(checkpoint_keys(conn)), None)
        configuration = read_configuration(conn, role)
        directory = Directory(configuration)
        conn.rollback()
    finally:
        conn.close()
    return Environment(
        config=config,
        databases=databases,
        clock=clock,
        entropy=entropy,
        installation=row,
        keyring=keyring,
        directory=directory,
        context=Context(
            keyring,
            directory,
            config.zone,
            sms=config.sms.policy(config.state_dir),
            crypto=config.crypto.policy(),
            blocked=blocked_passwords(config.passwords.block_list),
        ),
        calendar=BusinessCalendar(config.zone),
        device=device,
        signers=_signers(config, keyring, row, device),
        signer=_signer(config, keyring, row, device, checkpoint_key),
        installed_now=installed_now,
    )


def _installed_text(config: Config, row: Installation, where: str, check_value: str) -> str:
    return (
        f"installed {row.installation_id}: the master key is {where}, check value "
        f"{check_value.upper()}.\n"
        "Copy it to a safe place now: whoever loses it loses every seed and every "
        "customer's data for good.\n"
        f"The checkpoint key is {config.checkpoint_key_file}, checkpoints also go to "
        f"{config.checkpoint_file}.\n"
        "Whoever reaches this installation holds every operator's role, alone: `tigertally "
        "operator add` separates them."
    )


def _installed(databases: Databases, role: str) -> bool:
    conn = databases.connect(role)
    try:
        return rows.read_installation(conn) is not None
    finally:
        conn.close()


def migrate(databases: Databases) -> tuple[migrations.Migration, ...]:
    """Brings the schema up to date as its owner; raises DriverError, MigrationError."""
    conn = databases.connect(OWNER, patient=True)
    try:
        return migrations.migrate(conn)
    finally:
        conn.close()


def _pending(path: Path) -> Path:
    """Where a new checkpoint key waits until the installation it belongs to is committed."""
    return path.with_name(path.name + ".new")


def _write_pending(path: Path, data: bytes) -> None:
    """What a crashed installation left there is replaced; a key in force never is."""
    if path.exists():
        raise InstallationError(
            f"{path} is the checkpoint key of another installation; move it away first"
        )
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(_pending(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)
    except OSError as problem:
        raise InstallationError(
            f"cannot write the checkpoint key {path}: {problem.strerror}"
        ) from None


def _signers(
    config: Config, keyring: Keyring, row: Installation, device: BlockingHsm | None
) -> Signers:
    hsm = None if device is None else (device.hsm, device.run)
    return Signers(config.checkpoint_key_file, keyring, row.installation_id, hsm)


def _signer(
    config: Config,
    keyring: Keyring,
    row: Installation,
    device: BlockingHsm | None = None,
    key: CheckpointKeyRow | None = None,
) -> NoteSigner | None:
    """Of the generation in force; None where this host has no checkpoint key: another one
    checkpoints. Raises DriverError, InstallationError for a wrong one.
    """
    first = CheckpointKeyRow(1, row.checkpoint_public_key, FILE, row.created_at_ms, "")
    return _signers(config, keyring, row, device).open(key or first)
