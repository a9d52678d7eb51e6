"""card: make scratch cards in batches, with a file for the printing house that only its key opens;
open such a file, at the printing house's side.

The file is the only place where the cells stand: the database has each card's sealed seed. The
format is in docs/OPERATIONS.md.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click
from cryptography.hazmat.primitives import serialization

from tigertally_drivers.tokenfile import jwe
from tigertally_engines.otp import card as cards
from tigertally_engines.otp.kernel import cell_codes
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters, ParameterError
from tigertally_server.cli import token_making as making
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.keyfile import write_secret
from tigertally_server.cli.output import CommandError, json_option, parse_when, show_record, when
from tigertally_server.cli.token_making import NewToken
from tigertally_server.cli.user import entry_name
from tigertally_server.domain.administration import AdminWrite, InsertTokens, PutTokenType
from tigertally_server.domain.channel import FOR_EVER_MS
from tigertally_server.store import reading

MOST_CARDS: Final = 50_000
SEED_BYTES: Final = 32
_FORMS: Final = {"matrix": OtpAlgorithm.CARD_MATRIX, "sequential": OtpAlgorithm.CARD_LIST}
_SERIAL: Final = re.compile(r"([!-~]*?)([0-9]+)")


@click.group()
def card() -> None:
    """Scratch cards: make a batch for the printing house; open its file there."""


@card.command("make")
@click.option(
    "--institution", required=True, metavar="CODE", help="Legal entity that the cards belong to."
)
@click.option(
    "--count", "number", type=click.IntRange(1, MOST_CARDS), required=True, help="How many cards."
)
@click.option(
    "--first", required=True, metavar="SERIAL", help="First serial number; the others count on."
)
@click.option(
    "--form", type=click.Choice(list(_FORMS)), default="matrix", show_default=True,
    help="Cells by coordinate, or one code after another.",
)  # fmt: skip
@click.option("--type", "type_name", help="Token type; without one, card-matrix or card-list.")
@click.option("--rows", type=int, help="Rows of a card.")
@click.option("--columns", type=int, help="Columns of a card; a list has rows × columns codes.")
@click.option("--cell-digits", type=int, help="Digits in a cell, or of a code of a list.")
@click.option("--cells-asked", type=int, help="Cells of a matrix that make one answer.")
@click.option("--valid-to", metavar="DATE", help="Last day of the cards.")
@click.option(
    "--printer-key",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    required=True,
    help="The printing house's public key or certificate, PEM (RSA or EC).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file for the printing house; must not be there yet.",
)
@json_option
@click.pass_obj
def make(
    config_path: Path | None,
    institution: str,
    number: int,
    first: str,
    form: str,
    type_name: str | None,
    rows: int | None,
    columns: int | None,
    cell_digits: int | None,
    cells_asked: int | None,
    valid_to: str | None,
    printer_key: Path,
    out: Path,
    as_json: bool,
) -> None:
    """Make cards into the stock, and the file that they are printed from.

    Whoever has the file and the printing house's key has the codes; nobody else can make it again.
    """
    making.check_institution(institution)
    serials = _serials(first, number)
    key = _printer_key(printer_key)
    chosen = {
        "card_rows": rows,
        "card_columns": columns,
        "cell_digits" if form == "matrix" else "digits": cell_digits,
        "cells_asked": cells_asked,
    }
    overrides = {name: value for name, value in chosen.items() if value is not None}
    with open_house(config_path) as house:
        name = type_name or str(_FORMS[form])
        base, writes = _type(house, name, _FORMS[form])
        parameters = making.merged(base, overrides)
        until = parse_when(valid_to, house.config.zone, end=True) if valid_to else FOR_EVER_MS
        usual = NewToken(
            serial="",
            type_name=name,
            overrides=making.encode_overrides(overrides),
            parameters=parameters,
            seed=b"",
            valid_to_ms=until,
        )
        new = _drawn(house, usual, serials)
        _check_free(house, institution, serials)
        printed = print_file(new, parameters, when(until, house.config.zone))
        sealed = jwe.seal(
            printed, key, house.environment.entropy, cty="text/csv", batch=f"{institution}/{first}"
        ).encode()
        tokens = making.sealed_tokens(house, institution, new)
        insert = InsertTokens(tokens, "card make", house.environment.clock.now_ms())
        details = {
            "institution": institution,
            "cards": str(number),
            "first": serials[0],
            "last": serials[-1],
            "type": name,
            "overrides": making.encode_overrides(overrides),
            "file_sha256": hashlib.sha256(sealed).hexdigest(),
            "printer_key_sha256": _fingerprint(key),
        }
        write_secret(out, sealed)
        try:
            entry = entry_name(house.act("card make", details, [*writes, insert]))
        except BaseException:
            out.unlink()
            raise
    show_record(details | {"file": str(out), "entry": entry}, as_json=as_json)


def _serials(first: str, number: int) -> list[str]:
    """`first` and those that count on from it, as wide. Raises CommandError."""
    making.check_serial(first)
    found = _SERIAL.fullmatch(first)
    if found is None:
        raise CommandError("a serial number that others count on from ends in digits")
    prefix, digits = found.groups()
    last = int(digits) + number - 1
    if len(str(last)) > len(digits):
        raise CommandError(f"{len(digits)} digits are too few for {number} cards from {first}")
    return [f"{prefix}{n:0{len(digits)}d}" for n in range(int(digits), last + 1)]


def _printer_key(path: Path) -> jwe.PublicKey:
    try:
        return jwe.load_public_key(path.read_bytes())
    except (jwe.SealedFileError, OSError) as problem:
        raise CommandError(f"{path}: {problem}") from None


def _fingerprint(key: jwe.PublicKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(key.public_bytes(serialization.Encoding.DER, form)).hexdigest()


def _type(
    house: House, name: str, algorithm: OtpAlgorithm
) -> tuple[OtpParameters, Sequence[AdminWrite]]:
    """The token type; the usual one is made where it isn't there yet. Raises CommandError."""
    types = house.environment.directory.snapshot.token_types
    if name in types:
        if types[name].algorithm is not algorithm:
            raise CommandError(f"token type {name!r} is {types[name].algorithm}, not {algorithm}")
        return types[name], ()
    if name != str(algorithm):
        making.type_named(house, name)
    try:
        usual = OtpParameters(algorithm=algorithm).validated()
    except ParameterError as problem:
        raise CommandError(str(problem)) from None
    return usual, (PutTokenType(name, f'{{"algorithm": "{algorithm}"}}'),)


