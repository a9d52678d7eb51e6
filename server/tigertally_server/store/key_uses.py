"""How many rows still need a key. Counted row by row: the answer decides whether its bytes may go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, LiteralString

import psycopg

from tigertally_server.domain.key import KeyLevel, KeyRecord
from tigertally_server.store.port import BadData

Connection = psycopg.Connection[tuple[Any, ...]]
_NEEDED: Final[LiteralString] = "state NOT IN ('destroyed', 'destroyed-compromised')"

_BY_KEY_ID: Final[LiteralString] = "WHERE key_id = %(id)s"
USES: Final[Mapping[str, Mapping[str, LiteralString]]] = {
    "seed": {"token": _BY_KEY_ID, "import_token": _BY_KEY_ID},
    "channel": {"channel_key": _BY_KEY_ID},
    "customer": {"account": _BY_KEY_ID},
    "credential": {"credential": _BY_KEY_ID, "challenge": _BY_KEY_ID, "message": _BY_KEY_ID},
}
"""Purpose of a data key → table → which of its rows are sealed under the key."""
_CHILDREN: Final[Mapping[str, LiteralString]] = {
    "key_record": f"WHERE parent = %(id)s AND {_NEEDED}"
}
# By a function, because who destroys keys needs not read the log.
_ENTRIES: Final[LiteralString] = "SELECT 'entry', tigertally.entries_under(%(id)s)"


ALIVE: Final[LiteralString] = (
    "SELECT id FROM tigertally.key_record WHERE id = ANY (%s) AND state IN ('pre-active', 'current', 'old', 'compromised') "
    "FOR SHARE"
)


def need_keys(conn: Connection, key_ids: Iterable[int]) -> None:
    """These keys have their bytes until the transaction ends (see `store.key_guards`). Raises
    BadData.
    """
    wanted = {key_id for key_id in key_ids if key_id > 0}
    found = conn.execute(ALIVE, (list(wanted),)).fetchall() if wanted else []
    if wanted - {key_id for (key_id,) in found}:
        raise BadData("a row is sealed under a key that is destroyed")


def tables_of(key: KeyRecord) -> Mapping[str, LiteralString]:
    """Table → condition."""
    if key.level is KeyLevel.ENCRYPTION:
        return _CHILDREN
    return USES.get(key.purpose, {}) if key.level is KeyLevel.DATA else {}


def count_statement(key: KeyRecord) -> LiteralString:
    """One statement, so that a row on its way from one table to another is counted. "" where no
    table is sealed under such a key.
    """
    if key.level is KeyLevel.DATA and key.purpose == "outcome":
        return _ENTRIES
    return " UNION ALL ".join(
        f"SELECT '{table}', count(*) FROM tigertally.{table} {condition}"
        for table, condition in tables_of(key).items()
    )


def count_uses(conn: Connection, key: KeyRecord) -> dict[str, int]:
    """Table → rows, those that have some."""
    statement = count_statement(key)
    if not statement:
        return {}
    found = conn.execute(statement, {"id": key.id}).fetchall()
    return {table: count for table, count in found if count}


def wait_for_older(conn: Connection, transaction: int) -> bool:
    """Whether every transaction up to this one has ended: none of those that began before it can
    still write what it decided then.
    """
    row = conn.execute(
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %s", (transaction,)
    ).fetchone()
    conn.rollback()
    return row is not None and bool(row[0])


def transaction_now(conn: Connection) -> int:
    """The number of a transaction that began, and ended, just now."""
    row = conn.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    conn.commit()
    assert row is not None
    return int(row[0])
