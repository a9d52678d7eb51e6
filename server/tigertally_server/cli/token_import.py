"""token import: a PSKC file (RFC 6030) into the stock.

The whole file is read and checked before anything is written, so a bad file imports nothing. Then
chunks of 1000, one recorded act each; a token that is there already is skipped, so an import that
was interrupted is simply run again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click

from tigertally_drivers.tokenfile.pskc import read_pskc
from tigertally_drivers.tokenfile.records import TokenFileError, TokenRecord, strictly
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters
from tigertally_server.cli import token_making as making
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, Progress, json_option, show_record
from tigertally_server.cli.token_making import NewToken
from tigertally_server.domain.administration import InsertTokens
from tigertally_server.store import reading

CHUNK: Final = 1_000
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class TokenFile:
    """What a file holds, read whole."""

    records: tuple[TokenRecord, ...]
    sha256: str


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--institution", required=True, metavar="CODE", help="Legal entity that the tokens belong to."
)
@click.option(
    "--type",
    "type_name",
    metavar="NAME",
    help="Token type of all of them [default: the one that fits each best].",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="Differs from the type for all, e.g. window=2.",
)
@click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing.")
@json_option
@click.pass_obj
def import_tokens(
    config_path: Path | None,
    file: Path,
    institution: str,
    type_name: str | None,
    assignments: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import tokens from a PSKC file with plain keys.

    A token whose algorithm, hash, digits or time step differ from its type's gets them as its own.
    The file is as secret as its seeds: remove it afterwards.
    """
    making.check_institution(institution)
    own = making.parse_assignments(assignments)
    content = read_token_file(file)
    with open_house(config_path) as house:
        new = [_new_token(house, record, type_name, own) for record in content.records]
        result = _import(house, institution, new, content, quiet=as_json, dry_run=dry_run)
    show_record({"file": str(file), **result}, as_json=as_json)


def read_token_file(path: Path) -> TokenFile:
    """Raises CommandError naming the line of the first fault."""
    digest = hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                yield piece

    try:
        return TokenFile(tuple(strictly(read_pskc(pieces()))), digest.hexdigest())
    except TokenFileError as problem:
        raise CommandError(f"{path}: {problem}\nNothing was imported.") from None
    except OSError as problem:
        raise CommandError(f"cannot read {path}: {problem.strerror}") from None


def _new_token(
    house: House, record: TokenRecord, type_name: str | None, own: Mapping[str, object]
) -> NewToken:
    try:
        making.check_serial(record.serial)
        name = type_name or best_type(house.environment.directory.snapshot.token_types, record)
        base = making.type_named(house, name)
        overrides = {**differing(base, record), **own}
        parameters = making.merged(base, overrides)
        seed = making.checked_seed(record.seed)
    except CommandError as problem:
        raise CommandError(
            f"line {record.line}: {problem.message}\nNothing was imported."
        ) from None
    return NewToken(
        serial=record.serial,
        type_name=name,
        overrides=making.encode_overrides(overrides),
        parameters=parameters,
        seed=seed,
        counter=record.counter,
        valid_from_ms=record.valid_from_ms,
        valid_to_ms=record.valid_to_ms,
    )


def form_of(record: TokenRecord) -> dict[str, object]:
    """What the file says about how the token counts, as engine parameters."""
    form: dict[str, object] = {"hash": record.hash, "digits": record.digits}
    return (
        form if record.algorithm == OtpAlgorithm.HOTP.value else {**form, "step_s": record.step_s}
    )


def differing(base: OtpParameters, record: TokenRecord) -> dict[str, object]:
    """The overrides that make `base` count like the record. Raises CommandError for another
    algorithm.
    """
    if base.algorithm != record.algorithm:
        raise CommandError(f"the file's token is {record.algorithm}, the type {base.algorithm}")
    return {name: value for name, value in form_of(record).items() if getattr(base, name) != value}


def best_type(types: Mapping[str, OtpParameters], record: TokenRecord) -> str:
    """The type of the same algorithm that needs the fewest overrides, the first by name among
    equals. Raises CommandError.
    """
    fitting = [
        (len(differing(parameters, record)), name)
        for name, parameters in types.items()
        if parameters.algorithm == record.algorithm
    ]
    if not fitting:
        raise CommandError(
            f"there is no token type of algorithm {record.algorithm}; "
            "make one with `token type set`"
        )
    return min(fitting)[1]


def _import(
    house: House,
    institution: str,
    new: Sequence[NewToken],
    content: TokenFile,
    *,
    quiet: bool,
    dry_run: bool,
) -> dict[str, Any]:
    issuers = {record.serial: record.issuer for record in content.records}
    imported, skipped = 0, list[str]()
    types: dict[str, int] = {}
    progress = Progress("checking tokens" if dry_run else "importing tokens", len(new), quiet=quiet)
    for number, chunk in enumerate(_chunks(new)):
        with house.reading() as conn:
            known = reading.known_serials(conn, institution, [item.serial for item in chunk])
        fresh = [item for item in chunk if item.serial not in known]
        skipped += list(known)
        if fresh and not dry_run:
            _write(house, institution, fresh, issuers, content, number)
        imported += len(fresh)
        for item in fresh:
            types[item.type_name] = types.get(item.type_name, 0) + 1
        progress.at(min(len(new), (number + 1) * CHUNK))
    progress.end()
    if dry_run:
        house.act(
            "token import, dry run", {"institution": institution, "file sha256": content.sha256}
        )
    return {
        "tokens_in_file": len(new),
        "would_import" if dry_run else "imported": imported,
        "there_already": len(skipped),
        "skipped": sorted(skipped)[:20],
        "types": [f"{name}: {count}" for name, count in sorted(types.items())],
        "sha256": content.sha256,
    }


def _write(
    house: House,
    institution: str,
    fresh: Sequence[NewToken],
    issuers: Mapping[str, str],
    content: TokenFile,
    number: int,
) -> None:
    """One chunk with its act. The issuer stands once per statement, so a chunk is written by
    issuer.
    """
    rows = {row.serial: row for row in making.sealed_tokens(house, institution, fresh)}
    by_issuer: dict[str, list[Any]] = {}
    for serial, row in rows.items():
        by_issuer.setdefault(issuers[serial], []).append(row)
    now_ms = house.environment.clock.now_ms()
    writes = [InsertTokens(tuple(group), issuer, now_ms) for issuer, group in by_issuer.items()]
    lines = "\n".join(item.facts for item in fresh)
    details = {
        "institution": institution,
        "file sha256": content.sha256,
        "chunk": number,
        "tokens": len(fresh),
        "first": fresh[0].serial,
        "last": fresh[-1].serial,
        "chunk sha256": hashlib.sha256(lines.encode()).hexdigest(),
    }
    house.act("token import", details, writes)


def _chunks(items: Iterable[NewToken]) -> Iterator[list[NewToken]]:
    source = iter(items)
    while chunk := list(islice(source, CHUNK)):
        yield chunk
