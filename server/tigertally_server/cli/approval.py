"""approval: list, show, approve, refuse, rules, rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tigertally_server.cli.approvals import permission, reason_of, rule_of, shown
from tigertally_server.cli.house import House, open_house, person
from tigertally_server.cli.output import CommandError, json_option, show_record, show_table
from tigertally_server.cli.roles import role_name
from tigertally_server.domain.administration import DecideApproval, SetDualControl
from tigertally_server.store import operators
from tigertally_server.store.operators import Approval, Rule


@click.group()
def approval() -> None:
    """Dual control: requests of one operator that another approves or refuses."""


@approval.command("list")
@click.option("--all", "every", is_flag=True, help="Also those decided, used and expired.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@click.pass_obj
def list_approvals(config_path: Path | None, every: bool, limit: int, as_json: bool) -> None:
    """Requests that wait or can be used, the latest first."""
    with open_house(config_path) as house:
        with house.reading() as conn:
            found = operators.approvals(conn, limit, open_only=not every)
            now_ms = operators.now_ms(conn)
        rows = [shown(house, item, now_ms) for item in found]
    show_table(rows, as_json=as_json, none="no requests")


@approval.command("show")
@click.argument("number", type=int)
@json_option
@click.pass_obj
def show(config_path: Path | None, number: int, as_json: bool) -> None:
    """One request, with its reason."""
    with open_house(config_path) as house:
        item, now_ms = _found(house, number)
        house.act("approval show", {"approval": number})
        record = {**shown(house, item, now_ms), "reason": reason_of(house, item)}
    show_record(record, as_json=as_json)


@approval.command("approve")
@click.argument("number", type=int)
@json_option
@click.pass_obj
def approve(config_path: Path | None, number: int, as_json: bool) -> None:
    """Let the operator who asked do it, once. Nobody approves a request of his own."""
    _decide(config_path, number, approve=True, as_json=as_json)


@approval.command("refuse")
@click.argument("number", type=int)
@json_option
@click.pass_obj
def refuse(config_path: Path | None, number: int, as_json: bool) -> None:
    """Say no. The request is closed; another may be made."""
    _decide(config_path, number, approve=False, as_json=as_json)


def _decide(config_path: Path | None, number: int, *, approve: bool, as_json: bool) -> None:
    word = "approve" if approve else "refuse"
    with open_house(config_path) as house:
        item, now_ms = _found(house, number)
        details: dict[str, Any] = {"approval": number, "for": item.verb, "of": item.subject}
        if (why := _hindrance(house, item, now_ms)) is not None:
            house.act(f"approval {word} denied", {**details, "why": why})
            raise CommandError(why)
        house.act(f"approval {word}", details, [DecideApproval(number, approve, person())])
        item, now_ms = _found(house, number)
        record = shown(house, item, now_ms)
    show_record(record, as_json=as_json)


def _hindrance(house: House, item: Approval, now_ms: int) -> str | None:
    """Why this operator can't decide on it; the database refuses the same."""
    if item.state != "requested" or item.expires_at_ms <= now_ms:
        return f"request {item.id} is not open: it is {shown(house, item, now_ms)['state']}"
    if house.acting.login == item.requested_by or person() == item.requested_os:
        return f"request {item.id} is your own: nobody decides on a request of his own"
    return None


def _found(house: House, number: int) -> tuple[Approval, int]:
    with house.reading() as conn:
        item = operators.approval(conn, number)
        now_ms = operators.now_ms(conn)
    if item is None:
        raise CommandError(f"there is no request {number}; see `tigertally approval list`")
    return item, now_ms


# ---------------------------------------------------------------- rules


def _rule_row(rule: Rule, *, separated: bool) -> dict[str, Any]:
    return {
        "verb": rule.verb,
        "asked_by": role_name(rule.requester),
        "approved_by": f"another {role_name(rule.approver)} operator",
        "dual_control": rule.needed,
        "in_force": rule.needed and separated,
        "valid_h": rule.valid_s / 3600,
    }


@approval.command("rules")
@json_option
@click.pass_obj
def rules(config_path: Path | None, as_json: bool) -> None:
    """Which verbs can be under dual control, and which are."""
    with open_house(config_path) as house:
        with house.reading() as conn:
            found = operators.rules(conn)
        rows = [_rule_row(rule, separated=house.acting.separated) for rule in found]
    show_table(rows, as_json=as_json)


@approval.command("rule")
@click.argument("verb")
@click.option("--dual-control/--single", "needed", default=None, help="Two operators, or one.")
@click.option("--valid-h", type=click.FloatRange(1 / 60, 168), help="How long a request is good.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; recorded.")
@json_option
@click.pass_obj
def change_rule(
    config_path: Path | None,
    verb: str,
    needed: bool | None,
    valid_h: float | None,
    reason: str,
    as_json: bool,
) -> None:
    """Change the dual control over a verb; itself under dual control."""
    with open_house(config_path) as house:
        with house.reading() as conn:
            before = rule_of(operators.rules(conn), verb)
        need = before.needed if needed is None else needed
        seconds = before.valid_s if valid_h is None else round(valid_h * 3600)
        allowed = permission(house, "approval policy", f"{verb}={need:d}/{seconds}", reason)
        house.act(
            "approval rule",
            {"verb": verb, "dual_control": need, "valid_s": seconds, "approval": allowed.number},
            [*allowed.prelude, SetDualControl(allowed.number, verb, need, seconds)],
        )
        with house.reading() as conn:
            after = rule_of(operators.rules(conn), verb)
        row = _rule_row(after, separated=house.acting.separated)
    show_record(row, as_json=as_json)
