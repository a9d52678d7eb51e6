"""Rows of `key_record`: read, added, changed. Plain SQL on a connection of the app role; the caller
commits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, LiteralString

import psycopg

from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState

Connection = psycopg.Connection[tuple[Any, ...]]

COLUMNS: Final[LiteralString] = (
    "id, level, purpose, state, owner, name, algorithm, generation, parent, exportable, sealed, check_value, created_at, "
    "changed_at, expires_at"
)
READ: Final[LiteralString] = f"SELECT {COLUMNS} FROM tigertally.key_record ORDER BY id"
INSERT: Final[LiteralString] = (
    f"INSERT INTO tigertally.key_record ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
MOVE: Final[LiteralString] = (
    "UPDATE tigertally.key_record SET state = %s, changed_at = %s, expires_at = %s, "
    "sealed = CASE WHEN %s THEN ''::bytea ELSE sealed END WHERE id = %s AND state = %s"
)
RESEAL: Final[LiteralString] = (
    "UPDATE tigertally.key_record SET parent = %s, sealed = %s, changed_at = %s "
    "WHERE id = %s AND parent = %s AND sealed = %s"
)
"""A step of a key's life and its sealing under another key don't disturb one another; each is
guarded by what it replaces.
"""


def record_of(row: tuple[Any, ...]) -> KeyRecord:
    """From COLUMNS."""
    return KeyRecord(
        id=row[0],
        level=KeyLevel(row[1]),
        purpose=row[2],
        state=KeyState(row[3]),
        owner=row[4],
        name=row[5],
        algorithm=row[6],
        generation=row[7],
        parent=row[8],
        exportable=row[9],
        sealed=row[10],
        check_value=row[11],
        created_at_ms=row[12],
        changed_at_ms=row[13],
        expires_at_ms=row[14],
    )


def row_of(key: KeyRecord) -> tuple[Any, ...]:
    """For INSERT."""
    return (
        key.id,
        key.level.value,
        key.purpose,
        key.state.value,
        key.owner,
        key.name,
        key.algorithm,
        key.generation,
        key.parent,
        key.exportable,
        key.sealed,
        key.check_value,
        key.created_at_ms,
        key.changed_at_ms,
        key.expires_at_ms,
    )


def change_of(before: KeyRecord, after: KeyRecord) -> tuple[LiteralString, tuple[Any, ...]]:
    """The statement that makes one of the other."""
    if before.state is not after.state:
        gone = not after.sealed
        when = (after.changed_at_ms, after.expires_at_ms)
        return MOVE, (after.state.value, *when, gone, before.id, before.state.value)
    was = (before.id, before.parent, before.sealed)
    return RESEAL, (after.parent, after.sealed, after.changed_at_ms, *was)


def read_keys(conn: Connection) -> list[KeyRecord]:
    """All of them, destroyed ones too, by id."""
    return [record_of(row) for row in conn.execute(READ).fetchall()]


def next_ids(conn: Connection, count: int) -> list[int]:
    """Ids of keys to come; never given twice, also where the caller rolls back."""
    rows = conn.execute(
        "SELECT nextval('tigertally.key_record_id') FROM generate_series(1, %s)", (count,)
    ).fetchall()
    return [number for (number,) in rows]


def insert_keys(conn: Connection, keys: Iterable[KeyRecord]) -> None:
    """New keys."""
    for key in keys:
        conn.execute(INSERT, row_of(key))


def change_key(conn: Connection, before: KeyRecord, after: KeyRecord) -> bool:
    """Whether the row was as `before` says, and now is as `after` says."""
    statement, params = change_of(before, after)
    return conn.execute(statement, params).rowcount == 1


def try_ceremony_lock(conn: Connection) -> bool:
    """One operator at the keys at a time; the lock goes with the connection."""
    row = conn.execute("SELECT pg_try_advisory_lock(7117, 4)").fetchone()
    conn.commit()
    return row is not None and bool(row[0])
