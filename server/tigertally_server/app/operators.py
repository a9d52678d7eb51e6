"""Logging an operator in: who acts, in which of his roles.

Persons have logins of their own in PostgreSQL. In the embedded one it is `tigertally_op_NAME` for
the operating system's user NAME, or for the user behind sudo; in the bank's own it is whatever
`database.operator_dsn` logs in as. An installation whose operators are not separated has one
operator who holds every role; it says so wherever that matters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tigertally_drivers.errors import Rejected
from tigertally_drivers.postgres.settings import APP, OPERATOR_LOGIN, OPERATOR_ROLES, SYSTEM
from tigertally_server.app.environment import Databases
from tigertally_server.store import operators as rows

_NAME: Final = re.compile(r"[a-z0-9_-]{1,40}")


class NotYours(Exception):
    """This operator may not do this; the text says who may."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts. `login` is PostgreSQL's name for him, `role` the one he acts in; `separated`:
    whether others hold other roles, so that dual control is in force.
    """

    login: str
    role: str
    separated: bool


def log_in(databases: Databases, person: str, verb: str, wanted: tuple[str, ...]) -> Acting:
    """From now on `databases` connects operators' roles as this operator.

    `person`: the operating system's name for him; `wanted`: the roles that may run the verb, the
    first that he holds is his. The schema must be there, but for the service's own verbs. Raises
    NotYours, DriverError.
    """
    if databases.cluster is not None:
        databases.login = _own_login(databases, person)
    if wanted == (APP,):
        return _service(databases, verb)
    if databases.cluster is not None and not databases.login:
        databases.login = wanted[0]
    conn = databases.connect_login()
    try:
        me = rows.who_am_i(conn)
        separated = bool(me.roles) and rows.separated(conn)
    finally:
        conn.close()
    if separated and me.name in OPERATOR_ROLES:
        raise NotYours(
            f"{person} is no operator of this installation; a security operator adds one with: "
            "tigertally operator add"
        )
    for role in wanted:
        if role in me.roles:
            return Acting(me.name, role, separated)
    raise NotYours(_refusal(me, verb, wanted))


def _own_login(databases: Databases, person: str) -> str:
    """In the embedded database; "" where he has none."""
    if not _NAME.fullmatch(person):
        return ""
    databases.login = OPERATOR_LOGIN + person
    try:
        databases.connect_login().close()
    except Rejected:
        return ""
    return databases.login


def _service(databases: Databases, verb: str) -> Acting:
    """Whoever reaches the installation's own logins may, unless he is known as somebody else."""
    if not databases.login:
        return Acting(APP, APP, separated=False)
    conn = databases.connect_login()
    try:
        me = rows.who_am_i(conn)
    finally:
        conn.close()
    if SYSTEM not in me.roles:
        raise NotYours(_refusal(me, verb, (SYSTEM,)))
    return Acting(f"{me.name} as {APP}", APP, separated=True)


def _refusal(me: rows.Login, verb: str, wanted: Sequence[str]) -> str:
    def said(roles: Sequence[str]) -> str:
        return " or ".join(role.removeprefix("tigertally_") for role in roles) or "no"

    hint = "" if me.roles else f"; grant the login one of the roles: GRANT {wanted[0]} TO ..."
    return (
        f"`{verb}` is for {said(wanted)} operators; {me.name} has the {said(me.roles)} role{hint}"
    )
