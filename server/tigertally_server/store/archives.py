"""Months of the log that stand in files outside: their rows here, their partitions' end, and what is
restored of them for a look.

The leaves of an archived month stay (32 bytes an entry), so that the whole log is verified and any
proof made without its file. What changes something runs as the owner of the schema; months are
numbers such as 202611.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from typing import Any, Final, LiteralString

import msgspec
import psycopg

from tigertally_server.domain.entry import ArchivedEntry, Entry, StoredEntry
from tigertally_server.store import rows

Connection = psycopg.Connection[tuple[Any, ...]]

KEPT: Final = "kept"
RELEASED: Final = "released"
HASH: Final = 32
FETCH_RUNS: Final = 64
_EPOCH: Final = date(1970, 1, 1)
_LOCK: Final[LiteralString] = "7117, 6"
_COLUMNS: Final[LiteralString] = (
    "month, state, file, size, sha256, entries, manifest, archived_at, released_at"
)
_COPY_LEAVES: Final[LiteralString] = (
    "COPY tigertally.archive_leaves (shard, first, month, leaves) FROM STDIN (FORMAT binary)"
)
_cursor_numbers = count(1)


class Archive(msgspec.Struct, frozen=True):
    """A row of archive. ``state``: KEPT, the file holds and the partition may be there still;
    RELEASED, the partition is gone.
    """

    month: int
    state: str
    file: str
    size: int
    sha256: bytes
    entries: int
    manifest: str
    archived_at_ms: int
    released_at_ms: int


class ArchiveShard(msgspec.Struct, frozen=True):
    """A shard of an archived month: its entries stand within [first, stop); `place` is where it
    begins in the file, `frontier` the tree's before `first`.
    """

    month: int
    shard: int
    first: int
    stop: int
    entries: int
    place: int
    frontier: bytes


def month_of(day: int) -> int:
    """The month of a business day."""
    at = _EPOCH + timedelta(days=day)
    return at.year * 100 + at.month


def month_name(month: int) -> str:
    """2026-11"""
    return f"{month // 100:04d}-{month % 100:02d}"


def days_of(month: int) -> tuple[int, ...]:
    """The month's business days."""
    year, number = divmod(month, 100)
    first = date(year, number, 1)
    stop = date(year + number // 12, number % 12 + 1, 1)
    return tuple(range((first - _EPOCH).days, (stop - _EPOCH).days))


def later(month: int, months: int) -> int:
    """So many months later."""
    whole = month // 100 * 12 + month % 100 - 1 + months
    return whole // 12 * 100 + whole % 12 + 1


def partition(month: int) -> str:
    """The month's partition."""
    return f"tigertally.entry_{_suffix(month)}"


def restored_table(month: int) -> str:
    """Where the month stands when it is restored."""
    return f"tigertally_restored.entry_{_suffix(month)}"


def _suffix(month: int) -> str:
    assert 100_001 <= month <= 999_912
    return f"{month // 100:04d}_{month % 100:02d}"


# ---------------------------------------------------------------- one at a time


def lock(conn: Connection) -> bool:
    """Whether this connection may change archives now; until it is closed."""
    return bool(_one(conn, f"SELECT pg_try_advisory_lock({_LOCK})")[0])


def share(conn: Connection) -> bool:
    """Whether no archive is being made; none is, then, as long as this connection is open."""
    return bool(_one(conn, f"SELECT pg_try_advisory_lock_shared({_LOCK})")[0])


# ---------------------------------------------------------------- what is archived


def archives(conn: Connection) -> list[Archive]:
    """All of them, oldest first."""
    found = conn.execute(f"SELECT {_COLUMNS} FROM tigertally.archive ORDER BY month")
    return [Archive(*row) for row in found]


def shards_of(conn: Connection, month: int) -> list[ArchiveShard]:
    """The shards that have entries of an archived month."""
    found = conn.execute(
        "SELECT month, shard, first_seq, stop_seq, entries, place, frontier FROM tigertally.archive_shard "
        "WHERE month = %s ORDER BY shard",
        (month,),
    )
    return [ArchiveShard(*row) for row in found]


def nearest_frontier(conn: Connection, shard: int, seq: int) -> bytes | None:
    """The encoded frontier of the largest known tree of a shard that ends at or before `seq`."""
    row = conn.execute(
        "SELECT frontier FROM tigertally.archive_shard WHERE shard = %s AND first_seq <= %s "
        "ORDER BY first_seq DESC LIMIT 1",
        (shard, seq),
    ).fetchone()
    return None if row is None else row[0]


def month_of_place(conn: Connection, shard: int, seq: int) -> int | None:
    """The archived month that an entry stands in; None: it isn't archived."""
    row = conn.execute(
        "SELECT month FROM tigertally.archive_leaves WHERE shard = %s AND first <= %s "
        "AND first + length(leaves) / 32 > %s ORDER BY first DESC LIMIT 1",
        (shard, seq, seq),
    ).fetchone()
    return None if row is None else int(row[0])


def archived_leaves(
    conn: Connection, shard: int, start: int, last: int
) -> Iterator[tuple[ArchivedEntry, bytes]]:
    """The archived entries with start <= seq <= last, and their leaves, in order."""
    with conn.cursor(name=f"runs_{next(_cursor_numbers)}") as cursor:
        cursor.itersize = FETCH_RUNS
        cursor.execute(
            "SELECT first, leaves FROM tigertally.archive_leaves WHERE shard = %s AND first <= %s "
            "AND first + length(leaves) / 32 > %s ORDER BY first",
            (shard, last, start),
            binary=True,
        )
        for first, leaves in cursor:
            for at in range(0, len(leaves), HASH):
                seq = first + at // HASH
                if start <= seq <= last:
                    yield ArchivedEntry(shard, seq), leaves[at : at + HASH]


# ---------------------------------------------------------------- making one, as the owner


def oldest_partition(conn: Connection) -> int | None:
    """The oldest month that has a partition with entries."""
    row = _one(conn, "SELECT min(business_day) FROM tigertally.entry")
    return None if row[0] is None else month_of(row[0])


def close_month(conn: Connection, month: int) -> None:
    """From its commit on nobody adds entries to the month, and all that were added are seen."""
    exists = conn.execute(
        "SELECT FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'closed'",
        (partition(month),),
    ).fetchone()
    if exists is None:
        conn.execute(
            _sql(
                f"CREATE TRIGGER closed BEFORE INSERT ON {partition(month)} "
                "FOR EACH ROW EXECUTE FUNCTION tigertally.refuse_change()"
            )
        )


def spans_of(conn: Connection, month: int) -> list[tuple[int, int, int, int]]:
    """(shard, first, last, entries) of a month's partition."""
    return conn.execute(
        _sql(
            f"SELECT shard, min(seq), max(seq), count(*) FROM {partition(month)} GROUP BY shard ORDER BY shard"
        )
    ).fetchall()


def first_note_from(conn: Connection, shard: int, size: int) -> str | None:
    """The smallest checkpoint of at least that many entries."""
    row = conn.execute(
        "SELECT note FROM tigertally.checkpoint WHERE shard = %s AND size >= %s ORDER BY size LIMIT 1",
        (shard, size),
    ).fetchone()
    return None if row is None else str(row[0])


def insert_archive(conn: Connection, archive: Archive, shards: Iterable[ArchiveShard]) -> None:
    """With its leaves (`inserting_leaves`) in one transaction."""
    conn.execute(
        f"INSERT INTO tigertally.archive ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        msgspec.structs.astuple(archive),
    )
    for shard in shards:
        conn.execute(
            "INSERT INTO tigertally.archive_shard (month, shard, first_seq, stop_seq, entries, place, frontier) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            msgspec.structs.astuple(shard),
        )


@contextmanager
def inserting_leaves(conn: Connection, month: int) -> Iterator[Callable[[int, int, bytes], None]]:
    """Gives what takes (shard, first, leaves); in one transaction with `insert_archive`."""
    with conn.cursor() as cursor, cursor.copy(_COPY_LEAVES) as copy:
        copy.set_types(["int2", "int8", "int4", "bytea"])
        yield lambda shard, first, leaves: copy.write_row((shard, first, month, leaves))


def attached(conn: Connection, month: int) -> bool | None:
    """Whether the month's partition is part of the log; None: it is being detached, and that has
    to be finished.
    """
    row = conn.execute(
        "SELECT i.inhdetachpending FROM pg_inherits i WHERE i.inhrelid = to_regclass(%s) "
        "AND i.inhparent = 'tigertally.entry'::regclass",
        (partition(month),),
    ).fetchone()
    if row is None:
        return False
    return None if row[0] else True


def detach(conn: Connection, month: int) -> None:
    """Takes the month's partition out of the log; its writers don't wait. `conn` is in autocommit."""
    state = attached(conn, month)
    if state is None:
        conn.execute(
            _sql(f"ALTER TABLE tigertally.entry DETACH PARTITION {partition(month)} FINALIZE")
        )
    elif state:
        conn.execute(
            _sql(f"ALTER TABLE tigertally.entry DETACH PARTITION {partition(month)} CONCURRENTLY")
        )


def release(conn: Connection, month: int, at_ms: int) -> None:
    """Drops what was the month's partition; one transaction."""
    conn.execute(_sql(f"DROP TABLE IF EXISTS {partition(month)}"))
    conn.execute(
        "UPDATE tigertally.archive SET state = %s, released_at = %s WHERE month = %s",
        (RELEASED, at_ms, month),
    )


# ---------------------------------------------------------------- restored for a look


def restored_months(conn: Connection) -> list[int]:
    """The months that stand beside the log."""
    found = conn.execute(
        "SELECT substring(c.relname FROM 7) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'tigertally_restored' AND c.relkind = 'r' ORDER BY 1"
    ).fetchall()
    return [int(name.replace("_", "")) for (name,) in found]


def is_restored(conn: Connection, month: int) -> bool:
    """Whether the month can be looked at."""
    return _one(conn, "SELECT to_regclass(%s) IS NOT NULL", restored_table(month))[0] is True


def restored_entry(conn: Connection, month: int, shard: int, seq: int) -> StoredEntry | None:
    """An entry of a restored month."""
    row = conn.execute(
        _sql(
            f"SELECT {rows.ENTRY_COLUMNS} FROM {restored_table(month)} "
            "WHERE business_day = ANY(%s) AND shard = %s AND seq = %s"
        ),
        (list(days_of(month)), shard, seq),
    ).fetchone()
    return None if row is None else rows.entry_of(row)


@contextmanager
def restoring(conn: Connection, month: int) -> Iterator[Callable[[Entry, bytes], None]]:
    """Makes the month's table in the caller's transaction and gives what takes its rows."""
    table = restored_table(month)
    conn.execute(_sql(f"CREATE TABLE {table} (LIKE tigertally.entry INCLUDING DEFAULTS)"))
    copying = _sql(f"COPY {table} ({rows.ENTRY_COLUMNS}) FROM STDIN (FORMAT binary)")
    with conn.cursor() as cursor, cursor.copy(copying) as copy:
        copy.set_types(_ENTRY_TYPES)
        yield lambda entry, leaf: copy.write_row((*msgspec.structs.astuple(entry), leaf))
    for index in _RESTORED_INDEXES:
        conn.execute(_sql(f"CREATE INDEX ON {table} {index}"))
    events = "INSERT OR UPDATE OR DELETE OR TRUNCATE"
    for statement in (
        f"CREATE TRIGGER read_only BEFORE {events} ON {table} EXECUTE FUNCTION tigertally.refuse_change()",
        f"GRANT SELECT ON {table} TO tigertally_auditor",
        f"ANALYZE {table}",
    ):
        conn.execute(_sql(statement))


def drop_restored(conn: Connection, month: int) -> None:
    """The month's table goes; nothing of the log is touched."""
    conn.execute(_sql(f"DROP TABLE {restored_table(month)}"))


_ENTRY_TYPES: Final = [
    "int2", "int8", "int4", "int4", "int8", "int2", "int4", "int4", "int8", "text", "int8", "int8",
    "int2", "int8", "bytea", "int4", "bytea", "int4", "bytea", "int2", "bytea",
]  # fmt: skip
"""The types of `rows.ENTRY_COLUMNS`, for COPY."""

_RESTORED_INDEXES: Final[tuple[LiteralString, ...]] = (
    "(business_day, shard, seq)",
    "(business_day, channel_id, serial, phase)",
    "(user_id)",
    "(token_id)",
    "USING brin (at_ms)",
    "(result)",
    "(transaction)",
    "(channel_id)",
)


def _sql(statement: str) -> bytes:
    """A statement that names a month's table, whose name is made of digits."""
    return statement.encode()


def _one(conn: Connection, sql: LiteralString, *params: Any) -> rows.Row:
    row = conn.execute(sql, params).fetchone()
    assert row is not None
    return row
