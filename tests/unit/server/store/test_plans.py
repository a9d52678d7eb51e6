"""Statements that find by key must do so on a database that nobody has gathered statistics of: by
an owner's key, never through a whole index with a look for each row's owner. Such plans are kept,
and cost more with each challenge that is open.
"""

from __future__ import annotations

import pytest

from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP
from tigertally_server.domain.challenge import ChallengeKind
from tigertally_server.domain.credential import CredentialKind
from tigertally_server.store import arrays, method_statements, statements
from tigertally_server.store.port import Needs

OWNERS = [("BANK", f"C{number}") for number in range(40)]
KEYED = {
    "credentials": ("credential_owner", "owner_id = a.id"),
    "challenges": ("challenge_open", "owner_id = a.id"),
    "counts": ("send_count_pkey", "scope = "),
}


@pytest.fixture
def conn(database):
    with connect(database.dsn(APP)) as conn:
        arrays.register(conn)
        conn.execute(statements.PLANS)
        yield conn


def conditions(conn, sql, params, index):
    """What an index is searched by, for each node of the plan that uses it."""
    cursor = conn.cursor(binary=True)
    lines = [line for (line,) in cursor.execute("EXPLAIN " + sql, params)]
    found = [number for number, line in enumerate(lines) if index in line]
    assert found, "\n".join(lines)
    return [" ".join(lines[number : number + 2]) for number in found]


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
def test_rows_are_found_by_their_owners_keys(conn, plan):
    conn.execute(f"SET plan_cache_mode = {plan}")
    needs = Needs(
        0,
        credentials={(*owner, CredentialKind.SMS) for owner in OWNERS},
        open_challenges={(*owner, ChallengeKind.SMS_CODE) for owner in OWNERS},
        tagged_counters={(*owner, CredentialKind.SMS) for owner in OWNERS},
        counters={(1, bytes([number]) * 16) for number in range(40)},
    )
    asked = {name: (sql, params) for name, sql, params, _ in method_statements.queries(needs)}
    for name, (index, condition) in KEYED.items():
        for found in conditions(conn, *asked[name], index):
            assert "Index Cond" in found
            assert condition in found
