"""audit reveal: what is sealed in one entry, for an auditor with a reason and, where operators are
separated, with a security operator's approval.

The viewing is an entry of its own before anything is shown. The customer's key comes from a
function of the database that gives it to nobody without a used approval for this very entry.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import msgspec

from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import TokenState, UserState
from tigertally_server.cli.approvals import permission
from tigertally_server.cli.audit_log import Place, parse_place, public_line
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, json_option, show_record
from tigertally_server.domain.administration import UseApproval
from tigertally_server.domain.entry import Entry
from tigertally_server.services.keyring import KeyMissing
from tigertally_server.services.recording import open_outcome, open_personal_part
from tigertally_server.services.table import OPERATOR_ACT
from tigertally_server.store import operators, reading

VERB = "audit reveal"
ERASED = "(erased: the customer's key was destroyed)"
DOES_NOT_OPEN = "(does not open: run `tigertally audit verify`)"


@click.command("reveal")
@click.option(
    "--entry", "place_text", required=True, metavar="SHARD:SEQ", help="The entry, by its place."
)
@click.option("--reason", required=True, metavar="TEXT", help="Why; recorded.")
@json_option
@click.pass_obj
def reveal_entry(config_path: Path | None, place_text: str, reason: str, as_json: bool) -> None:
    """Show what is sealed in an entry: what was answered, and who was meant.

    Under dual control the first call asks, a security operator approves it with `tigertally
    approval approve`, and the same call again shows it, once.
    """
    place = parse_place(place_text)
    with open_house(config_path) as house:
        entry = _entry_at(house, place)
        allowed = permission(house, VERB, str(place), reason)
        details = {"entry": place, "approval": allowed.number, "reason": reason}
        used = UseApproval(allowed.number, VERB, str(place))
        house.act(VERB, details, [*allowed.prelude, used])
        record = {
            **public_line(house, entry),
            **revealed(house, entry, allowed.number),
            "approval": allowed.number,
        }
    show_record(record, as_json=as_json, unmasked=True)


def _entry_at(house: House, place: Place) -> Entry:
    with house.reading() as conn:
        stored = reading.entry_at(conn, place.shard, place.seq, reading.business_days(conn))
    if stored is None:
        raise CommandError(f"there is no entry {place} in the log")
    return stored.entry


def revealed(house: House, entry: Entry, approval: int) -> dict[str, Any]:
    """What was answered, who was meant, and who was logged in, as far as the keys still exist."""
    shown: dict[str, Any] = {}
    try:
        opened = open_outcome(house.environment.context, entry)
        if opened.note:
            shown["note"] = opened.note.decode()
        elif opened.body is not None:
            shown["answer"] = _answer(opened.body)
    except KeyMissing:
        shown["answer"] = DOES_NOT_OPEN
    shown["personal"] = _personal(house, entry, approval)
    with house.reading() as conn:
        if login := operators.login_of_entry(conn, entry.shard, entry.seq):
            shown["logged_in"] = login
    return shown


def act_name(house: House, entry: Entry) -> dict[str, Any]:
    """Which command an operator ran is no secret; about whom is."""
    if entry.transaction != OPERATOR_ACT:
        return {}
    try:
        return {"act": json.loads(open_outcome(house.environment.context, entry).note)["act"]}
    except (KeyMissing, ValueError, KeyError):
        return {"act": DOES_NOT_OPEN}


def _answer(body: Any) -> dict[str, Any]:
    """The fields that said something; the entry's own place is known already."""
    shown: dict[str, Any] = {}
    for name, value in msgspec.structs.asdict(body).items():
        if value in ("", 0) or name in ("detail", "entry_shard", "entry_seq"):
            continue
        if isinstance(value, SecretText):
            shown[name] = value.reveal()
        elif name.endswith("token_state"):
            shown[name] = TokenState(value).name.lower()
        elif name == "user_state":
            shown[name] = UserState(value).name.lower()
        else:
            shown[name] = value
    return shown


def _personal(house: House, entry: Entry, approval: int) -> dict[str, Any] | str:
    """The members that say something, or why there are none."""
    keyring = house.environment.context.keyring
    if entry.personal_key_id:
        aead = keyring.outcome_aead(entry.personal_key_id, entry.business_day)
    else:
        with house.reading() as conn:
            owner = operators.key_for_reveal(
                conn, approval, entry.shard, entry.seq, entry.business_day
            )
        if owner is None or not owner.data_key:
            return ERASED
        try:
            aead = keyring.customer_key(
                owner.key_id, owner.data_key, owner.institution, owner.customer
            )
        except KeyMissing:
            return ERASED
    try:
        personal = msgspec.structs.asdict(open_personal_part(aead, entry))
    except KeyMissing:
        return DOES_NOT_OPEN
    return {name: value for name, value in personal.items() if value}
