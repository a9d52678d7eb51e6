"""The PostgreSQL of the two peers: the one that ours brings, with the same settings, started by the
same code, on a Unix socket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tigertally_drivers.postgres.cluster import EmbeddedCluster
from tigertally_drivers.postgres.settings import ClusterSettings, fitting_shared_buffers_mb


class Database:
    """A cluster with one database of the product's name."""

    def __init__(self, cluster: EmbeddedCluster, name: str) -> None:
        self._cluster, self._name = cluster, name
        with psycopg.connect(cluster.superuser_dsn(), autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name}".encode())

    @property
    def dsn(self) -> str:
        return self._cluster.superuser_dsn(self._name).replace("'", "")

    def member(self, key: str) -> str:
        """`host` or `user` of the DSN."""
        return dict(part.split("=", 1) for part in self.dsn.split())[key]

    def pid(self) -> int:
        pid = self._cluster.pid
        if pid is None:
            raise RuntimeError("the database does not run")
        return pid

    def restart(self) -> None:
        self._cluster.ensure_running()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            conn.execute(statement.encode())

    def number(self, statement: str, arguments: Sequence[object] = ()) -> int:
        """The one number of the one row."""
        with psycopg.connect(self.dsn) as conn:
            row = conn.execute(statement.encode(), arguments).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def settle(self) -> None:
        """After filling in: no vacuum and no dirty page left for the measurement."""
        self.execute("VACUUM (ANALYZE, FREEZE)")
        self.execute("CHECKPOINT")


@contextmanager
def database(folder: Path, name: str) -> Iterator[Database]:
    settings = ClusterSettings(shared_buffers_mb=fitting_shared_buffers_mb())
    with EmbeddedCluster(folder, settings) as cluster:
        yield Database(cluster, name)
