"""token set-pin: by a member of staff, who is named in the entry. The PIN comes from a file or
standard input, never from the command's words, which anybody on the host can read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.proof import SetTokenPinRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import TokenState, Transaction
from tigertally_server.cli.house import demand, open_house
from tigertally_server.cli.output import CommandError, json_option, show_record
from tigertally_server.cli.user import INSTITUTION, REASON, entry_name


@click.command("set-pin")
@click.argument("serial")
@click.option("--customer", required=True, metavar="NUMBER", help="The customer's number.")
@INSTITUTION
@click.option(
    "--pin-file",
    type=click.File("r", encoding="ascii", errors="replace"),
    required=True,
    metavar="FILE",
    help="Where the PIN stands, 4 to 12 digits in its first line; - reads standard input.",
)
@REASON
@json_option
@click.pass_obj
def set_pin(
    config_path: Path | None,
    serial: str,
    customer: str,
    institution: str,
    pin_file: Any,
    reason: str,
    as_json: bool,
) -> None:
    """Set the PIN of a token anew, whatever it was."""
    pin = pin_file.readline().strip()
    if not pin.isascii() or not pin.isdigit():
        raise CommandError("the PIN's file has no digits in its first line")
    message = SetTokenPinRequest(
        institution=institution,
        customer=customer,
        token=serial,
        reason=reason,
        new_pin=SecretText(pin),
    )
    with open_house(config_path) as house:
        outcome = demand(
            house.ask(Transaction.SET_TOKEN_PIN, message, institution), ResponseCode.CHANGED
        )
        record = {
            "institution": institution,
            "customer": customer,
            "serial": outcome.body.token,
            "state": TokenState(outcome.body.token_state).name.lower(),
            "entry": entry_name(outcome),
        }
    show_record(record, as_json=as_json)
