"""user: register, show, close, and what `user_password` adds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.user import (
    CloseUserRequest,
    QueryUserRequest,
    QueryUserResponse,
    RegisterUserRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import TokenState, Transaction, UserState
from tigertally_server.cli import user_erase, user_password
from tigertally_server.cli.approvals import permission
from tigertally_server.cli.house import House, demand, open_house
from tigertally_server.cli.output import CommandError, json_option, show_record, when
from tigertally_server.domain.administration import AdminWrite, UseApproval
from tigertally_server.sensitive import masks
from tigertally_server.services.request import Outcome
from tigertally_server.services.users import SHOWN_TOKENS
from tigertally_server.store import reading

INSTITUTION: Final = click.option(
    "--institution", required=True, metavar="CODE", help="The customer's legal entity."
)
REVEAL: Final = click.option(
    "--reveal",
    is_flag=True,
    help="Show personal data, too; needs --reason, and is recorded with it.",
)
REASON: Final = click.option("--reason", default="", metavar="TEXT", help="Why; recorded.")


def entry_name(outcome: Outcome) -> str:
    """Where the entry of an act stands, as `audit show --entry` takes it."""
    return f"{outcome.shard}:{outcome.seq}"


def check_reveal(reveal: bool, reason: str) -> None:
    """Raises CommandError."""
    if reveal and not reason.strip():
        raise CommandError("personal data are shown for a reason only: add --reason TEXT")


def subject(house: House, institution: str, customer: str) -> dict[str, Any]:
    """Whom an act is about, for its record: by id where there is one, since only that stays when
    the customer is erased.
    """
    with house.reading() as conn:
        found = reading.account_id(conn, (institution, customer))
    named: dict[str, Any] = {"customer": customer} if found is None else {"user_id": found}
    return {"institution": institution, **named}


@click.group()
def user() -> None:
    """Customers of an institution: register, show, close, their passwords."""


for _command in user_password.COMMANDS:
    user.add_command(_command)
user.add_command(user_erase.erase)
user.add_command(user_erase.erase_again)


@user.command("register")
@click.argument("customer")
@INSTITUTION
@click.option("--name", default="", help="The customer's name.")
@click.option("--mobile", default="", help="The customer's mobile number.")
@click.option("--reference", default="", help="The bank's own reference.")
@json_option
@click.pass_obj
def register(
    config_path: Path | None,
    customer: str,
    institution: str,
    name: str,
    mobile: str,
    reference: str,
    as_json: bool,
) -> None:
    """Register a customer by its number; a closed one is opened again."""
    message = RegisterUserRequest(
        institution=institution,
        customer=_required(customer),
        reference=reference,
        name=SecretText(name),
        mobile=SecretText(mobile),
    )
    with open_house(config_path) as house:
        outcome = house.ask(Transaction.REGISTER_USER, message, institution)
        demand(outcome, ResponseCode.CHANGED)
    show_record(_changed(institution, customer, outcome), as_json=as_json)


@user.command("show")
@click.argument("customer")
@INSTITUTION
@REVEAL
@REASON
@json_option
@click.pass_obj
def show(
    config_path: Path | None,
    customer: str,
    institution: str,
    reveal: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Show a customer and the tokens bound to it."""
    check_reveal(reveal, reason)
    with open_house(config_path) as house:
        about = subject(house, institution, customer)
        details = {**about, "revealed": reveal, "reason": reason}
        house.act("user show", details, _leave(house, about, reason) if reveal else ())
        message = QueryUserRequest(institution=institution, customer=_required(customer))
        outcome = demand(
            house.ask(Transaction.QUERY_USER, message, institution), ResponseCode.ANSWERED
        )
        record = _record(house, institution, customer, outcome.body, reveal=reveal)
        show_record(record, as_json=as_json, unmasked=reveal)


def _leave(house: House, about: dict[str, Any], reason: str) -> list[AdminWrite]:
    """What the showing of personal data must write with its entry. Raises CommandError."""
    subject_of = str(about.get("user_id", 0))
    allowed = permission(house, "user reveal", subject_of, reason)
    return [*allowed.prelude, UseApproval(allowed.number, "user reveal", subject_of)]


def _record(
    house: House, institution: str, customer: str, body: QueryUserResponse, *, reveal: bool
) -> dict[str, Any]:
    numbers = range(1, SHOWN_TOKENS + 1)
    slots = [(getattr(body, f"token_{n}"), getattr(body, f"token_{n}_state")) for n in numbers]
    shown = {
        "institution": institution,
        "customer": customer,
        "state": UserState(body.user_state).name.lower(),
        "registered_at": when(body.registered_at, house.config.zone),
        "name": body.name.reveal() if reveal else masks.name(body.name.reveal()),
        "mobile": body.mobile.reveal() if reveal else masks.phone(body.mobile.reveal()),
        "token_count": body.token_count,
    }
    tokens = [f"{serial} ({TokenState(state).name.lower()})" for serial, state in slots if serial]
    return {**shown, "tokens": tokens}


@user.command("close")
@click.argument("customer")
@INSTITUTION
@REASON
@click.option("--reference", default="", help="The bank's own reference.")
@json_option
@click.pass_obj
def close(
    config_path: Path | None,
    customer: str,
    institution: str,
    reason: str,
    reference: str,
    as_json: bool,
) -> None:
    """Close a customer: none of its tokens approves anything any more."""
    message = CloseUserRequest(
        institution=institution, customer=_required(customer), reference=reference, reason=reason
    )
    with open_house(config_path) as house:
        outcome = demand(
            house.ask(Transaction.CLOSE_USER, message, institution), ResponseCode.CHANGED
        )
    show_record(_changed(institution, customer, outcome), as_json=as_json)


def _required(customer: str) -> str:
    if not customer:
        raise CommandError("name a customer")
    return customer


def _changed(institution: str, customer: str, outcome: Outcome) -> dict[str, Any]:
    state = UserState(outcome.body.user_state).name.lower()
    return {
        "institution": institution,
        "customer": customer,
        "state": state,
        "entry": entry_name(outcome),
    }
