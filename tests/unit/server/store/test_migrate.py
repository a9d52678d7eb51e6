"""Migrations: applied once, in order, by several at once; history that differs is refused."""

from __future__ import annotations

import threading

import pytest

from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP, AUDITOR, OWNER
from tigertally_server.store import migrate as migrations
from tigertally_server.store.migrate import MigrationError


def test_applied_once(empty_database):
    with connect(empty_database.dsn(OWNER)) as conn:
        assert migrations.applied(conn) == {}
        done = migrations.migrate(conn)
        assert done == migrations.shipped()
        assert migrations.migrate(conn) == ()
        assert migrations.applied(conn) == {m.number: m.sha256 for m in migrations.shipped()}


def test_two_at_once_apply_each_file_once(empty_database):
    results = []

    def run():
        with connect(empty_database.dsn(OWNER)) as conn:
            results.append(migrations.migrate(conn))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, results)) == [0, len(migrations.shipped())]


def test_database_ahead_is_refused(database):
    with connect(database.dsn(OWNER)) as conn:
        conn.execute(
            "INSERT INTO public.tigertally_migration (number, name, sha256) VALUES (999, 'x', 'y')"
        )
        with pytest.raises(MigrationError, match=r"0999.*newer"):
            migrations.pending(conn)


def test_changed_file_is_refused(database):
    with connect(database.dsn(OWNER)) as conn:
        conn.execute("UPDATE public.tigertally_migration SET sha256 = 'other' WHERE number = 1")
        with pytest.raises(MigrationError, match="0001_initial differs"):
            migrations.migrate(conn)


@pytest.mark.parametrize("role", [APP, AUDITOR])
def test_other_roles_can_look_but_not_migrate(database, role):
    import psycopg

    with connect(database.dsn(role)) as conn:
        assert migrations.pending(conn) == ()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("CREATE TABLE tigertally.mine ()")
