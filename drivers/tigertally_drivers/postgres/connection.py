"""Opening a PostgreSQL connection the product's way, and what an error of it means.

One dialect, plain synchronous psycopg 3. A connection comes with statement, lock and idle limits,
so that a forgotten transaction or a long lock cannot hold the product up, and in UTC, so that no
time depends on the server's zone.

The classification is a table over SQLSTATE (PostgreSQL manual, appendix A). Errors that carry no
SQLSTATE come from libpq: the connection is gone, or never was.

Invariants: an error message of this module never contains a password or a parameter value. Knows no
table.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tigertally_drivers.errors import Rejected, Unavailable


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Limits of one connection; milliseconds unless the name says otherwise; 0 switches a limit
    off.
    """

    connect_timeout_s: int = 5
    statement_timeout_ms: int = 10_000
    lock_timeout_ms: int = 5_000
    idle_in_transaction_timeout_ms: int = 30_000
    tcp_user_timeout_ms: int = 10_000
    application_name: str = "tigertally"


class ErrorClass(enum.StrEnum):
    """What a database error asks of the caller."""

    CONNECTION_LOST = (
        "connection lost"  # open a new connection; a running COMMIT has an unknown outcome
    )
    RETRYABLE = "retryable"  # the transaction lost against another: run it again at once
    EXHAUSTED = "exhausted"  # disk, memory, connections: later
    TIMED_OUT = "timed out"  # a limit of ours struck: later
    UNIQUE = "unique violation"  # the row exists: read it
    REFUSED = "refused"  # privilege, wrong login, missing object: an operator's matter
    DATA = "data"  # this statement's values are at fault, and nothing else


DEFAULT_SETTINGS: Final = ConnectionSettings()

# Whole SQLSTATEs first, then classes (their first two characters).
SQLSTATES: Final[dict[str, ErrorClass]] = {
    "40001": ErrorClass.RETRYABLE,  # serialization_failure
    "40P01": ErrorClass.RETRYABLE,  # deadlock_detected
    "26000": ErrorClass.RETRYABLE,  # invalid_sql_statement_name: prepared again at the next try
    "23505": ErrorClass.UNIQUE,  # unique_violation
    "55P03": ErrorClass.TIMED_OUT,  # lock_not_available: lock_timeout struck
    "57014": ErrorClass.TIMED_OUT,  # query_canceled: statement_timeout struck
    "57P01": ErrorClass.CONNECTION_LOST,  # admin_shutdown
    "57P02": ErrorClass.CONNECTION_LOST,  # crash_shutdown
    "57P03": ErrorClass.CONNECTION_LOST,  # cannot_connect_now: starting, stopping, recovering
    "57P04": ErrorClass.REFUSED,  # database_dropped
    "57P05": ErrorClass.CONNECTION_LOST,  # idle_session_timeout
    "25P03": ErrorClass.CONNECTION_LOST,  # idle_in_transaction_session_timeout
    "25P04": ErrorClass.CONNECTION_LOST,  # transaction_timeout
    "25006": ErrorClass.CONNECTION_LOST,  # read_only_sql_transaction: this node is a standby now
    "58030": ErrorClass.EXHAUSTED,  # io_error
    "08": ErrorClass.CONNECTION_LOST,  # connection exception
    "53": ErrorClass.EXHAUSTED,  # insufficient resources: 53100 disk, 53200 memory
    "40": ErrorClass.RETRYABLE,  # transaction rollback
    "28": ErrorClass.REFUSED,  # invalid authorization
    "3D": ErrorClass.REFUSED,  # no such database
    "42": ErrorClass.REFUSED,  # no privilege, no such table
    "0A": ErrorClass.REFUSED,  # feature not supported
}

