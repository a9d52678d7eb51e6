"""token: bind, assign, activate, unbind, enable, disable, unlock, report-loss, withdraw-loss,
replace, void, restore; start-activation and activation-code for telephones; emergency-code.

Each asks the server's own services, as a channel would; what is legal they decide.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.activation import (
    IssueActivationCodeRequest,
    IssueEmergencyCodeRequest,
    StartActivationRequest,
)
from tigertally_protocol.messages.token import (
    ActivateTokenRequest,
    BindTokenRequest,
    ReplaceTokenRequest,
    TokenRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.cli.house import demand, open_house
from tigertally_server.cli.keyfile import write_secret
from tigertally_server.cli.output import json_option, say, show_record, when
from tigertally_server.cli.user import INSTITUTION, REASON, entry_name
from tigertally_server.domain.token import TokenState
from tigertally_server.services.request import Outcome

CUSTOMER: Final = click.option(
    "--customer", required=True, metavar="NUMBER", help="The customer's number."
)
REFERENCE: Final = click.option("--reference", default="", help="The bank's own reference.")
_OTP: Final = "A code that the token shows now: proves that it is in hand."


def _ask(
    config_path: Path | None, transaction: Transaction, message: Any, institution: str
) -> tuple[Outcome, dict[str, Any]]:
    """The outcome, and what every answer about a token shows. Raises CommandError."""
    with open_house(config_path) as house:
        outcome = demand(house.ask(transaction, message, institution), ResponseCode.CHANGED)
        body, zone = outcome.body, house.config.zone
        record = {
            "institution": institution,
            "customer": message.customer,
            "serial": body.token,
            "state": TokenState(body.token_state).name.lower(),
        }
        if hasattr(body, "expires_at"):
            record["until"] = when(body.expires_at, zone)
        return outcome, record


def _change(
    config_path: Path | None,
    transaction: Transaction,
    message: Any,
    institution: str,
    as_json: bool,
) -> None:
    outcome, record = _ask(config_path, transaction, message, institution)
    record["remaining_tries"] = outcome.body.remaining_tries
    record["entry"] = entry_name(outcome)
    show_record(record, as_json=as_json)


@click.command("bind")
@click.argument("serial")
@CUSTOMER
@INSTITUTION
@click.option("--otp", default="", help=_OTP)
@REFERENCE
@json_option
@click.pass_obj
def bind(
    config_path: Path | None,
    serial: str,
    customer: str,
    institution: str,
    otp: str,
    reference: str,
    as_json: bool,
) -> None:
    """Bind a token of the stock to a customer; it can be used at once."""
    message = BindTokenRequest(
        institution=institution,
        customer=customer,
        token=serial,
        reference=reference,
        otp=SecretText(otp),
    )
    _change(config_path, Transaction.BIND_TOKEN, message, institution, as_json)


def _simple(name: str, transaction: Transaction, text: str, *, stock: bool = False) -> Any:
    """One command of those that ask the same and do different things. `stock`: also for tokens that
    nobody holds, which are named without a customer.
    """
    customer_option = click.option(
        "--customer",
        required=not stock,
        default="" if stock else None,
        metavar="NUMBER",
        help="The customer's number." + (" None: a token that nobody holds." if stock else ""),
    )

    @click.command(name, help=text)
    @click.argument("serial")
    @customer_option
    @INSTITUTION
    @REASON
    @REFERENCE
    @json_option
    @click.pass_obj
    def command(
        config_path: Path | None,
        serial: str,
        customer: str,
        institution: str,
        reason: str,
        reference: str,
        as_json: bool,
    ) -> None:
        message = TokenRequest(
            institution=institution,
            customer=customer,
            token=serial,
            reference=reference,
            reason=reason,
        )
        _change(config_path, transaction, message, institution, as_json)

    return command


_SIMPLE: Final = (
    _simple(
        "assign",
        Transaction.ASSIGN_TOKEN,
        "Give a token of the stock to a customer, who begins to use it by its activation.",
    ),
    _simple(
        "unbind",
        Transaction.UNBIND_TOKEN,
        "Take a token from its customer, back into the stock. "
        "Its counter stays, so no old code counts again.",
    ),
    _simple("enable", Transaction.ENABLE_TOKEN, "Let a disabled token be used again."),
    _simple(
        "disable", Transaction.DISABLE_TOKEN, "Stop a token from being used, until `token enable`."
    ),
    _simple(
        "unlock",
        Transaction.UNLOCK_TOKEN,
        "End a lock that wrong codes brought about, and forget the failures.",
    ),
    _simple(
        "report-loss",
        Transaction.REPORT_LOSS,
        "A customer's token is lost: it approves nothing, until `token withdraw-loss`.",
    ),
    _simple(
        "withdraw-loss",
        Transaction.WITHDRAW_LOSS,
        "A lost token was found: it is again what it was before the report.",
    ),
    _simple("void", Transaction.VOID_TOKEN, "A token is at its end.", stock=True),
    _simple(
        "restore",
        Transaction.RESTORE_TOKEN,
        "Take back `token void`: the token is in the stock again.",
        stock=True,
    ),
)


@click.command("activate")
@click.argument("serial")
@CUSTOMER
@INSTITUTION
@click.option("--otp", required=True, help="The first code that the token shows.")
@click.option("--activation-code", default="", help="Of a token on a telephone.")
@REFERENCE
@json_option
@click.pass_obj
def activate(
    config_path: Path | None,
    serial: str,
    customer: str,
    institution: str,
    otp: str,
    activation_code: str,
    reference: str,
    as_json: bool,
) -> None:
    """Begin to use an assigned token, with its first code."""
    message = ActivateTokenRequest(
        institution=institution,
        customer=customer,
        token=serial,
        reference=reference,
        otp=SecretText(otp),
        activation_code=SecretText(activation_code),
    )
    _change(config_path, Transaction.ACTIVATE_TOKEN, message, institution, as_json)


@click.command("replace")
@click.argument("serial")
@click.argument("new_serial")
@CUSTOMER
@INSTITUTION
@click.option("--otp", default="", help=_OTP)
@click.option("--assign", is_flag=True, help="The new one waits for its activation.")
@click.option("--carry-pin", is_flag=True, help="The old one's PIN becomes the new one's.")
@REASON
@REFERENCE
@json_option
@click.pass_obj
def replace(
    config_path: Path | None,
    serial: str,
    new_serial: str,
    customer: str,
    institution: str,
    otp: str,
    assign: bool,
    carry_pin: bool,
    reason: str,
    reference: str,
    as_json: bool,
) -> None:
    """Put a token of the stock in the place of a customer's; the old one approves nothing more."""
    message = ReplaceTokenRequest(
        institution=institution,
        customer=customer,
        token=serial,
        reference=reference,
        new_token=new_serial,
        reason=reason,
        assign=int(assign),
        carry_pin=int(carry_pin),
        otp=SecretText(otp),
    )
    outcome, record = _ask(config_path, Transaction.REPLACE_TOKEN, message, institution)
    record["new_serial"] = outcome.body.new_token
    record["new_state"] = TokenState(outcome.body.new_token_state).name.lower()
    record["pin_carried"] = bool(outcome.body.pin_carried)
    record["entry"] = entry_name(outcome)
    show_record(record, as_json=as_json)


