"""Forward-only numbered migrations, shipped inside the package.

Each file runs in one transaction under an advisory lock, with its SHA-256 recorded; a file that
changed after it was applied, or a database that is ahead of this program, refuses to go on. Run by
the owner role.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib import resources
from typing import Any

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]

_LOCK = (7117, 0)
_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_TABLE = (
    "CREATE TABLE IF NOT EXISTS public.tigertally_migration ("
    "number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
)


class MigrationError(Exception):
    """The schema can't be brought to this program's version; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def shipped() -> tuple[Migration, ...]:
    """All migrations of this program, in order."""
    folder = resources.files("tigertally_server.store").joinpath("migrations")
    found = sorted(
        (
            Migration(int(match[1]), match[2], item.read_text(encoding="utf-8"))
            for item in folder.iterdir()
            if (match := _NAME.fullmatch(item.name))
        ),
        key=lambda migration: migration.number,
    )
    assert [m.number for m in found] == list(range(1, len(found) + 1)), (
        "migration numbers have a gap"
    )
    return tuple(found)


def applied(conn: Connection) -> dict[int, str]:
    """number → sha256 of what the database has; empty where nothing was ever applied."""
    row = conn.execute("SELECT to_regclass('public.tigertally_migration') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return {}
    return dict(conn.execute("SELECT number, sha256 FROM public.tigertally_migration").fetchall())


def pending(conn: Connection) -> tuple[Migration, ...]:
    """What is still to be applied; raises MigrationError where history differs."""
    have, ours = applied(conn), shipped()
    if ahead := sorted(set(have) - {m.number for m in ours}):
        raise MigrationError(
            f"the database has migration {ahead[-1]:04d}, which this program doesn't know: "
            "it was made by a newer version; install that one"
        )
    for migration in ours:
        if migration.number in have and have[migration.number] != migration.sha256:
            raise MigrationError(
                f"migration {migration.number:04d}_{migration.name} differs from what was applied to this database; "
                "restore the original file"
            )
    return tuple(m for m in ours if m.number not in have)


def migrate(conn: Connection) -> tuple[Migration, ...]:
    """Applies what is pending, one transaction each, and returns it. Safe to run from several
    processes at once. Where nothing is pending, any role may ask. Raises MigrationError.
    """
    try:
        if applied(conn) and not pending(conn):
            return ()
    finally:
        conn.rollback()
    try:
        return _apply_pending(conn)
    except psycopg.errors.InsufficientPrivilege:
        raise MigrationError(
            "the schema is not up to date, and this database user may not change it: set "
            "database.owner_dsn, or have `tigertally migrate` run by its owner"
        ) from None


def _apply_pending(conn: Connection) -> tuple[Migration, ...]:
    done: list[Migration] = []
    conn.execute("SELECT pg_advisory_lock(%s, %s)", _LOCK)
    try:
        conn.execute(_TABLE)
        conn.execute("GRANT SELECT ON public.tigertally_migration TO PUBLIC")
        conn.commit()
        for migration in pending(conn):
            conn.execute(migration.sql.encode())
            conn.execute(
                "INSERT INTO public.tigertally_migration (number, name, sha256) VALUES (%s, %s, %s)",
                (migration.number, migration.name, migration.sha256),
            )
            conn.commit()
            done.append(migration)
    finally:
        conn.rollback()
        conn.execute("SELECT pg_advisory_unlock(%s, %s)", _LOCK)
        conn.commit()
    return tuple(done)
