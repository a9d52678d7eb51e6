"""password-policy: list, show, set. What passwords and PINs must be like, how they are stored, what
failures cost: one policy for passwords, one for PINs, and one for each further slot.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from tigertally_engines.password.policy import DEFAULTS, PasswordPolicy, PolicyError, form_of
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, json_option, show_record, show_table
from tigertally_server.domain.administration import PutPasswordPolicy
from tigertally_server.store import reading

_SLOT_WIDTH: Final = 16
_LISTED: Final = ("scheme", "min_length", "history", "max_age_s", "max_failures", "failure_ceiling")
_TRUTHS: Final = {"true": True, "yes": True, "false": False, "no": False}


@click.group("password-policy")
def password_policy() -> None:
    """Rules of passwords and PINs, by name: `password`, `pin`, or one of them with a slot, as
    `pin/pay`. A change acts everywhere within a second.
    """


@password_policy.command("list")
@json_option
@click.pass_obj
def list_policies(config_path: Path | None, as_json: bool) -> None:
    """List the policies."""
    with open_house(config_path) as house:
        house.act("password-policy list")
        policies = house.environment.directory.snapshot.password_policies
    rows = [
        {
            "name": name,
            **(
                {key: policy.as_dict()[key] for key in _LISTED} if not as_json else policy.as_dict()
            ),
        }
        for name, policy in sorted(policies.items())
    ]
    show_table(rows, as_json=as_json)


@password_policy.command("show")
@click.argument("name")
@json_option
@click.pass_obj
def show(config_path: Path | None, name: str, as_json: bool) -> None:
    """Show every parameter of a policy."""
    with open_house(config_path) as house:
        policy = house.environment.directory.snapshot.password_policies.get(name)
        if policy is None:
            raise CommandError(
                f"there is no password policy {name!r}; `password-policy list` shows them"
            )
        house.act("password-policy show", {"policy": name})
    show_record(_shown(name, policy), as_json=as_json)


@password_policy.command("set")
@click.argument("name")
@click.argument("assignments", nargs=-1, required=True, metavar="KEY=VALUE...")
@json_option
@click.pass_obj
def set_policy(
    config_path: Path | None, name: str, assignments: tuple[str, ...], as_json: bool
) -> None:
    """Set parameters of a policy, or make one for a further slot.

    For instance: tigertally password-policy set pin/pay max_failures=3 own_words=95588,bank

    A new scheme acts on passwords as they are next given; until all have it, the former one stays
    among `old_schemes`, and each try costs both.
    """
    try:
        defaults = DEFAULTS[form_of(name)]
    except PolicyError as problem:
        raise CommandError(f"a policy's {problem.name} {problem.reason}") from None
    if len(name.partition("/")[2].encode()) > _SLOT_WIDTH or not name.isascii() or " " in name:
        raise CommandError(f"a slot has at most {_SLOT_WIDTH} ASCII characters without blanks")
    values = _parsed(assignments)
    with open_house(config_path) as house:
        before = _stored(house, name)
        after = {**before, **values}
        if "scheme" in values and "old_schemes" not in values:
            after["old_schemes"] = _with_former_scheme(defaults, before, values)
        try:
            policy = defaults.merge(after)
        except PolicyError as problem:
            raise CommandError(f"{problem.name} {problem.reason}") from None
        changes = {key: f"{before.get(key, 'default')} -> {value}" for key, value in values.items()}
        house.act(
            "password-policy set",
            {"policy": name, **changes},
            [PutPasswordPolicy(name, json.dumps(after, sort_keys=True, ensure_ascii=False))],
        )
    show_record(_shown(name, policy), as_json=as_json)


def _shown(name: str, policy: PasswordPolicy) -> dict[str, Any]:
    return {"name": name, **policy.as_dict()}


def _stored(house: House, name: str) -> dict[str, Any]:
    """What the policy says itself; the rest are the defaults of its form."""
    with house.reading() as conn:
        values: dict[str, Any] = json.loads(reading.password_policies(conn).get(name, "{}"))
    return values


def _with_former_scheme(
    defaults: PasswordPolicy, before: Mapping[str, Any], values: Mapping[str, object]
) -> list[str]:
    former = [before.get("scheme", defaults.scheme), *before.get("old_schemes", ())]
    return [scheme for scheme in dict.fromkeys(former) if scheme != values["scheme"]]


def _parsed(assignments: Sequence[str]) -> dict[str, object]:
    """`key=value` texts as values of the parameters' own types. Raises CommandError."""
    kinds = {name: type(value) for name, value in PasswordPolicy().as_dict().items()}
    values: dict[str, object] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or name not in kinds:
            raise CommandError(f"{text!r} sets nothing; there are: {', '.join(kinds)}")
        values[name] = _value(name, kinds[name], value)
    return values


def _value(name: str, kind: type, text: str) -> object:
    try:
        if kind is bool:
            return _TRUTHS[text.lower()]
        if kind is int:
            return int(text)
    except (KeyError, ValueError):
        raise CommandError(
            f"{name} must be {'true or false' if kind is bool else 'a whole number'}"
        ) from None
    return [part for part in text.split(",") if part] if kind is list else text