def _drawn(house: House, usual: NewToken, serials: Sequence[str]) -> list[NewToken]:
    """A card for each serial number, with a seed of its own."""
    draw = house.environment.entropy.token_bytes
    return [replace(usual, serial=serial, seed=draw(SEED_BYTES)) for serial in serials]


def _check_free(house: House, institution: str, serials: list[str]) -> None:
    with house.reading() as conn:
        taken = sorted(reading.known_serials(conn, institution, serials))
    if taken:
        raise CommandError(f"{len(taken)} of these serial numbers are there already: {taken[0]} …")


def print_file(new: Sequence[NewToken], parameters: OtpParameters, until: str) -> bytes:
    """What the printing house prints: CSV in UTF-8, a card a line, its cells in columns that bear
    their names.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows(_lines(new, parameters, until))
    return out.getvalue().encode()


def _lines(new: Sequence[NewToken], parameters: OtpParameters, until: str) -> Iterator[list[str]]:
    cells = range(cards.cell_count(parameters))
    yield ["serial", "valid_to", *(cards.cell_name(parameters, cell) for cell in cells)]
    digits = cards.cell_digits(parameters)
    for item in new:
        yield [item.serial, until, *cell_codes(item.seed, cells, digits)]


@card.command("open")
@click.argument("sealed", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--key",
    "key_path",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    required=True,
    help="The printing house's private key, PEM.",
)
@click.option(
    "--password-file",
    type=click.File("rb"),
    help="The key's password; - for standard input.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where the cards go as CSV (mode 0600); must not be there yet.",
)
@json_option
def open_file(sealed: Path, key_path: Path, password_file: Any, out: Path, as_json: bool) -> None:
    """Open a file of cards at the printing house. Needs no installation and no database."""
    password = password_file.read(4096).rstrip(b"\r\n") if password_file else None
    try:
        key = jwe.load_private_key(key_path.read_bytes(), password)
        plain, header = jwe.open_sealed(sealed.read_text("ascii"), key)
    except (jwe.SealedFileError, OSError, UnicodeDecodeError) as problem:
        raise CommandError(f"{sealed}: {problem}") from None
    write_secret(out, plain)
    lines = max(0, plain.count(b"\r\n") - 1)
    show_record(
        {"batch": header.get("batch", ""), "cards": lines, "file": str(out)}, as_json=as_json
    )
