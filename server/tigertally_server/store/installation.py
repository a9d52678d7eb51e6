"""Rows that are written once, when the system is installed, and read at every start. Plain SQL on a
connection of the app role.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from tigertally_server.domain.entry import ShardHead

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Installation:
    """What was fixed at installation. `master_salt` is empty where the master key is a file."""

    installation_id: str
    created_at_ms: int
    shards: int
    master_check: bytes
    master_salt: bytes
    checkpoint_public_key: bytes


def lock_for_installing(conn: Connection) -> None:
    """Only one process installs; the lock goes with the transaction."""
    conn.execute("SELECT pg_advisory_xact_lock(7117, 3)")


def read_installation(conn: Connection) -> Installation | None:
    """None where nothing is installed yet."""
    row = conn.execute(
        "SELECT installation_id, created_at, shards, master_check, master_salt, checkpoint_public_key "
        "FROM tigertally.installation"
    ).fetchone()
    return None if row is None else Installation(*row)


def insert_installation(conn: Connection, row: Installation) -> None:
    """Once per database."""
    conn.execute(
        "INSERT INTO tigertally.installation (installation_id, created_at, shards, master_check, master_salt, "
        "checkpoint_public_key) VALUES (%s, %s, %s, %s, %s, %s)",
        (
            row.installation_id,
            row.created_at_ms,
            row.shards,
            row.master_check,
            row.master_salt,
            row.checkpoint_public_key,
        ),
    )


def insert_head(conn: Connection, head: ShardHead) -> None:
    """The head of a new shard."""
    conn.execute(
        "INSERT INTO tigertally.shard_head (shard, size, frontier, root, mac) VALUES (%s, %s, %s, %s, %s)",
        (head.shard, head.size, head.frontier, head.root, head.mac),
    )


def insert_token_type(conn: Connection, name: str, parameters: str) -> None:
    """A token type, unless there is one of that name."""
    conn.execute(
        "INSERT INTO tigertally.token_type (name, parameters) VALUES (%s, %s::jsonb) ON CONFLICT (name) DO NOTHING",
        (name, parameters),
    )


def ensure_partitions(conn: Connection, first_day: int, last_day: int) -> int:
    """Makes the entry partitions of these business days; returns how many were missing."""
    row = conn.execute(
        "SELECT tigertally.ensure_partitions(%s, %s)", (first_day, last_day)
    ).fetchone()
    assert row is not None
    return int(row[0])


def forget_lapsed(conn: Connection, now_ms: int, at_most: int) -> int:
    """Deletes challenges, messages and counters that lapsed long ago, at most so many of each;
    returns how many went.
    """
    row = conn.execute("SELECT tigertally.forget_lapsed(%s, %s)", (now_ms, at_most)).fetchone()
    assert row is not None
    return int(row[0])


def summarise_log(conn: Connection) -> int:
    """Sums up what was appended since for the log's block ranges, by which entries are found;
    returns how many ranges.
    """
    row = conn.execute("SELECT tigertally.summarise_log()").fetchone()
    assert row is not None
    return int(row[0])


def read_heads(conn: Connection) -> list[ShardHead]:
    """All shard heads."""
    rows = conn.execute(
        "SELECT shard, size, frontier, root, mac FROM tigertally.shard_head ORDER BY shard"
    ).fetchall()
    return [ShardHead(*row) for row in rows]


def put_head_mac(conn: Connection, head: ShardHead, mac: bytes) -> int:
    """Another seal for a head that is still this one; returns 1, or 0 where it moved on."""
    return conn.execute(
        "UPDATE tigertally.shard_head SET mac = %s WHERE shard = %s AND size = %s AND mac = %s",
        (mac, head.shard, head.size, head.mac),
    ).rowcount


def last_checkpoints(conn: Connection) -> dict[int, str]:
    """shard → its last checkpoint's note."""
    rows = conn.execute(
        "SELECT DISTINCT ON (shard) shard, note FROM tigertally.checkpoint ORDER BY shard, size DESC"
    ).fetchall()
    return dict(rows)


def checkpoint_at(conn: Connection, shard: int, size: int) -> str | None:
    """A shard's checkpoint of that size."""
    row = conn.execute(
        "SELECT note FROM tigertally.checkpoint WHERE shard = %s AND size = %s", (shard, size)
    ).fetchone()
    return None if row is None else str(row[0])


def size_long_before(conn: Connection, shard: int, size: int, ms: int) -> int:
    """A shard's size `ms` before its checkpoint of `size`; 0 where it had none then."""
    row = conn.execute(
        "SELECT size FROM tigertally.checkpoint WHERE shard = %(shard)s AND size < %(size)s AND at_ms <= "
        "(SELECT at_ms FROM tigertally.checkpoint WHERE shard = %(shard)s AND size = %(size)s) - %(ms)s "
        "ORDER BY size DESC LIMIT 1",
        {"shard": shard, "size": size, "ms": ms},
    ).fetchone()
    return 0 if row is None else int(row[0])


def checkpoints_after(conn: Connection, shard: int, size: int) -> list[str]:
    """A shard's checkpoints of larger trees, in order."""
    rows = conn.execute(
        "SELECT note FROM tigertally.checkpoint WHERE shard = %s AND size > %s ORDER BY size",
        (shard, size),
    ).fetchall()
    return [note for (note,) in rows]


def insert_checkpoint(conn: Connection, shard: int, size: int, at_ms: int, note: str) -> None:
    """One signed note."""
    conn.execute(
        "INSERT INTO tigertally.checkpoint (shard, size, at_ms, note) VALUES (%s, %s, %s, %s)",
        (shard, size, at_ms, note),
    )


def try_checkpoint_lock(conn: Connection) -> bool:
    """One checkpointing process per database; the lock goes with the connection."""
    row = conn.execute("SELECT pg_try_advisory_lock(7117, 2)").fetchone()
    return row is not None and bool(row[0])