@click.command("start-activation")
@click.argument("serial")
@CUSTOMER
@INSTITUTION
@click.option("--valid-s", type=click.IntRange(0), default=0, help="Seconds; 0 = a day.")
@click.option(
    "--qr",
    "picture",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the QR code as SVG (mode 0600) in place of showing it here.",
)
@REFERENCE
@json_option
@click.pass_obj
def start_activation(
    config_path: Path | None,
    serial: str,
    customer: str,
    institution: str,
    valid_s: int,
    picture: Path | None,
    reference: str,
    as_json: bool,
) -> None:
    """Make the server's half of a telephone's seed, as QR code.

    The other half is made by `token activation-code`; send it by another way.
    """
    message = StartActivationRequest(
        institution=institution,
        customer=customer,
        token=serial,
        reference=reference,
        valid_s=valid_s,
    )
    outcome, record = _ask(config_path, Transaction.START_ACTIVATION, message, institution)
    uri = outcome.body.uri.reveal()
    if picture is not None:
        write_secret(picture, qr_svg(uri))
        record["qr"] = str(picture)
    elif as_json:
        record["uri"] = uri
    record["entry"] = entry_name(outcome)
    show_record(record, as_json=as_json)
    if picture is None and not as_json:
        say(qr_text(uri))


def qr_svg(uri: str) -> bytes:
    """The QR code as an SVG picture."""
    import io

    import segno

    out = io.BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=5)
    return out.getvalue()


def qr_text(uri: str) -> str:
    """The QR code for a terminal."""
    import io

    import segno

    out = io.StringIO()
    segno.make(uri, error="l").terminal(out, compact=True)
    return out.getvalue()


@click.command("activation-code")
@click.argument("serial")
@CUSTOMER
@INSTITUTION
@REFERENCE
@json_option
@click.pass_obj
def activation_code(
    config_path: Path | None,
    serial: str,
    customer: str,
    institution: str,
    reference: str,
    as_json: bool,
) -> None:
    """Make the customer's half of a telephone's seed. Shown once."""
    message = IssueActivationCodeRequest(
        institution=institution, customer=customer, token=serial, reference=reference
    )
    outcome, record = _ask(config_path, Transaction.ISSUE_ACTIVATION_CODE, message, institution)
    code = outcome.body.activation_code.reveal()
    record["activation_code"] = "-".join(code[i : i + 4] for i in range(0, len(code), 4))
    record["entry"] = entry_name(outcome)
    show_record(record, as_json=as_json)


@click.command("emergency-code")
@click.argument("serial")
@CUSTOMER
@INSTITUTION
@click.option("--uses", type=click.IntRange(0, 255), default=0, help="0 = three; at most ten.")
@click.option(
    "--valid-s", type=click.IntRange(0), default=0, help="Seconds; 0 = a day; at most three."
)
@REASON
@REFERENCE
@json_option
@click.pass_obj
def emergency_code(
    config_path: Path | None,
    serial: str,
    customer: str,
    institution: str,
    uses: int,
    valid_s: int,
    reason: str,
    reference: str,
    as_json: bool,
) -> None:
    """Make a code that stands in for a lost token. Shown once."""
    message = IssueEmergencyCodeRequest(
        institution=institution,
        customer=customer,
        token=serial,
        reference=reference,
        reason=reason,
        uses=uses,
        valid_s=valid_s,
    )
    outcome, record = _ask(config_path, Transaction.ISSUE_EMERGENCY_CODE, message, institution)
    record["emergency_code"] = outcome.body.emergency_code.reveal()
    record["uses_left"] = outcome.body.uses_left
    record["entry"] = entry_name(outcome)
    show_record(record, as_json=as_json)


COMMANDS: Final = (
    bind,
    *_SIMPLE,
    activate,
    replace,
    start_activation,
    activation_code,
    emergency_code,
)
