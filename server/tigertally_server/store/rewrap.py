"""Rows to be sealed anew, page by page in the order of their keys, and how far each table is.

A page, its new seals and the place reached are one transaction; each row is written only if it is
still as it was read. So it may be cut off anywhere and gone on with by anybody, and never undoes
what somebody else wrote meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString

import psycopg

from tigertally_server.store.arrays import ByteaArray, Int4Array, Int8Array

Connection = psycopg.Connection[tuple[Any, ...]]

_LOCK: Final[LiteralString] = "SELECT pg_try_advisory_xact_lock(7117, 5)"
_STILL_CURRENT: Final[LiteralString] = (
    "SELECT 1 FROM tigertally.key_record WHERE id = %s AND state = 'current' FOR SHARE"
)
_PROGRESS: Final[LiteralString] = (
    "part, target, position, seen, sealed_anew, failed, total, started_at, changed_at, finished_at"
)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one table: `places` are their keys, column by column, `sealed` None where the row is
    under another key than those asked for.
    """

    places: Sequence[tuple[Any, ...]]
    key_ids: Sequence[int]
    sealed: Sequence[bytes | None] = field(repr=False)
    owners: Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Table:
    """One table with a sealed column. `key`: its primary key's columns with the array type of each;
    `owner`: what the identity is made of; `join`: where that stands.
    """

    name: LiteralString
    sealed: LiteralString
    key: tuple[tuple[LiteralString, LiteralString, Callable[[list[Any]], Any]], ...]
    owner: LiteralString
    join: LiteralString = ""


def _bytes(values: list[Any]) -> ByteaArray:
    return ByteaArray([bytes(value) for value in values])


