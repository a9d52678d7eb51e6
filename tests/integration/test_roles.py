"""What PostgreSQL itself refuses: to the server's own role, and to the auditor's. Tried on the
database of a live installation with rows in it.
"""

from __future__ import annotations

import psycopg
import pytest

from tigertally_drivers.postgres.settings import APP, AUDITOR
from tigertally_protocol.codes import ResponseCode as C
from tigertally_server.domain.calendar import day_name
from tigertally_testing.peer import join

DENIED = psycopg.errors.InsufficientPrivilege
SECRET_TABLES = (
    "key_record",
    "rewrap",
    "channel_key",
    "token",
    "token_state",
    "account",
    "credential",
    "challenge",
    "message",
    "send_count",
)
OPEN_TABLES = (
    "entry",
    "checkpoint",
    "shard_head",
    "installation",
    "channel",
    "token_type",
    "flow_policy",
    "import_job",
    "import_chunk",
)
ALL_TABLES = (*SECRET_TABLES, *OPEN_TABLES, "config_epoch")


@pytest.fixture(scope="module")
def lived_in(house):
    house.holders(1)
    return house


def refused(house, role, statement):
    conn = house.connect(role)
    try:
        with pytest.raises(DENIED):
            conn.execute(statement.encode())
    finally:
        conn.close()


def allowed(house, role, statement):
    conn = house.connect(role)
    try:
        return conn.execute(statement.encode()).fetchall()
    finally:
        conn.close()


LOG = ("entry", "checkpoint", "installation")
APP_REFUSED = [
    *(f"UPDATE tigertally.{table} SET {column} = {column}" for table, column in
      (("entry", "result"), ("checkpoint", "note"), ("installation", "shards"))),
    *(f"DELETE FROM tigertally.{table}" for table in ALL_TABLES),
    *(f"TRUNCATE tigertally.{table}" for table in ALL_TABLES),
    *(f"DROP TABLE tigertally.{table}" for table in ALL_TABLES),
    "CREATE TABLE tigertally.mine (a integer)",
    "CREATE TABLE public.mine (a integer)",
    "CREATE SCHEMA mine",
    "CREATE TEMP TABLE mine (a integer)",
    "CREATE FUNCTION tigertally.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE tigertally.entry DISABLE TRIGGER ALL",
    "ALTER TABLE tigertally.entry ADD COLUMN mine integer",
    "INSERT INTO tigertally.config_epoch (epoch) VALUES (1)",
    "UPDATE public.tigertally_migration SET sha256 = ''",
    "COPY tigertally.entry TO PROGRAM 'cat'",
    "SET ROLE tigertally_owner",
    "CREATE ROLE mine",
]  # fmt: skip


@pytest.mark.parametrize("statement", APP_REFUSED)
def test_the_server_s_role_may_not(lived_in, statement):
    refused(lived_in, APP, statement)


def test_the_server_s_role_may_not_touch_a_partition_behind_the_table(lived_in):
    month = f"tigertally.entry_{day_name(lived_in.today())[:7].replace('-', '_')}"
    for statement in (
        f"UPDATE {month} SET result = result",
        f"DELETE FROM {month}",
        f"TRUNCATE {month}",
        f"DROP TABLE {month}",
        f"ALTER TABLE tigertally.entry DETACH PARTITION {month}",
        f"SELECT * FROM {month}",
    ):
        refused(lived_in, APP, statement)


def test_making_partitions_is_not_a_way_to_make_anything_else(lived_in):
    conn = lived_in.connect(APP)
    try:
        with pytest.raises(psycopg.errors.RaiseException, match="at most 400 days"):
            conn.execute("SELECT tigertally.ensure_partitions(0, 100000)")
    finally:
        conn.close()


SEALED_COLUMNS = {
    "channel_key": "sealed",
    "token": "seed",
    "token_state": "extra",
    "account": "personal",
}
"""Of tables whose other columns an auditor needs, to find entries and show the configuration."""


@pytest.mark.parametrize("table", [*SECRET_TABLES, "import_token"])
def test_the_auditor_may_not_read(lived_in, table):
    if table == "key_record":  # sealed under a key that is not in the database
        assert allowed(lived_in, AUDITOR, "SELECT 1 FROM tigertally.key_record LIMIT 1") == [(1,)]
        return
    refused(lived_in, AUDITOR, f"SELECT {SEALED_COLUMNS.get(table, '1')} FROM tigertally.{table}")
    refused(lived_in, AUDITOR, f"SELECT * FROM tigertally.{table}")


@pytest.mark.parametrize("table", OPEN_TABLES)
def test_the_auditor_may_read(lived_in, table):
    assert allowed(lived_in, AUDITOR, f"SELECT 1 FROM tigertally.{table} LIMIT 1") in ([(1,)], [])


AUDITOR_REFUSED = [
    *(f"INSERT INTO tigertally.{table} DEFAULT VALUES" for table in ALL_TABLES),
    *(f"DELETE FROM tigertally.{table}" for table in ALL_TABLES),
    "UPDATE tigertally.shard_head SET size = size",
    "UPDATE tigertally.entry SET result = result",
    "CREATE TABLE tigertally.mine (a integer)",
    "CREATE TEMP TABLE mine (a integer)",
    "SELECT nextval('tigertally.account_id')",
    "SELECT tigertally.ensure_partitions(1, 2)",
    "SET ROLE tigertally_app",
]


@pytest.mark.parametrize("statement", AUDITOR_REFUSED)
def test_the_auditor_may_not(lived_in, statement):
    refused(lived_in, AUDITOR, statement)


async def test_the_server_works_as_that_role(server, house):
    """Nothing above is refused because the role could do nothing at all."""
    line = house.add_channel()
    (held,) = house.holders(1, "hotp-6")
    async with await join(server, line) as peer:
        assert (await peer.verify(held, held.counter_code(0))).code is C.APPROVED
    users = allowed(
        house,
        APP,
        "SELECT DISTINCT usename FROM pg_stat_activity "
        "WHERE application_name LIKE 'tigertally node%'",
    )
    assert users == [(APP,)]
