"""token protect: seeds that are there move into the HSM. There is no way back: the device gives
none out again.

A page of tokens is one unit of work with its entry. A seed's row is replaced only after the device
has shown that it makes the same MAC, and only where nobody gave the token another seed meanwhile
(`static_rev`). Counters, drift and tries are not touched, so that a verification in between counts.
Interrupted, the same command goes on: what lies in the device is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from tigertally_engines.otp.parameters import Protection
from tigertally_server.cli import token_making as making
from tigertally_server.cli.enclosing import Enclosing, same_seed
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, json_option, show_record
from tigertally_server.domain.administration import ReseedToken
from tigertally_server.domain.token import Token
from tigertally_server.services.device_seeds import is_device_record
from tigertally_server.services.keyring import KeyMissing, Purpose, seed_identity
from tigertally_server.store import reading

PAGE: Final = 100
_IN_DEVICE: Final = {"protection": Protection.DEVICE.value}


@click.command("protect")
@click.argument("serial", required=False)
@click.option("--institution", metavar="CODE", help="Legal entity that the token belongs to.")
@click.option("--type", "type_name", metavar="NAME", help="All tokens of this type instead of one.")
@click.option(
    "--in",
    "place",
    type=click.Choice([Protection.DEVICE.value]),
    required=True,
    help="Where the seeds shall be. Out of the device there is no way.",
)
@json_option
@click.pass_obj
def protect(
    config_path: Path | None,
    serial: str | None,
    institution: str | None,
    type_name: str | None,
    place: str,
    as_json: bool,
) -> None:
    """Move the seeds of tokens that are there into the HSM.

    New tokens follow their type: `token type set NAME protection=device`. Every server must have
    the HSM before. May be interrupted and run again.
    """
    if (serial is None) == (type_name is None) or (serial is None) != (institution is None):
        raise CommandError("say which: SERIAL and --institution, or --type")
    with open_house(config_path) as house:
        if type_name is not None:
            making.type_named(house, type_name)
            pages = _of_type(house, type_name)
        else:
            pages = iter([[_one(house, institution or "", serial or "")]])
        moving = _Moving(house)
        for page in pages:
            moving.move(page)
    show_record({"in": place, "moved": moving.moved, "there": moving.there}, as_json=as_json)


def _one(house: House, institution: str, serial: str) -> Token:
    with house.reading() as conn:
        found = reading.token(conn, (institution, serial))
    if found is None:
        raise CommandError(f"there is no token {serial} of {institution}")
    if not found.token.sealed_seed:
        raise CommandError(f"token {serial} has no seed: it waits for its activation")
    return found.token


def _of_type(house: House, type_name: str) -> Iterator[list[Token]]:
    after = 0
    with house.reading() as conn:
        while page := reading.seeded_tokens(conn, type_name, after, PAGE):
            conn.rollback()  # each page as it is when its turn comes
            after = page[-1].id
            yield page


class _Moving:
    """`moved` into the device by this command; `there`: were in it before."""

    def __init__(self, house: House) -> None:
        self._house, self._enclosing = house, Enclosing(house)
        self.moved = self.there = 0

    def move(self, page: list[Token]) -> None:
        """Raises CommandError; nothing of the page is changed then."""
        fresh = [token for token in map(self._enclosed, page) if token is not None]
        self.there += len(page) - len(fresh)
        if fresh:
            self._house.act("token protect", _told(fresh), [ReseedToken(token) for token in fresh])
        self.moved += len(fresh)

    def _enclosed(self, token: Token) -> Token | None:
        """The token with its seed in the device; None where it is there."""
        environment = self._house.environment
        keyring, snapshot = environment.keyring, environment.directory.snapshot
        identity = seed_identity(token.institution, token.serial)
        try:
            seed = keyring.open(token.seed_key_id, token.sealed_seed, identity)
        except KeyMissing as problem:
            raise CommandError(f"token {token.serial}: {problem}") from None
        if is_device_record(seed):
            return None
        try:
            parameters = making.merged(snapshot.parameters(token), _IN_DEVICE)
            kept = self._enclosing.kept(parameters, seed)
        except CommandError as problem:
            raise CommandError(f"token {token.serial}: {problem.message}") from None
        if not same_seed(self._house, seed, kept):
            raise CommandError(f"token {token.serial}: the HSM makes other codes; left as it is")
        key_id, sealed = keyring.seal(Purpose.SEED, kept, identity)
        return msgspec.structs.replace(
            token, seed_key_id=key_id, sealed_seed=sealed, static_rev=token.static_rev + 1
        )


def _told(tokens: list[Token]) -> dict[str, Any]:
    return {
        "in": Protection.DEVICE.value,
        "tokens": len(tokens),
        "serials": " ".join(f"{token.institution}/{token.serial}" for token in tokens),
    }