TABLES: Final[Mapping[str, Table]] = {
    t.name: t
    for t in (
        Table("token", "seed", (("id", "bigint", Int8Array),), "t.institution, t.serial"),
        Table(
            "import_token",
            "seed",
            (
                ("job", "bigint", Int8Array),
                ("chunk", "integer", Int4Array),
                ("line", "bigint", Int8Array),
            ),
            "j.institution, t.serial",
            "JOIN tigertally.import_job j ON j.id = t.job",
        ),
        Table(
            "channel_key",
            "sealed",
            (("channel_id", "integer", Int4Array), ("version", "integer", Int4Array)),
            "t.channel_id, t.version",
        ),
        Table("account", "data_key", (("id", "bigint", Int8Array),), "t.institution, t.customer"),
        Table("credential", "sealed", (("id", "bigint", Int8Array),), "t.owner_id, t.kind, t.slot"),
        Table("challenge", "sealed", (("id", "bytea", _bytes),), "t.id"),
        Table("message", "sealed", (("id", "bytea", _bytes),), "t.id"),
        Table("approval", "sealed", (("id", "bigint", Int8Array),), "t.id"),
    )
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a table is. `failed`: rows that don't open, left as they are. Times in ms."""

    part: str
    target: int
    position: str = ""
    seen: int = 0
    sealed_anew: int = 0
    failed: int = 0
    total: int = 0
    started_at_ms: int = 0
    changed_at_ms: int = 0
    finished_at_ms: int = 0

    @property
    def finished(self) -> bool:
        return self.finished_at_ms > 0


def begin_step(conn: Connection, target: int) -> bool:
    """Takes the right to seal anew for this transaction. False where another process has it, or
    where `target` is no longer the current key; it stays so until the transaction ends.
    """
    (mine,) = conn.execute(_LOCK).fetchone() or (False,)
    return bool(mine) and conn.execute(_STILL_CURRENT, (target,)).fetchone() is not None


def read_page(
    conn: Connection, table: Table, position: str, old: Sequence[int], limit: int
) -> Page:
    """The next rows after `position`, at most `limit`."""
    keys = ", ".join(f"t.{name}" for name, _, _ in table.key)
    after, params = _after(table, position)
    statement = (
        f"SELECT {keys}, t.key_id, CASE WHEN t.key_id = ANY (%s) THEN t.{table.sealed} END, {table.owner} "
        f"FROM (SELECT * FROM tigertally.{table.name} {after} ORDER BY {_names(table)} LIMIT %s) t {table.join} ORDER BY {keys}"
    )
    width = len(table.key)
    found = conn.execute(statement.encode(), (list(old), *params, limit)).fetchall()
    return Page(
        [row[:width] for row in found],
        [row[width] for row in found],
        [row[width + 1] for row in found],
        [row[width + 2 :] for row in found],
    )


def write_page(
    conn: Connection,
    table: Table,
    places: Sequence[tuple[Any, ...]],
    before: Sequence[tuple[int, bytes]],
    target: int,
    after: Sequence[bytes],
) -> int:
    """Each row that is still (key id, sealed) as in `before`; returns how many were."""
    if not places:
        return 0
    columns = [
        maker(list(values))
        for (_, _, maker), values in zip(table.key, zip(*places, strict=True), strict=True)
    ]
    names = [f"k{number}" for number in range(len(columns))]
    same = " AND ".join(
        f"t.{key[0]} = v.{name}" for key, name in zip(table.key, names, strict=True)
    )
    marks = ", ".join(["%b"] * (len(columns) + 3))
    statement = (
        f"UPDATE tigertally.{table.name} t SET key_id = %s, {table.sealed} = v.fresh FROM unnest({marks}) "
        f"AS v ({', '.join(names)}, id_before, before, fresh) WHERE {same} AND t.key_id = v.id_before AND t.{table.sealed} = v.before"
    )
    params = (
        target,
        *columns,
        Int4Array([key_id for key_id, _ in before]),
        ByteaArray([sealed for _, sealed in before]),
        ByteaArray(list(after)),
    )
    return conn.execute(statement.encode(), params).rowcount


def place_text(place: tuple[Any, ...]) -> str:
    """A place as `Progress.position` keeps it."""
    return "/".join(p.hex() if isinstance(p, bytes) else str(p) for p in place)


def _names(table: Table) -> str:
    return ", ".join(name for name, _, _ in table.key)


def _after(table: Table, position: str) -> tuple[str, list[Any]]:
    if not position:
        return "", []
    values = [
        bytes.fromhex(text) if kind == "bytea" else int(text)
        for text, (_, kind, _) in zip(position.split("/"), table.key, strict=True)
    ]
    return f"WHERE ({_names(table)}) > ({', '.join(['%s'] * len(values))})", values


def count_left(conn: Connection, table: Table, old: Sequence[int]) -> int:
    """Rows still under one of these keys."""
    statement = f"SELECT count(*) FROM tigertally.{table.name} WHERE key_id = ANY (%s)"
    (count,) = conn.execute(statement.encode(), (list(old),)).fetchone() or (0,)
    return int(count)


def about(conn: Connection, table: str) -> int:
    """Rows of a table, as the statistics have it."""
    (count,) = conn.execute(
        "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass(%s)",
        (f"tigertally.{table}",),
    ).fetchone() or (0,)
    return int(count)


def read_progress(conn: Connection) -> dict[str, Progress]:
    """Part → how far it is, those that were ever begun."""
    found = conn.execute(f"SELECT {_PROGRESS} FROM tigertally.rewrap ORDER BY part").fetchall()
    return {row[0]: Progress(*row) for row in found}


def put_progress(conn: Connection, p: Progress) -> None:
    """In the transaction of the page it speaks of."""
    conn.execute(
        f"INSERT INTO tigertally.rewrap ({_PROGRESS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (part) DO UPDATE SET (target, position, seen, sealed_anew, failed, total, started_at, changed_at, "
        "finished_at) = (excluded.target, excluded.position, excluded.seen, excluded.sealed_anew, excluded.failed, "
        "excluded.total, excluded.started_at, excluded.changed_at, excluded.finished_at)",
        (
            p.part,
            p.target,
            p.position,
            p.seen,
            p.sealed_anew,
            p.failed,
            p.total,
            p.started_at_ms,
            p.changed_at_ms,
            p.finished_at_ms,
        ),
    )
