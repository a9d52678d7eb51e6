"""Statements of imports while the statistics know nothing of what is being imported."""

from __future__ import annotations

from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import SUPERUSER
from tigertally_server.store import imports

TOKENS = (
    "INSERT INTO tigertally.token (id, institution, serial, type_name, overrides, issuer, "
    "imported_at, key_id, seed) SELECT n, %s, 'OA' || n, 't', '{}', '', 0, 1, 'x' "
    "FROM generate_series(%s::int, %s::int) n"
)
STAGED = (
    "INSERT INTO tigertally.import_token (job, chunk, line, moving, valid_from, valid_to, key_id, "
    "serial, type_name, overrides, issuer, seed) SELECT 1, 3, n, 0, 0, 0, 1, 'OA' || n, 't', '{}', "
    "'', 'x' FROM generate_series(1, %s::int) n"
)


def test_namesakes_are_found_by_serial_whatever_the_statistics_say(database):
    """A plan by institution alone compares each line with the whole stock."""
    with connect(database.dsn(SUPERUSER)) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(TOKENS, ("ANOTHER", 1_000_000, 1_000_300))
        conn.execute("ANALYZE tigertally.token")
        conn.execute(TOKENS, ("OURS", 1, 500))
        conn.execute(STAGED, (1000,))
        imports.prepare(conn)
        plan = conn.execute(f"EXPLAIN {imports.NAMESAKES}".encode(), ("OURS", 1, 3)).fetchall()
        told = "\n".join(line for (line,) in plan)
        assert "(institution = 'OURS'::text) AND (serial = s.serial)" in told, told
        assert len(imports.namesakes(conn, "OURS", 1, 3)) == 500
