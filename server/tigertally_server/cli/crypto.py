"""crypto: new, import, export, retire (working keys of the crypto engine); policy, self-test.

Keys are listed, compromised and destroyed by `key`, and entered by components by `key ceremony`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TextIO, TypeVar

import click

from tigertally_drivers.errors import DriverError
from tigertally_drivers.gm.opening import open_sm2
from tigertally_engines.crypto.ciphers import KEY_ALGORITHMS
from tigertally_engines.crypto.key_blocks import (
    FRESH_BYTES,
    PURPOSES,
    BlockDoesNotOpen,
    CarriedKey,
    disclose,
    enclose,
)
from tigertally_engines.crypto.known import wrong_answers
from tigertally_engines.crypto.policy import WEAK
from tigertally_protocol.codes import CODES
from tigertally_server.cli.house import House, load_config, open_house
from tigertally_server.cli.key_house import find_key, key_work, summary
from tigertally_server.cli.output import CommandError, json_option, show_record, show_table
from tigertally_server.domain.administration import PutKey
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.crypto.finding import (
    OpenedKey,
    Refused,
    owner_of_channel,
    owner_of_institution,
)
from tigertally_server.services.crypto.making import (
    TRANSPORT,
    NewKey,
    check_kind,
    check_strength,
    new_generation,
    new_key_bytes,
)
from tigertally_server.services.key_checks import BadKeyBytes, check_value_of
from tigertally_server.services.keyring import KeyMissing
from tigertally_server.store.installation import Connection
from tigertally_server.store.keys import next_ids

T = TypeVar("T")
_OWNER: Final = click.option(
    "--owner", required=True, help="A channel's name, channel/NUMBER or institution/CODE."
)
_NAME: Final = click.option("--name", required=True, help="What requests call it.")


@click.group()
def crypto() -> None:
    """The crypto engine for channels: its working keys, what is too weak for it, its self-test."""


@crypto.command("new")
@click.argument("purpose", type=click.Choice(PURPOSES))
@_OWNER
@_NAME
@click.option("--algorithm", required=True, type=click.Choice(list(KEY_ALGORITHMS)))
@click.option("--exportable", is_flag=True, help="May leave under a transport key.")
@json_option
@click.pass_obj
def new(
    config_path: Path | None,
    purpose: str,
    owner: str,
    name: str,
    algorithm: str,
    exportable: bool,
    as_json: bool,
) -> None:
    """Make a key, or the next generation of one; the one in force becomes old."""
    with open_house(config_path) as house, key_work(house) as conn:
        what = NewKey(_owner_of(house, owner), name, purpose, algorithm, exportable)
        allowed(lambda: check_kind(house.environment.context.crypto, purpose, algorithm))
        raw = new_key_bytes(algorithm, house.environment.keyring)
        record = _put(house, conn, "crypto new", what, raw)
        shown = summary(record, house)
    show_record(shown, as_json=as_json)


@crypto.command("import")
@click.argument("block", type=click.File("r"))
@_OWNER
@_NAME
@click.option("--transport-key", "transport", required=True, help="Name of the owner's.")
@click.option("--check-value", default="", help="What the key must have, six digits.")
@json_option
@click.pass_obj
def bring(
    config_path: Path | None,
    block: TextIO,
    owner: str,
    name: str,
    transport: str,
    check_value: str,
    as_json: bool,
) -> None:
    """Take a key from a key block (ANSI X9.143) in BLOCK, a file or - for standard input.

    The block says what the key is for. It is taken over as the next generation.
    """
    text = block.read().strip()
    with open_house(config_path) as house, key_work(house) as conn:
        whose = _owner_of(house, owner)
        opened = _transport_key(house, whose, transport)
        try:
            carried = opened.made_with(lambda algorithm, key: disclose(algorithm, key, text))
            check = check_value_of(carried.algorithm, carried.key).hex()
        except (BlockDoesNotOpen, BadKeyBytes):
            raise CommandError("no key in this block under this transport key") from None
        if check_value and not hmac.compare_digest(check_value.lower(), check):
            raise CommandError("the key has another check value: nothing was stored")
        policy = house.environment.context.crypto
        allowed(lambda: check_kind(policy, carried.purpose, carried.algorithm))
        allowed(lambda: check_strength(opened.record.algorithm, carried.algorithm))
        what = NewKey(whose, name, carried.purpose, carried.algorithm, carried.exportable)
        record = _put(house, conn, "crypto import", what, carried.key)
        shown = summary(record, house)
    show_record(shown, as_json=as_json)


@crypto.command("export")
@click.argument("number")
@click.option("--transport-key", "transport", required=True, help="Name of the owner's.")
@json_option
@click.pass_obj
def export(config_path: Path | None, number: str, transport: str, as_json: bool) -> None:
    """Show an exportable working key as a key block under a transport key."""
    with open_house(config_path) as house, key_work(house):
        keyring = house.environment.keyring
        record = find_key(keyring, number)
        if record.level is not KeyLevel.WORKING or not record.exportable or not record.readable:
            raise CommandError("this key may not leave: it is not a working key made exportable")
        opened = _transport_key(house, record.owner, transport)
        allowed(lambda: check_strength(opened.record.algorithm, record.algorithm))
        carried = CarriedKey(
            record.purpose, record.algorithm, keyring.reveal(record), exportable=False
        )
        fresh = keyring.random_bytes(FRESH_BYTES)
        text = opened.made_with(lambda algorithm, key: enclose(algorithm, key, carried, fresh))
        house.act("crypto export", {"key": record.id, "under": opened.record.id})
    check = record.check_value.hex().upper()
    show_record({"key_block": text, "check_value": check}, as_json=as_json)


@crypto.command("retire")
@click.argument("number")
@json_option
@click.pass_obj
def retire(config_path: Path | None, number: str, as_json: bool) -> None:
    """Let a working key make nothing more; what it made is still verified and deciphered."""
    with open_house(config_path) as house, key_work(house):
        record = find_key(house.environment.keyring, number)
        if record.level is not KeyLevel.WORKING or record.state is not KeyState.CURRENT:
            raise CommandError("this is no working key in force")
        now_ms = house.environment.clock.now_ms()
        old = replace(record, state=KeyState.OLD, changed_at_ms=now_ms)
        house.act("crypto retire", {"key": record.id}, [PutKey(old, record)])
        shown = summary(old, house)
    show_record(shown, as_json=as_json)


@crypto.command("policy")
@json_option
@click.pass_obj
def show_policy(config_path: Path | None, as_json: bool) -> None:
    """Show what is too weak, why, and what of it is allowed here."""
    policy = load_config(config_path).crypto.policy()
    rows = [
        {"name": name, "why": why, "allowed": name in policy.allow} for name, why in WEAK.items()
    ]
    show_table(rows, as_json=as_json)


@crypto.command("self-test")
@json_option
def self_test(as_json: bool) -> None:
    """Ask the engine and SM2 for published answers; fails where one is wrong."""
    try:
        opened = open_sm2()
    except DriverError as problem:
        raise CommandError(str(problem)) from None
    if wrong := wrong_answers():
        raise CommandError(f"wrong answers: {', '.join(wrong)}")
    shown = {
        "engine": "all published answers",
        "sm2": opened.sm2.name,
        "sm2_signs": opened.sm2.complete,
        "sm2_fell_back": opened.fell_back,
    }
    show_record(shown, as_json=as_json)


def allowed(check: Callable[[], T]) -> T:
    """What the engine would refuse a channel, told to an operator. Raises CommandError."""
    try:
        return check()
    except Refused as refused:
        text = CODES[refused.code].text
        raise CommandError(f"{text} ({refused.detail})" if refused.detail else text) from None


def _owner_of(house: House, text: str) -> str:
    """A channel by its name or number, an institution by its code."""
    channels = house.environment.directory.snapshot.channels.values()
    kind, slash, rest = text.partition("/")
    if kind == "institution" and rest:
        return owner_of_institution(rest)
    for channel in channels:
        if text == channel.name or (slash and kind == "channel" and rest == str(channel.id)):
            return owner_of_channel(channel.id)
    raise CommandError(f"there is no owner {text!r}: a channel's name, or institution/CODE")


def _transport_key(house: House, owner: str, name: str) -> OpenedKey:
    keyring = house.environment.keyring
    try:
        record = keyring.working(owner, TRANSPORT, name)
        opened = OpenedKey(record, keyring.reveal(record))
    except KeyMissing as problem:
        raise CommandError(str(problem)) from None
    allowed(lambda: check_kind(house.environment.context.crypto, TRANSPORT, record.algorithm))
    return opened


def _put(house: House, conn: Connection, act: str, what: NewKey, raw: bytes) -> KeyRecord:
    keyring = house.environment.keyring
    named = [r for r in keyring.records() if (r.owner, r.name) == (what.owner, what.name)]
    now_ms = house.environment.clock.now_ms()
    writes, record = new_generation(keyring, named, what, next_ids(conn, 1)[0], raw, now_ms)
    told = {
        "key": record.id,
        "owner": what.owner,
        "purpose": what.purpose,
        "name": what.name,
        "algorithm": what.algorithm,
        "generation": record.generation,
        "check_value": record.check_value.hex().upper(),
    }
    house.act(act, told, writes)
    return record
