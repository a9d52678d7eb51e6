"""Connections come with limits; errors are told apart by what they ask of the caller."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors as pg

from tigertally_drivers.errors import Rejected, Unavailable
from tigertally_drivers.postgres import connection as subject
from tigertally_drivers.postgres.connection import (
    DEFAULT_SETTINGS,
    ErrorClass,
    classify,
    connect,
    is_connection_lost,
    is_disk_full,
    is_retryable,
    is_transient,
    is_unique_violation,
)
from tigertally_drivers.postgres.settings import APP, AUDITOR, OWNER, SUPERUSER

CASES: list[tuple[type[psycopg.Error], ErrorClass, bool]] = [
    (pg.SerializationFailure, ErrorClass.RETRYABLE, True),
    (pg.DeadlockDetected, ErrorClass.RETRYABLE, True),
    (pg.UniqueViolation, ErrorClass.UNIQUE, False),
    (pg.LockNotAvailable, ErrorClass.TIMED_OUT, True),
    (pg.QueryCanceled, ErrorClass.TIMED_OUT, True),
    (pg.AdminShutdown, ErrorClass.CONNECTION_LOST, True),
    (pg.CrashShutdown, ErrorClass.CONNECTION_LOST, True),
    (pg.CannotConnectNow, ErrorClass.CONNECTION_LOST, True),
    (pg.IdleInTransactionSessionTimeout, ErrorClass.CONNECTION_LOST, True),
    (pg.ReadOnlySqlTransaction, ErrorClass.CONNECTION_LOST, True),
    (pg.ConnectionFailure, ErrorClass.CONNECTION_LOST, True),
    (pg.DiskFull, ErrorClass.EXHAUSTED, True),
    (pg.OutOfMemory, ErrorClass.EXHAUSTED, True),
    (pg.TooManyConnections, ErrorClass.EXHAUSTED, True),
    (pg.IoError, ErrorClass.EXHAUSTED, True),
    (pg.InsufficientPrivilege, ErrorClass.REFUSED, False),
    (pg.UndefinedTable, ErrorClass.REFUSED, False),
    (pg.InvalidPassword, ErrorClass.REFUSED, False),
    (pg.InvalidCatalogName, ErrorClass.REFUSED, False),
    (pg.NotNullViolation, ErrorClass.DATA, False),
    (pg.CheckViolation, ErrorClass.DATA, False),
    (pg.NumericValueOutOfRange, ErrorClass.DATA, False),
    (pg.UntranslatableCharacter, ErrorClass.DATA, False),
    (psycopg.OperationalError, ErrorClass.CONNECTION_LOST, True),  # from libpq: no SQLSTATE
    (pg.PipelineAborted, ErrorClass.DATA, False),
    (psycopg.ProgrammingError, ErrorClass.DATA, False),
]


@pytest.mark.parametrize(("kind", "expected", "transient"), CASES)
def test_every_kind_has_its_class(
    kind: type[psycopg.Error], expected: ErrorClass, transient: bool
) -> None:
    problem = kind("text")
    assert classify(problem) is expected
    assert is_transient(problem) is transient
    assert is_connection_lost(problem) is (expected is ErrorClass.CONNECTION_LOST)
    assert is_retryable(problem) is (expected is ErrorClass.RETRYABLE)
    assert is_unique_violation(problem) is (expected is ErrorClass.UNIQUE)
    assert is_disk_full(problem) is (kind is pg.DiskFull)


def test_what_is_no_database_error_has_no_class() -> None:
    for problem in (ValueError("x"), OSError(28, "No space left"), KeyboardInterrupt()):
        assert classify(problem) is None
        assert not is_transient(problem)
        assert not is_disk_full(problem)


def test_every_row_of_the_table_is_a_sqlstate_or_a_class() -> None:
    states = [getattr(kind, "sqlstate", None) for kind in vars(pg).values()]
    known = {state for state in states if isinstance(state, str)}
    classes = {state[:2] for state in known}
    assert set(subject.SQLSTATES) <= known | classes


@contextmanager
def opened(*arguments: Any) -> Iterator[psycopg.Connection]:
    connection = connect(*arguments)
    try:
        yield connection
    finally:
        connection.close()


def show(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


def test_a_connection_has_its_limits_and_no_autocommit(empty_database: Any) -> None:
    settings = replace(DEFAULT_SETTINGS, statement_timeout_ms=1234, application_name="unit")
    with opened(empty_database.dsn(APP), None, settings) as connection:
        assert not connection.autocommit
        assert show(connection, "statement_timeout") == "1234ms"
        assert show(connection, "lock_timeout") == "5s"
        assert show(connection, "idle_in_transaction_session_timeout") == "30s"
        assert show(connection, "TimeZone") == "UTC"
        assert show(connection, "application_name") == "unit"
        assert connection.info.transaction_status is psycopg.pq.TransactionStatus.INTRANS


def test_options_of_the_dsn_are_kept_and_win(empty_database: Any) -> None:
    dsn = f"{empty_database.dsn(APP)} options='-c work_mem=5MB -c lock_timeout=7s'"
    with opened(dsn) as connection:
        assert show(connection, "work_mem") == "5MB"
        assert show(connection, "lock_timeout") == "7s"
        assert show(connection, "statement_timeout") == "10s"


def test_the_role_is_taken_when_the_login_is_another(empty_database: Any) -> None:
    with opened(empty_database.dsn(SUPERUSER), AUDITOR) as connection:
        row = connection.execute("SELECT session_user, current_user").fetchone()
        assert row == (SUPERUSER, AUDITOR)
        connection.rollback()  # the role outlives a transaction
        assert connection.execute("SELECT current_user").fetchone() == (AUDITOR,)
    with opened(empty_database.dsn(OWNER), OWNER) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (OWNER,)


def test_a_role_one_is_no_member_of_is_refused(empty_database: Any) -> None:
    with pytest.raises(Rejected, match="permission denied to set role"):
        connect(empty_database.dsn(APP), OWNER)


def test_a_login_that_the_operating_system_does_not_vouch_for_is_refused(cluster: Any) -> None:
    with pytest.raises(Rejected, match="authentication failed"):
        connect(cluster.dsn("postgres"))


def test_a_missing_database_is_refused_and_a_missing_server_unavailable(
    cluster: Any, tmp_path: Path
) -> None:
    with pytest.raises(Rejected, match="does not exist"):
        connect(cluster.dsn(APP, "no_such_database"))
    with pytest.raises(Unavailable, match="not reachable"):
        connect(f"host={tmp_path} user={APP} dbname=x")
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        with pytest.raises(Unavailable):
            connect(f"host=127.0.0.1 port={port} user={APP} password=hunter2 dbname=x")


def _disk_full(connection: psycopg.Connection) -> None:
    connection.execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'disk_full'; END $$")


def _cancelled(connection: psycopg.Connection) -> None:
    connection.execute("SET statement_timeout = 1")
    connection.execute("SELECT pg_sleep(60)")


def _cut(connection: psycopg.Connection) -> None:
    connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def _twice(connection: psycopg.Connection) -> None:
    connection.execute("CREATE TEMP TABLE one (a integer PRIMARY KEY)")
    connection.execute("INSERT INTO one VALUES (1), (1)")


def _closed(connection: psycopg.Connection) -> None:
    connection.close()
    connection.execute("SELECT 1")


@pytest.mark.parametrize(
    ("provoke", "expected"),
    [
        (_disk_full, ErrorClass.EXHAUSTED),
        (_cancelled, ErrorClass.TIMED_OUT),
        (_cut, ErrorClass.CONNECTION_LOST),
        (_twice, ErrorClass.UNIQUE),
        (_closed, ErrorClass.CONNECTION_LOST),
    ],
)
def test_real_errors_are_told_apart(
    empty_database: Any, provoke: Callable[[psycopg.Connection], None], expected: ErrorClass
) -> None:
    with opened(empty_database.dsn(OWNER)) as connection:
        with pytest.raises(psycopg.Error) as caught:
            provoke(connection)
        assert classify(caught.value) is expected


def test_waiting_too_long_for_a_lock_is_for_later_not_for_at_once(empty_database: Any) -> None:
    with opened(empty_database.dsn(OWNER)) as first, opened(empty_database.dsn(OWNER)) as second:
        first.execute("CREATE TABLE pair (a integer PRIMARY KEY, b integer)")
        first.execute("INSERT INTO pair VALUES (1, 0), (2, 0)")
        first.commit()
        first.execute("UPDATE pair SET b = 1 WHERE a = 1")
        second.execute("UPDATE pair SET b = 2 WHERE a = 2")
        second.execute("SET LOCAL lock_timeout = '20ms'")
        with pytest.raises(pg.LockNotAvailable) as caught:
            second.execute("UPDATE pair SET b = 2 WHERE a = 1")
        assert is_transient(caught.value)
        assert not is_retryable(caught.value)
