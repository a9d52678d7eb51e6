"""user: set-password, reset-password, show-password, unlock-password, disable-password,
enable-password. Passwords come from a file or standard input, never from the command's words,
which anybody on the host can read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.password import (
    PasswordRequest,
    ResetPasswordRequest,
    SetPasswordRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import PasswordKind, PasswordState, Transaction
from tigertally_server.cli.house import House, demand, open_house
from tigertally_server.cli.output import CommandError, json_option, say, show_record, when
from tigertally_server.services.request import Outcome

F = TypeVar("F", bound=Callable[..., Any])

_KINDS: Final = {kind.name.lower(): kind for kind in PasswordKind}
_RULES: Final = {
    ResponseCode.PASSWORD_TOO_WEAK: "the password breaks the rule {!r}",
    ResponseCode.BAD_FIELD: "{} is not one that is configured",
}


def _subject(command: F) -> F:
    """Options that say which password of which customer."""
    for option in (
        click.option("--slot", default="", metavar="NAME", help="Which of several of this kind."),
        click.option(
            "--kind", type=click.Choice(list(_KINDS)), default="password", show_default=True
        ),
        click.option("--institution", required=True, metavar="CODE", help="The legal entity."),
        click.argument("customer"),
    ):
        command = option(command)
    return command


_PASSWORD_FILE: Final = click.option(
    "--password-file",
    type=click.File("r", encoding="utf-8"),
    metavar="FILE",
    help="Where the password stands, in its first line; - reads standard input.",
)
_REASON: Final = click.option("--reason", default="", metavar="TEXT", help="Why; recorded.")


@click.command("set-password")
@_subject
@_PASSWORD_FILE
@json_option
@click.pass_obj
def set_password(
    config_path: Path | None,
    customer: str,
    institution: str,
    kind: str,
    slot: str,
    password_file: Any,
    as_json: bool,
) -> None:
    """Set a customer's first password."""
    if password_file is None:
        raise CommandError("give the password with --password-file FILE; - reads standard input")
    message = SetPasswordRequest(
        institution=institution,
        customer=customer,
        kind=_KINDS[kind],
        slot=slot,
        password=_read(password_file),
    )
    _run(config_path, Transaction.SET_PASSWORD, message, as_json=as_json)


@click.command("reset-password")
@_subject
@_PASSWORD_FILE
@_REASON
@json_option
@click.pass_obj
def reset_password(
    config_path: Path | None,
    customer: str,
    institution: str,
    kind: str,
    slot: str,
    password_file: Any,
    reason: str,
    as_json: bool,
) -> None:
    """Give a customer another password: made here and shown once, unless a file has it. It is good
    for a time and must be changed first, where the policy says so.
    """
    message = ResetPasswordRequest(
        institution=institution,
        customer=customer,
        kind=_KINDS[kind],
        slot=slot,
        reason=reason,
        password=SecretText("") if password_file is None else _read(password_file),
    )
    _run(config_path, Transaction.RESET_PASSWORD, message, as_json=as_json)


def _about(name: str, transaction: Transaction, wanted: ResponseCode, text: str) -> click.Command:
    """A command that needs nothing but a name and a reason."""

    @click.command(name, help=text)
    @_subject
    @_REASON
    @json_option
    @click.pass_obj
    def command(
        config_path: Path | None,
        customer: str,
        institution: str,
        kind: str,
        slot: str,
        reason: str,
        as_json: bool,
    ) -> None:
        message = PasswordRequest(
            institution=institution,
            customer=customer,
            kind=_KINDS[kind],
            slot=slot,
            reason=reason,
        )
        _run(config_path, transaction, message, wanted, as_json=as_json)

    return command


_T, _C = Transaction, ResponseCode
COMMANDS: Final[tuple[click.Command, ...]] = (
    set_password,
    reset_password,
    _about("show-password", _T.QUERY_PASSWORD, _C.ANSWERED, "Show how a password stands."),
    _about(
        "unlock-password",
        _T.UNLOCK_PASSWORD,
        _C.CHANGED,
        "End a lock that wrong tries brought about.",
    ),
    _about(
        "disable-password",
        _T.DISABLE_PASSWORD,
        _C.CHANGED,
        "Stop a password from being used, until it is enabled.",
    ),
    _about(
        "enable-password", _T.ENABLE_PASSWORD, _C.CHANGED, "Let a disabled password be used again."
    ),
)


def _read(file: Any) -> SecretText:
    """Raises CommandError."""
    text = file.readline().rstrip("\r\n")
    if not text:
        raise CommandError("the password's file has nothing in its first line")
    return SecretText(text)


def _run(
    config_path: Path | None,
    transaction: Transaction,
    message: Any,
    wanted: ResponseCode = ResponseCode.CHANGED,
    *,
    as_json: bool,
) -> None:
    with open_house(config_path) as house:
        if wanted is ResponseCode.ANSWERED:
            house.act("user show-password", {"institution": message.institution})
        outcome = house.ask(transaction, message, message.institution)
        if outcome.code in _RULES and outcome.body is not None:
            raise CommandError(_RULES[outcome.code].format(outcome.body.detail))
        demand(outcome, wanted)
        shown = _record(house, message, outcome)
    if shown.get("new_password"):
        say("this is shown once; give it to the customer by a way that nobody else sees")
    show_record(shown, as_json=as_json)


def _record(house: House, message: Any, outcome: Outcome) -> dict[str, Any]:
    body, zone = outcome.body, house.config.zone
    shown = {
        "institution": message.institution,
        "customer": message.customer,
        "kind": PasswordKind(message.kind).name.lower(),
        "slot": message.slot,
        "state": PasswordState(body.password_state).name.lower(),
        "remaining_tries": body.remaining_tries,
        "locked_until": when(body.locked_until, zone),
        "changed_at": when(body.changed_at, zone),
        "expires_at": when(body.expires_at, zone),
    }
    if getattr(body, "new_password", ""):
        shown["new_password"] = body.new_password.reveal()
    if outcome.seq >= 0:
        shown["entry"] = f"{outcome.shard}:{outcome.seq}"
    return shown
