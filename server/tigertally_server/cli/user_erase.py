"""user erase: a customer's data are gone for good, and the log stays whole.

What the log holds of a customer is sealed under the customer's own key, so destroying that key
erases it everywhere, in archives and copies of the log too; the leaves commit to ciphertext and
stay valid. What stands beside the log (phones, passwords, messages, challenges) is deleted.

A backup holds the wrapped key still. So each erasure also goes into a list outside the database,
and after a restore `user erase-again` repeats those that the backup didn't know.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from tigertally_protocol.transactions import UserState
from tigertally_server.cli.approvals import permission
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, json_option, say, show_record
from tigertally_server.domain.account import Account
from tigertally_server.domain.administration import EraseCustomer
from tigertally_server.store import reading

VERB = "user erase"
_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why; recorded.")


@click.command("erase")
@click.argument("customer")
@click.option("--institution", required=True, metavar="CODE", help="The customer's legal entity.")
@_REASON
@json_option
@click.pass_obj
def erase(
    config_path: Path | None, customer: str, institution: str, reason: str, as_json: bool
) -> None:
    """Erase a closed customer for good, by destroying the customer's data key.

    Nothing brings it back. Under dual control the first call asks, another security operator
    approves it, and the same call again erases.
    """
    with open_house(config_path) as house:
        with house.reading() as conn:
            found = reading.account(conn, (institution, customer))
        if found is None:
            raise CommandError(f"there is no customer {customer} of {institution}")
        if found.state != UserState.CLOSED:
            raise CommandError(f"{customer} is not closed: run `tigertally user close` first")
        entry = _erase(house, found, reason)
    record = {"institution": institution, "user_id": found.id, "erased": True, "entry": entry}
    show_record(record, as_json=as_json)


@click.command("erase-again")
@_REASON
@json_option
@click.pass_obj
def erase_again(config_path: Path | None, reason: str, as_json: bool) -> None:
    """After a restore from a backup: erase those again whom the list of erasures names and the
    backup still knows.
    """
    again: list[int] = []
    with open_house(config_path) as house:
        for line in _listed(house):
            with house.reading() as conn:
                found = reading.account_by_id(conn, line["user_id"])
            if found is None or not found.data_key:
                continue
            if found.registered_at_ms != line["registered_at"]:
                say(f"warning: user {found.id} is somebody else than the one who was erased")
                continue
            if found.state != UserState.CLOSED:
                say(f"warning: user {found.id} is not closed in this backup; close and run again")
                continue
            _erase(house, found, reason)
            again.append(found.id)
    show_record({"erased_again": again}, as_json=as_json)


def _erase(house: House, found: Account, reason: str) -> str:
    """Where the entry stands."""
    allowed = permission(house, VERB, str(found.id), reason)
    # The list first: what stands there and was not done is done by `erase-again`, never the
    # other way round.
    _list(house, found)
    details = {"user_id": found.id, "approval": allowed.number, "reason": reason}
    writes = [*allowed.prelude, EraseCustomer(allowed.number, found.id)]
    outcome = house.act(VERB, details, writes)
    return f"{outcome.shard}:{outcome.seq}"


def _list(house: House, found: Account) -> None:
    """By id alone: the list must not keep what was erased."""
    line = {
        "user_id": found.id,
        "registered_at": found.registered_at_ms,
        "at": house.environment.clock.now_ms(),
    }
    path = house.config.erasure_file
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(fd, "ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(fd)
    except OSError as problem:
        raise CommandError(f"cannot write {path}: {problem.strerror}") from None


def _listed(house: House) -> list[dict[str, Any]]:
    path = house.config.erasure_file
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        return [json.loads(line) for line in lines]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as problem:
        raise CommandError(f"cannot read {path}: {problem}") from None
