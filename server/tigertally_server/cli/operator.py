"""operator: add, list, remove, verbs.

In the embedded database operators are made here; in the bank's own the statements are shown, for
its administrator.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

import click

from tigertally_drivers.postgres.settings import AUDITOR, OPERATOR_LOGIN, SECURITY, SYSTEM
from tigertally_server.cli.approvals import permission
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, json_option, say, show_record, show_table
from tigertally_server.cli.roles import VERBS, role_name
from tigertally_server.domain.administration import UseApproval
from tigertally_server.store import operators

ROLES: Final = {"system": SYSTEM, "security": SECURITY, "audit": AUDITOR}
_NAME: Final = re.compile(r"[a-z0-9_-]{1,40}")
_AT_FIRST: Final = {SYSTEM: 1, SECURITY: 2, AUDITOR: 1}
"""Fewer, and something could never be done again: nobody approves a request of his own."""
_REASON: Final = click.option("--reason", required=True, metavar="TEXT", help="Why; recorded.")


@click.group()
def operator() -> None:
    """Operators: who is one, in which of the roles system, security, audit."""


@operator.command("add")
@click.argument("people", nargs=-1, required=True, metavar="NAME:ROLE…")
@_REASON
@json_option
@click.pass_obj
def add(config_path: Path | None, people: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Add operators: the operating system's name of each, a colon, and system, security or audit.

    The first call separates the roles, so it names one system, two security and one audit operator
    at least. From then on it takes another security operator's approval.
    """
    wanted = dict(_parsed(text) for text in people)
    with open_house(config_path) as house:
        with house.reading() as conn:
            known = {login.name for login in operators.operators(conn)}
        if there := sorted(name for name in wanted if OPERATOR_LOGIN + name in known):
            raise CommandError(f"{', '.join(there)}: operators already")
        if not house.acting.separated:
            _check_first(wanted)
        subject = ", ".join(f"{name}:{role_name(role)}" for name, role in wanted.items())
        _recorded(house, "operator add", subject, reason)
        statements = [_create(name, role) for name, role in wanted.items()]
        _carry_out(house, statements)
    rows = [{"operator": name, "role": role_name(role)} for name, role in wanted.items()]
    show_table(rows, as_json=as_json)


@operator.command("remove")
@click.argument("name")
@_REASON
@json_option
@click.pass_obj
def remove(config_path: Path | None, name: str, reason: str, as_json: bool) -> None:
    """Take an operator's login away; what he did stays in the log."""
    with open_house(config_path) as house:
        with house.reading() as conn:
            known = {login.name: login.roles for login in operators.operators(conn)}
        login = OPERATOR_LOGIN + name
        if login not in known:
            raise CommandError(f"{name} is no operator; see `tigertally operator list`")
        left = Counter(role for other, roles in known.items() if other != login for role in roles)
        if short := [role for role, least in _AT_FIRST.items() if left[role] < least]:
            raise CommandError(f"too few {role_name(short[0])} operators would be left")
        _recorded(house, "operator remove", name, reason)
        _carry_out(house, [f'DROP ROLE "{login}"'])
    show_record({"operator": name, "removed": True}, as_json=as_json)


@operator.command("list")
@json_option
@click.pass_obj
def list_operators(config_path: Path | None, as_json: bool) -> None:
    """Every login that holds one of the roles."""
    with open_house(config_path) as house:
        with house.reading() as conn:
            found = operators.operators(conn)
        separated = house.acting.separated
    rows = [{"login": item.name, "roles": [role_name(r) for r in item.roles]} for item in found]
    show_table(rows, as_json=as_json, none="no operators")
    if not separated:
        say(
            "\nOperators are not separated: whoever reaches this installation holds every role, "
            "and no dual control is in force."
        )


@operator.command("verbs")
@json_option
def verbs(as_json: bool) -> None:
    """Which role runs which verb."""
    rows = [
        {"verb": verb, "roles": [role_name(role) for role in roles] or ["anybody"]}
        for verb, roles in sorted(VERBS.items())
    ]
    show_table(rows, as_json=as_json)


def _parsed(text: str) -> tuple[str, str]:
    name, colon, role = text.partition(":")
    if not colon or role not in ROLES or not _NAME.fullmatch(name):
        raise CommandError(f"{text!r}: write NAME:ROLE, with system, security or audit as the role")
    return name, ROLES[role]


def _check_first(wanted: dict[str, str]) -> None:
    have = Counter(wanted.values())
    if any(have[role] < least for role, least in _AT_FIRST.items()):
        raise CommandError(
            "the first operators are one system, two security and one audit operator at least: "
            "with fewer, nobody could approve what the others ask for"
        )


def _recorded(house: House, verb: str, subject: str, reason: str) -> None:
    """On disk before anything is done. Raises Waiting, CommandError."""
    allowed = permission(house, verb, subject, reason)
    details: dict[str, Any] = {"of": subject, "approval": allowed.number, "reason": reason}
    house.act(verb, details, [*allowed.prelude, UseApproval(allowed.number, verb, subject)])


def _create(name: str, role: str) -> str:
    return f'CREATE ROLE "{OPERATOR_LOGIN}{name}" LOGIN IN ROLE {role}'


def _carry_out(house: House, statements: list[str]) -> None:
    cluster = house.environment.databases.cluster
    if cluster is None:
        say("To be run by the database's administrator:")
        for statement in statements:
            click.echo(f"{statement};", err=True)
        return
    cluster.administer(statements)