# A refused login reaches us from libpq without its SQLSTATE. A server that speaks another language
# is taken for an unreachable one: then we try again, which is harmless.
_REFUSALS: Final = (
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "does not exist",
    "is not permitted to log in",
    "permission denied for database",
)
_DISK_FULL: Final = "53100"
_TRANSIENT: Final = frozenset(
    {
        ErrorClass.CONNECTION_LOST,
        ErrorClass.RETRYABLE,
        ErrorClass.EXHAUSTED,
        ErrorClass.TIMED_OUT,
    }
)


def connect(
    dsn: str, role: str | None = None, settings: ConnectionSettings = DEFAULT_SETTINGS
) -> psycopg.Connection:
    """Open a connection, autocommit off.

    `role` is taken by SET ROLE when it differs from the DSN's user: a bank's DSN may log in as one
    user that is a member of ours. Raises `Unavailable` when the database can't be reached now,
    `Rejected` when it refuses us.
    """
    connection: psycopg.Connection | None = None
    try:
        connection = psycopg.connect(
            dsn,
            autocommit=True,
            connect_timeout=settings.connect_timeout_s,
            keepalives=1,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=settings.tcp_user_timeout_ms,
            application_name=settings.application_name,
            options=_options(dsn, settings),
        )
        if role is not None and role != connection.info.user:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        connection.autocommit = False
    except psycopg.Error as problem:
        if connection is not None:
            connection.close()
        reason = _first_line(problem)
        if is_transient(problem) and not any(words in reason for words in _REFUSALS):
            raise Unavailable(f"database not reachable: {reason}") from problem
        raise Rejected(f"database refused the connection: {reason}") from problem
    return connection


def _options(dsn: str, settings: ConnectionSettings) -> str:
    """Session settings as libpq's `options`: no round trip, and they hold after every RESET."""
    ours: dict[LiteralString, str] = {
        "statement_timeout": str(settings.statement_timeout_ms),
        "lock_timeout": str(settings.lock_timeout_ms),
        "idle_in_transaction_session_timeout": str(settings.idle_in_transaction_timeout_ms),
        "TimeZone": "UTC",
    }
    given = str(conninfo_to_dict(dsn).get("options") or "")
    return " ".join([*(f"-c {name}={value}" for name, value in ours.items()), given]).strip()


def classify(problem: BaseException) -> ErrorClass | None:
    """What a psycopg error asks of the caller; None for anything that is not one."""
    if not isinstance(problem, psycopg.Error):
        return None
    state = problem.sqlstate
    if state is None:
        # A pipeline's later commands fail by the first one's fault; the connection itself is well.
        aborted = isinstance(problem, psycopg.errors.PipelineAborted)
        gone = isinstance(problem, psycopg.OperationalError) and not aborted
        return ErrorClass.CONNECTION_LOST if gone else ErrorClass.DATA
    return SQLSTATES.get(state) or SQLSTATES.get(state[:2]) or ErrorClass.DATA


def is_transient(problem: BaseException) -> bool:
    """Would the same statement possibly succeed later, with nothing mended by hand?"""
    return classify(problem) in _TRANSIENT


def is_connection_lost(problem: BaseException) -> bool:
    """Is this connection beyond use? The outcome of a COMMIT that was under way is then unknown."""
    return classify(problem) is ErrorClass.CONNECTION_LOST


def is_retryable(problem: BaseException) -> bool:
    """Did the transaction lose against another (40001, 40P01), so that it can run again at once?"""
    return classify(problem) is ErrorClass.RETRYABLE


def is_unique_violation(problem: BaseException) -> bool:
    """Does the row exist already (23505)?"""
    return classify(problem) is ErrorClass.UNIQUE


def is_disk_full(problem: BaseException) -> bool:
    """Has the database no space left (53100)?"""
    return isinstance(problem, psycopg.Error) and problem.sqlstate == _DISK_FULL


def _first_line(problem: psycopg.Error) -> str:
    """The server's or libpq's sentence without DETAIL, which may quote values."""
    primary = problem.diag.message_primary
    text = primary or str(problem)
    return text.strip().split("\n", maxsplit=1)[0]
