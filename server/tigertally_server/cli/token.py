"""token: add, import, show, list, what `token_life`, `token_pin` and `token_protect` add; token
type: list, show, set.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters
from tigertally_server.cli import token_life
from tigertally_server.cli import token_making as making
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.keyfile import write_secret
from tigertally_server.cli.output import (
    CommandError,
    json_option,
    parse_when,
    say,
    show_record,
    show_table,
    when,
)
from tigertally_server.cli.token_import import import_tokens
from tigertally_server.cli.token_life import CUSTOMER
from tigertally_server.cli.token_making import NewToken
from tigertally_server.cli.token_pin import set_pin
from tigertally_server.cli.token_protect import protect
from tigertally_server.cli.token_types import token_type
from tigertally_server.cli.user import INSTITUTION, entry_name, subject
from tigertally_server.domain.administration import InsertTokens
from tigertally_server.domain.channel import FOR_EVER_MS
from tigertally_server.domain.token import Token, UserState, shown_state
from tigertally_server.domain.token_extra import extra_of
from tigertally_server.store import reading


@click.group()
def token() -> None:
    """Tokens: into the stock, to a customer, out of use; and the types that say how they count."""


token.add_command(import_tokens)
token.add_command(token_type)
token.add_command(set_pin)
token.add_command(protect)
for _command in token_life.COMMANDS:
    token.add_command(_command)


@token.command("add")
@click.argument("serial")
@click.option(
    "--institution", required=True, metavar="CODE", help="Legal entity that the token belongs to."
)
@click.option(
    "--type",
    "type_name",
    required=True,
    metavar="NAME",
    help="Token type; see `tigertally token type list`.",
)
@click.option(
    "--seed-file",
    type=click.File("r", encoding="ascii"),
    help="Seed as hex or base32; - for standard input. Without one, a seed is drawn.",
)
@click.option(
    "--encoding",
    type=click.Choice(["auto", "hex", "base32"]),
    default="auto",
    show_default=True,
    help="Of the seed file.",
)
@click.option(
    "--mobile", is_flag=True, help="For a telephone: its seed is made by `token start-activation`."
)
@click.option(
    "--show-uri", is_flag=True, help="Show the seed once, as otpauth:// URI for a telephone's app."
)
@click.option(
    "--seed-out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the drawn seed as hex (mode 0600).",
)
@click.option(
    "--counter", type=click.IntRange(0), default=0, help="Next counter of a counter-based token."
)
@click.option("--valid-from", metavar="DATE", help="First day or instant, in the bank's time zone.")
@click.option("--valid-to", metavar="DATE", help="Last day, or the instant of its end.")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="Differs from its type, e.g. digits=8.",
)
@json_option
@click.pass_obj
def add(
    config_path: Path | None,
    serial: str,
    institution: str,
    type_name: str,
    seed_file: Any,
    encoding: str,
    mobile: bool,
    show_uri: bool,
    seed_out: Path | None,
    counter: int,
    valid_from: str | None,
    valid_to: str | None,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Add one token to the stock.

    Its seed comes from a file, or is drawn here: then say where it goes, because it is not shown
    again (--show-uri, --seed-out).
    """
    making.check_serial(serial)
    making.check_institution(institution)
    shown = show_uri or seed_out is not None
    if mobile and (shown or seed_file is not None):
        raise CommandError("a seed that comes by activation can be neither given nor shown")
    if seed_file is None and not shown and not mobile:
        raise CommandError(
            "say where the seed comes from (--seed-file, --mobile) or where it goes "
            "(--show-uri, --seed-out)"
        )
    seed = b"" if mobile else None
    if seed_file is not None:
        seed = making.parse_seed(seed_file.read(4096), encoding)
    overrides = making.parse_assignments(assignments)
    with open_house(config_path) as house:
        parameters = making.merged(making.type_named(house, type_name), overrides)
        if show_uri:
            check_uri(parameters)
        zone = house.config.zone
        new = NewToken(
            serial=serial,
            type_name=type_name,
            overrides=making.encode_overrides(overrides),
            parameters=parameters,
            seed=making.drawn_seed(house, parameters) if seed is None else seed,
            counter=counter,
            valid_from_ms=0 if valid_from is None else parse_when(valid_from, zone),
            valid_to_ms=FOR_EVER_MS if valid_to is None else parse_when(valid_to, zone, end=True),
        )
        if new.valid_from_ms >= new.valid_to_ms:
            raise CommandError("the validity ends before it begins")
        if seed_out is not None:
            write_secret(seed_out, new.seed.hex().encode() + b"\n")
        entry = _insert(house, institution, new)
        record = {
            "institution": institution,
            "serial": serial,
            "type": type_name,
            "state": "in_stock",
            "entry": entry,
        }
        if show_uri:
            record["uri"] = provisioning_uri(serial, institution, parameters, new.seed, counter)
        show_record(record, as_json=as_json)
    if show_uri:
        say("\nThe URI holds the seed and is not shown again.")


