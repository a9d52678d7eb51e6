"""The embedded PostgreSQL: created, started, adopted, restarted and stopped without an
administrator.

When no DSN is configured the product keeps a PostgreSQL of its own under `<state_dir>/postgres`:

    postgres/data                   the database (mode 0700, of the account that runs PostgreSQL)
    postgres/socket                 its Unix socket, unless the path would be too long for one
    postgres/server.log             what PostgreSQL says
    postgres.lock, postgres.users   how processes share it (see `sharing`)

It listens on a Unix socket only and knows its callers by their operating-system user (peer
authentication); there is no password. It outlives a kill -9 of this process and is adopted by the
next; a kill -9 of it is noticed by whoever loses a connection, who calls `restart_if_dead`. The
last process that uses it stops it.

When we are root and the account that runs PostgreSQL can't reach `state_dir` (a folder under /root,
say), `<state_dir>/postgres` is a link to a folder of ours below /var/lib/tigertally.

Everything here blocks: a server calls it from a thread. Thread-safe. Knows nothing of tables or
migrations.
"""

from __future__ import annotations

import enum
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from psycopg.conninfo import make_conninfo

from tigertally_drivers.ports import Clock
from tigertally_drivers.postgres import postmaster
from tigertally_drivers.postgres.account import Account, choose_account
from tigertally_drivers.postgres.binaries import find_binaries, reachable_binaries
from tigertally_drivers.postgres.bootstrap import (
    CONFIGURATION,
    create_data,
    explain_failure,
    make_missing_roles,
)
from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.errors import ClusterError
from tigertally_drivers.postgres.places import make_folder, make_home, make_socket_folder, write_for
from tigertally_drivers.postgres.settings import (
    APP,
    DATABASE,
    PORT,
    SUPERUSER,
    ClusterSettings,
    render_configuration,
    render_hba,
    render_ident,
)
from tigertally_drivers.postgres.sharing import Presence, turn
from tigertally_drivers.system.clock import SystemClock

_START_ATTEMPTS: Final = 3
_LARGEST_LOG: Final = 16 * 1024 * 1024
_LAST_WORDS: Final = 4_000


class Running(enum.StrEnum):
    """How a cluster came to run for us."""

    STARTED = "started"
    ADOPTED = "adopted"


