"""What the checkpointing process reads and writes each round: leaves, rounds, checkpoint keys, how
far the log is published. Plain SQL on its own connection; nothing here is on the path of a request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]

FETCH: Final = 2_000
_cursor_numbers = count(1)


@dataclass(frozen=True, slots=True)
class CheckpointKeyRow:
    """A generation of the checkpoint key."""

    generation: int
    public_key: bytes
    place: str
    at_ms: int
    note: str


@dataclass(frozen=True, slots=True)
class Leaves:
    """The leaves of a stretch of one shard, end to end, and how they are numbered."""

    rows: int
    first: int
    last: int
    hashes: bytes


@dataclass(frozen=True, slots=True)
class Coverage:
    """Entries in all shards together: recorded, and signed with the signature outside."""

    recorded: int
    published: int


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A row of audit_round."""

    number: int
    at_ms: int
    record: str
    note: str


def hold_still(conn: Connection) -> None:
    """Rounds and changes of the checkpoint key exclude one another, to the transaction's end."""
    conn.execute("SELECT pg_advisory_xact_lock(7117, 5)")


def checkpoint_keys(conn: Connection) -> list[CheckpointKeyRow]:
    """All generations, the first one first."""
    rows = conn.execute(
        "SELECT generation, public_key, place, at_ms, note FROM tigertally.checkpoint_key ORDER BY generation"
    ).fetchall()
    return [CheckpointKeyRow(*row) for row in rows]


def insert_checkpoint_key(conn: Connection, row: CheckpointKeyRow) -> None:
    """A new generation; the number is taken once."""
    conn.execute(
        "INSERT INTO tigertally.checkpoint_key (generation, public_key, place, at_ms, note) VALUES (%s, %s, %s, %s, %s)",
        (row.generation, row.public_key, row.place, row.at_ms, row.note),
    )


def leaves_between(
    conn: Connection, shard: int, start: int, stop: int, days: tuple[int, int] | None
) -> Leaves:
    """The stored leaves with start <= seq < stop, one aggregate; `days`: only these business days
    are looked at (first, last).
    """
    within = "" if days is None else "business_day BETWEEN %s AND %s AND "
    row = conn.execute(
        "SELECT count(*), coalesce(min(seq), -1), coalesce(max(seq), -1), "
        "coalesce(string_agg(leaf, ''::bytea ORDER BY seq), ''::bytea) "
        f"FROM tigertally.entry WHERE {within}shard = %s AND seq >= %s AND seq < %s",
        (*(days or ()), shard, start, stop),
        binary=True,
    ).fetchone()
    assert row is not None
    return Leaves(*row)


def insert_round(conn: Connection, row: RoundRow) -> None:
    """The next round; its number is taken once."""
    conn.execute(
        "INSERT INTO tigertally.audit_round (number, at_ms, record, note) VALUES (%s, %s, %s, %s)",
        (row.number, row.at_ms, row.record, row.note),
    )


def rounds(conn: Connection, first: int = 0, stop: int = 2**63 - 1) -> Iterator[RoundRow]:
    """Rounds with first <= number < stop, in order."""
    with conn.cursor(name=f"rounds_{next(_cursor_numbers)}") as cursor:
        cursor.itersize = FETCH
        cursor.execute(
            "SELECT number, at_ms, record, note FROM tigertally.audit_round WHERE number >= %s AND number < %s ORDER BY number",
            (first, stop),
        )
        for row in cursor:
            yield RoundRow(*row)


def last_round(conn: Connection) -> RoundRow | None:
    """The latest; None before the first."""
    row = conn.execute(
        "SELECT number, at_ms, record, note FROM tigertally.audit_round ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return None if row is None else RoundRow(*row)


def round_note(conn: Connection, number: int) -> str | None:
    """The signed note of the log of rounds whose last leaf is this round."""
    row = conn.execute(
        "SELECT note FROM tigertally.audit_round WHERE number = %s", (number,)
    ).fetchone()
    return None if row is None else str(row[0])


def coverage(conn: Connection) -> Coverage:
    """How much of what is recorded is published. One row per shard is read."""
    row = conn.execute(
        "SELECT (SELECT coalesce(sum(size), 0) FROM tigertally.shard_head)::bigint, "
        "(SELECT entries FROM tigertally.audit_published)"
    ).fetchone()
    assert row is not None
    return Coverage(*row)


def set_published(conn: Connection, entries: int, at_ms: int) -> None:
    """So many entries are signed, and their signatures on disk outside."""
    conn.execute("UPDATE tigertally.audit_published SET entries = %s, at_ms = %s", (entries, at_ms))
