"""flow-policy: add, list, show, remove. What the bank asks for under a name, so that channels name
it and the bank changes it in one place.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from tigertally_engines.flow.expression import ExpressionError, names_of, render
from tigertally_server.cli.channel_settings import NAME_RULE, is_name
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, json_option, show_record, show_table
from tigertally_server.domain.administration import PutFlowPolicy
from tigertally_server.domain.flow_policy import (
    DEADLINE_DEFAULT_S,
    DEADLINE_MAX_S,
    EVERY_INSTITUTION,
    TRIES_DEFAULT,
    TRIES_MAX,
    FlowPolicy,
)
from tigertally_server.services.factors import FACTORS
from tigertally_server.services.flow_rows import tree_of

_INSTITUTION_BYTES: Final = 12
_institution = click.option(
    "--institution",
    default=EVERY_INSTITUTION,
    show_default="every institution",
    help="The institution it belongs to.",
)


@click.group("flow-policy")
def flow_policy() -> None:
    """Flow policies: combinations of factors that channels ask for by name. A change acts within a
    second, on flows that begin after it.
    """


@flow_policy.command("add")
@click.argument("name")
@click.argument("expression")
@_institution
@click.option(
    "--deadline",
    "deadline_s",
    type=click.IntRange(1, DEADLINE_MAX_S),
    default=DEADLINE_DEFAULT_S,
    show_default=True,
    metavar="SECONDS",
    help="How long a flow may take at most.",
)
@click.option(
    "--tries",
    type=click.IntRange(0, TRIES_MAX),
    default=TRIES_DEFAULT,
    show_default=True,
    help="So many refused tries end it; 0 = only the factors' own limits.",
)
@json_option
@click.pass_obj
def add(
    config_path: Path | None,
    name: str,
    expression: str,
    institution: str,
    deadline_s: int,
    tries: int,
    as_json: bool,
) -> None:
    """Make a policy, or replace the one of that name.

    For instance: tigertally flow-policy add payment "all(password, any(otp, sms))"
    """
    if not is_name(name):
        raise CommandError(f"a flow policy's name {NAME_RULE}")
    if len(institution) > _INSTITUTION_BYTES or not institution.isascii():
        raise CommandError(f"an institution has at most {_INSTITUTION_BYTES} characters")
    try:
        canonical = render(tree_of(expression))
    except ExpressionError as problem:
        known = ", ".join(sorted(FACTORS))
        raise CommandError(f"the expression can't be read: {problem}\nfactors: {known}") from None
    policy = FlowPolicy(
        name=name,
        institution=institution,
        expression=canonical,
        deadline_s=deadline_s,
        tries=tries,
    )
    with open_house(config_path) as house:
        before = _in_force(house, institution, name)
        told = {"before": before.expression} if before else {}
        house.act("flow policy add", {**_shown(policy), **told}, [PutFlowPolicy(policy)])
    show_record(_shown(policy), as_json=as_json)


@flow_policy.command("list")
@json_option
@click.pass_obj
def list_policies(config_path: Path | None, as_json: bool) -> None:
    """List the policies in force."""
    with open_house(config_path) as house:
        house.act("flow policy list")
        policies = house.environment.directory.snapshot.flow_policies()
    show_table([_shown(policy) for policy in policies], as_json=as_json)


@flow_policy.command("show")
@click.argument("name")
@_institution
@json_option
@click.pass_obj
def show(config_path: Path | None, name: str, institution: str, as_json: bool) -> None:
    """Show one policy and the transactions that verify its factors."""
    with open_house(config_path) as house:
        policy = _existing(house, institution, name)
        house.act("flow policy show", {"name": name, "institution": institution})
    try:
        factors = names_of(tree_of(policy.expression))
    except ExpressionError as problem:
        raise CommandError(f"flow policy {name!r} can't be read: {problem}") from None
    verified_by = {factor: FACTORS[factor].transaction.name for factor in factors}
    show_record({**_shown(policy), **verified_by}, as_json=as_json)


@flow_policy.command("remove")
@click.argument("name")
@_institution
@json_option
@click.pass_obj
def remove(config_path: Path | None, name: str, institution: str, as_json: bool) -> None:
    """Take a policy out of force. Flows that run by it run on."""
    with open_house(config_path) as house:
        policy = _existing(house, institution, name)
        gone = replace(policy, removed=True)
        house.act("flow policy remove", _shown(policy), [PutFlowPolicy(gone)])
    show_record({"removed": name, "institution": institution}, as_json=as_json)


def _in_force(house: House, institution: str, name: str) -> FlowPolicy | None:
    policies = house.environment.directory.snapshot.flow_policies()
    return next((p for p in policies if p.key == (institution, name)), None)


def _existing(house: House, institution: str, name: str) -> FlowPolicy:
    policy = _in_force(house, institution, name)
    if policy is None:
        whose = f"of institution {institution}" if institution else "of every institution"
        raise CommandError(
            f"there is no flow policy {name!r} {whose}; `tigertally flow-policy list` shows them"
        )
    return policy


def _shown(policy: FlowPolicy) -> dict[str, Any]:
    return {
        "name": policy.name,
        "institution": policy.institution,
        "expression": policy.expression,
        "deadline_s": policy.deadline_s,
        "tries": policy.tries,
    }