class EmbeddedCluster:
    """One embedded PostgreSQL, shared with the other processes on the same `state_dir`."""

    def __init__(
        self,
        state_dir: Path,
        settings: ClusterSettings | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._state = state_dir.absolute()
        self._settings = settings or ClusterSettings()
        self._clock = clock or SystemClock()
        self._presence = Presence(self._state / "postgres.users")
        self._child: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None
        self._mutex = threading.Lock()

    def __enter__(self) -> Self:
        self.ensure_running()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # ------------------------------------------------------------------ what it is

    @property
    def home(self) -> Path:
        """The folder of everything PostgreSQL owns: the real one, behind a link if there is one."""
        return (self._state / "postgres").resolve()

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def pid(self) -> int | None:
        """The postmaster's process id; None when it does not run."""
        written = postmaster.read_pid_file(self.data)
        return written.pid if written and postmaster.lives(written.pid, self.data) else None

    def dsn(self, role: str = APP, database: str = DATABASE) -> str:
        """How to connect as `role`. Raises `ClusterError` before `ensure_running`."""
        if self._sockets is None:
            raise ClusterError("the embedded database has not been started by this process")
        return make_conninfo(host=str(self._sockets), port=PORT, user=role, dbname=database)

    def superuser_dsn(self, database: str = "postgres") -> str:
        """For a cluster manager's work: creating and dropping databases. Never for the product."""
        return self.dsn(SUPERUSER, database)

    def administer(self, statements: Sequence[str]) -> None:
        """Statements about roles, as the superuser, all or none. Constants and names that the
        caller has checked; never a value of a request. Raises drivers' errors.
        """
        with connect(self.superuser_dsn()) as conn:
            for statement in statements:
                conn.execute(statement.encode())

    # ------------------------------------------------------------------ its life

    def ensure_running(self) -> Running:
        """Create it if there is none, start it if it is down, adopt it if it runs.

        Waits for other processes that are doing the same. Raises `ClusterError`, which says what to
        do.
        """
        with self._mutex, self._my_turn():
            how = self._start_or_adopt()
            self._presence.take()
            return how

    def is_alive(self) -> bool:
        """Does the postmaster live and listen? Cheap enough for a look after a lost connection."""
        sockets = self._sockets
        return sockets is not None and self.pid is not None and postmaster.accepts(sockets)

    def restart_if_dead(self) -> bool:
        """After a lost connection: start it if it is down. Says whether this call started it."""
        return not self.is_alive() and self.ensure_running() is Running.STARTED

    def stop(self) -> bool:
        """Leave it, and stop it when no other process uses it. Says whether it was stopped.
        Idempotent.
        """
        with self._mutex:
            if not self._presence.held:
                return False
            with self._my_turn():
                alone = self._presence.leave()
                self._sockets = None
                if alone:
                    self._end()
                elif self._child is not None:
                    self._child.returncode = 0  # left to the others on purpose: no warning about it
                    self._child = None
                return alone

    # ------------------------------------------------------------------ in our turn

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        try:
            make_folder(self._state)
            lock = self._state / "postgres.lock"
            with turn(lock, self._clock, self._settings.lock_timeout_s):
                yield
        except OSError as problem:
            raise ClusterError(_explain_os_error(problem)) from problem

    def _start_or_adopt(self) -> Running:
        self._reap()
        found = postmaster.wait_settled(self.data, self._clock, self._settings.start_timeout_s)
        if found is not None:
            self._sockets = found.socket_folder
            return Running.ADOPTED
        self._reap()
        self._start(choose_account())
        return Running.STARTED

    def _start(self, account: Account) -> None:
        make_home(self._state / "postgres", account)
        binaries = reachable_binaries(find_binaries(self._data_major()), account, self.home)
        if self._data_major() is None:
            create_data(self.data, binaries, account)
        sockets = make_socket_folder(self.home, account)
        postmaster.clear_leftovers(self.data, sockets, self._clock)
        self._configure(sockets, account)
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_name("server.log.1"))
        for _ in range(_START_ATTEMPTS):
            before = self.log.stat().st_size if self.log.exists() else 0
            child = postmaster.spawn(binaries, self.data, self.log, account)
            self._child = child
            if postmaster.wait_ready(child, self.data, self._clock, self._settings.start_timeout_s):
                self._sockets = sockets
                make_missing_roles(self.superuser_dsn())
                return
            self._reap()
            words = self._log_since(before)
            if "shared memory block" not in words:
                break
            postmaster.clear_leftovers(
                self.data, sockets, self._clock
            )  # a child of the dead one lingers
        raise ClusterError(explain_failure(f"the database did not start (log: {self.log})", words))

    def _configure(self, sockets: Path, account: Account) -> None:
        configuration = render_configuration(self._settings, self.data, sockets)
        write_for(account, self.data / CONFIGURATION, configuration)
        write_for(account, self.data / "pg_hba.conf", render_hba())
        users = {account.name, account.invoking_name}
        write_for(account, self.data / "pg_ident.conf", render_ident(users))

    def _end(self) -> None:
        pid = self.pid
        if pid is not None:
            postmaster.end(pid, self.data, self._clock, self._settings.stop_timeout_s)
        if self._child is not None:
            self._child.wait(self._settings.stop_timeout_s)
            self._child = None

    def _reap(self) -> None:
        if self._child is not None and self._child.poll() is not None:
            self._child = None

    def _data_major(self) -> int | None:
        try:
            return int((self.data / "PG_VERSION").read_text(encoding="ascii"))
        except FileNotFoundError:
            return None

    def _log_since(self, offset: int) -> str:
        with self.log.open("rb") as file:
            file.seek(offset)
            return file.read()[-_LAST_WORDS:].decode("utf-8", "replace")


def _explain_os_error(problem: OSError) -> str:
    where = problem.filename or "the state folder"
    what = f"the embedded database can't use {where}: {problem.strerror}"
    if isinstance(problem, PermissionError):
        return f"{what}; run as the user who created it, or choose another state folder"
    return f"{what}; free some space, or choose another state folder"
