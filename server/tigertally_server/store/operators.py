"""Who operates, and what they asked each other for: plain SQL on an operator's connection.

What is decided here is decided by functions of the database (migration 0003), so that it holds for
whoever comes by another way than our program. Times are of the database's clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg

from tigertally_drivers.postgres.settings import OPERATOR_ROLES

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Login:
    """A login of PostgreSQL that is an operator, and the roles that it holds."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Approval:
    """A request of one operator that another decides on; the reason is sealed."""

    id: int
    verb: str
    subject: str
    state: str
    requested_by: str
    requested_os: str
    requested_at_ms: int
    expires_at_ms: int
    decided_by: str
    decided_os: str
    decided_at_ms: int
    used_at_ms: int
    key_id: int
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """Dual control over one verb."""

    verb: str
    requester: str
    approver: str
    needed: bool
    valid_s: int


@dataclass(frozen=True, slots=True)
class CustomersKey:
    """What opens the personal part of an entry; `data_key` is empty once the customer is erased."""

    institution: str
    customer: str
    key_id: int
    data_key: bytes = field(repr=False)


_APPROVAL = (
    "id, verb, subject, state, requested_by, requested_os, requested_at, expires_at, decided_by, decided_os, decided_at, "
    "used_at, key_id, sealed"
)


def who_am_i(conn: Connection) -> Login:
    """The login of this connection, whatever role it took on."""
    # Of the catalogue alone: who holds no role can't look into our schema.
    row = conn.execute(
        "SELECT session_user::text, ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname = ANY(%s) "
        "AND pg_has_role(session_user, oid, 'MEMBER') ORDER BY 1)",
        (list(OPERATOR_ROLES),),
    ).fetchone()
    assert row is not None
    return Login(row[0], tuple(row[1]))


def operators(conn: Connection) -> list[Login]:
    """Every login that holds one of the roles; the roles themselves are none."""
    rows = conn.execute("SELECT login, roles FROM tigertally.operators()").fetchall()
    return [Login(name, tuple(roles)) for name, roles in rows]


def separated(conn: Connection) -> bool:
    """Whether there is any operator who doesn't hold every role."""
    row = conn.execute("SELECT tigertally.separated()").fetchone()
    return row is not None and bool(row[0])


def rules(conn: Connection) -> list[Rule]:
    """Of every verb that can be under dual control."""
    found = conn.execute(
        "SELECT verb, requester, approver, needed, valid_s FROM tigertally.dual_control ORDER BY verb"
    ).fetchall()
    return [Rule(*row) for row in found]


def now_ms(conn: Connection) -> int:
    """By the database's clock."""
    row = conn.execute("SELECT tigertally.now_ms()").fetchone()
    assert row is not None
    return int(row[0])


def new_approval_id(conn: Connection) -> int:
    """A number for a request that will be written with its entry."""
    row = conn.execute("SELECT nextval('tigertally.approval_id')").fetchone()
    assert row is not None
    return int(row[0])


def approval(conn: Connection, number: int) -> Approval | None:
    """By its number."""
    row = conn.execute(
        f"SELECT {_APPROVAL} FROM tigertally.approval WHERE id = %s", (number,)
    ).fetchone()
    return None if row is None else Approval(*row)


def approvals(conn: Connection, limit: int, *, open_only: bool) -> list[Approval]:
    """The latest first."""
    rows = conn.execute(
        f"SELECT {_APPROVAL} FROM tigertally.approval WHERE NOT %s "
        "OR state IN ('requested', 'approved') AND expires_at > tigertally.now_ms() ORDER BY id DESC LIMIT %s",
        (open_only, limit),
    ).fetchall()
    return [Approval(*row) for row in rows]


def my_request(conn: Connection, verb: str, subject: str) -> Approval | None:
    """The latest of this login's for this, if it still can be used or decided on."""
    row = conn.execute(
        f"SELECT {_APPROVAL} FROM tigertally.approval WHERE verb = %s AND subject = %s AND requested_by = session_user "
        "AND state IN ('requested', 'approved') AND expires_at > tigertally.now_ms() ORDER BY id DESC LIMIT 1",
        (verb, subject),
    ).fetchone()
    return None if row is None else Approval(*row)


def key_for_reveal(
    conn: Connection, number: int, shard: int, seq: int, day: int
) -> CustomersKey | None:
    """None where the entry concerns no customer. Raises psycopg's InsufficientPrivilege without a
    used approval for this entry.
    """
    row = conn.execute(
        "SELECT institution, customer, key_id, data_key FROM tigertally.key_for_reveal(%s, %s::smallint, %s, %s)",
        (number, shard, seq, day),
    ).fetchone()
    return None if row is None else CustomersKey(*row)


def login_of_entry(conn: Connection, shard: int, seq: int) -> str:
    """Who was logged in when an operator's entry was written, as PostgreSQL noted it; "" for the
    server's own.
    """
    row = conn.execute(
        "SELECT operator FROM tigertally.entry_operator WHERE shard = %s AND seq = %s", (shard, seq)
    ).fetchone()
    return "" if row is None else str(row[0])