def _insert(house: House, institution: str, new: NewToken) -> str:
    with house.reading() as conn:
        if reading.known_serials(conn, institution, [new.serial]):
            raise CommandError(f"token {new.serial} of {institution} is there already")
    rows = making.sealed_tokens(house, institution, [new])
    details = {
        "institution": institution,
        "serial": new.serial,
        "type": new.type_name,
        "overrides": new.overrides,
    }
    now_ms = house.environment.clock.now_ms()
    return entry_name(house.act("token add", details, [InsertTokens(rows, "", now_ms)]))


def check_uri(parameters: OtpParameters) -> None:
    """Raises CommandError where no app understands the form."""
    if parameters.algorithm is OtpAlgorithm.GM_SM3 or parameters.hash == "sm3":
        raise CommandError("otpauth:// has no form for SM3; use --seed-out")


def provisioning_uri(
    serial: str, institution: str, parameters: OtpParameters, seed: bytes, counter: int
) -> str:
    """The otpauth:// URI of a token: as secret as its seed."""
    import base64
    import hashlib

    import pyotp

    secret = base64.b32encode(seed).decode().rstrip("=")
    digest = getattr(hashlib, parameters.hash)
    if parameters.algorithm is OtpAlgorithm.HOTP:
        counted = pyotp.HOTP(
            secret, digits=parameters.digits, digest=digest, name=serial, issuer=institution
        )
        return counted.provisioning_uri(initial_count=counter)
    timed = pyotp.TOTP(
        secret,
        digits=parameters.digits,
        digest=digest,
        name=serial,
        issuer=institution,
        interval=parameters.step_s,
    )
    return timed.provisioning_uri()


# ---------------------------------------------------------------- show


@token.command("show")
@click.argument("serial")
@click.option(
    "--institution", required=True, metavar="CODE", help="Legal entity that the token belongs to."
)
@json_option
@click.pass_obj
def show(config_path: Path | None, serial: str, institution: str, as_json: bool) -> None:
    """Show a token: its state, its owner, its counters, how it counts. Never its seed."""
    with open_house(config_path) as house:
        house.act("token show", {"institution": institution, "serial": serial})
        with house.reading() as conn:
            found = reading.token(conn, (institution, serial))
        if found is None:
            raise CommandError(f"there is no token {serial} of {institution}")
        show_record(_facts(house, found), as_json=as_json)


def _facts(house: House, found: reading.TokenFacts) -> dict[str, Any]:
    own, zone = found.token, house.config.zone
    parameters = house.environment.directory.snapshot.parameters(own)
    last = "" if own.last_shard < 0 else f"{own.last_shard}:{own.last_seq}"
    now_ms = house.environment.clock.now_ms()
    return {
        "institution": own.institution,
        "serial": own.serial,
        "type": own.type_name,
        "overrides": own.overrides,
        "issuer": found.issuer,
        "imported_at": when(found.imported_at_ms, zone),
        "state": shown_state(own, now_ms).name.lower(),
        "customer": found.customer,
        "customer_state": UserState(own.owner_state).name.lower() if own.owner_state else "",
        "replaced_by": extra_of(own.extra).replaced_by,
        "valid_from": when(own.valid_from_ms, zone),
        "valid_to": when(own.valid_to_ms, zone),
        "last_used_step_or_next_counter": own.otp.moving if own.otp.moving >= 0 else None,
        "drift_steps": own.otp.drift,
        "failures": own.otp.failures,
        "locked_until": when(own.otp.locked_until_ms, zone)
        if own.otp.locked_until_ms > now_ms
        else "",
        "next_try_at": when(own.otp.next_try_ms, zone) if own.otp.next_try_ms > now_ms else "",
        "last_entry": last,
        "algorithm": str(parameters.algorithm),
        "hash": parameters.hash,
        "digits": parameters.digits,
        "step_s": parameters.step_s,
    }


@token.command("list")
@CUSTOMER
@INSTITUTION
@json_option
@click.pass_obj
def list_tokens(config_path: Path | None, customer: str, institution: str, as_json: bool) -> None:
    """List the tokens of a customer."""
    with open_house(config_path) as house:
        house.act("token list", subject(house, institution, customer))
        with house.reading() as conn:
            owner = reading.account(conn, (institution, customer))
            if owner is None:
                raise CommandError(f"there is no customer {customer} of {institution}")
            found = reading.tokens_of(conn, owner.id)
        rows = [_line(house, own) for own in found]
    show_table(rows, as_json=as_json, none="no tokens")


def _line(house: House, own: Token) -> dict[str, Any]:
    zone, now_ms = house.config.zone, house.environment.clock.now_ms()
    return {
        "serial": own.serial,
        "type": own.type_name,
        "state": shown_state(own, now_ms).name.lower(),
        "failures": own.otp.failures,
        "locked_until": when(own.otp.locked_until_ms, zone)
        if own.otp.locked_until_ms > now_ms
        else "",
        "valid_to": when(own.valid_to_ms, zone),
    }
