"""Maintenance that the owner role does while servers run."""

from __future__ import annotations

from typing import Any, Final, LiteralString

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]

_BULK_TABLES: Final[tuple[LiteralString, ...]] = ("account", "token", "token_state", "credential")


def settle_bulk(conn: Connection) -> None:
    """After rows came in by the ten thousand: statistics, and every row marked as committed.

    Left to chance, the first reader of each page marks its rows, and with checksums each such mark
    is a page in the log: measured as two thirds of PostgreSQL's work in the first minutes.
    """
    conn.commit()
    conn.autocommit = True
    try:
        for table in _BULK_TABLES:
            conn.execute(f"VACUUM (FREEZE, ANALYZE) tigertally.{table}")
    finally:
        conn.autocommit = False
