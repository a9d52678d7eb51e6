"""New tokens: their parameters checked, their seeds sealed, ready to be written with the act that
records them.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tigertally_engines.otp.parameters import (
    BOUNDS,
    OtpAlgorithm,
    OtpParameters,
    ParameterError,
    check_seed,
)
from tigertally_engines.otp.questions import has_counter
from tigertally_engines.otp.state import OtpState
from tigertally_server.cli.enclosing import Enclosing
from tigertally_server.cli.house import House
from tigertally_server.cli.output import CommandError
from tigertally_server.domain.channel import FOR_EVER_MS
from tigertally_server.domain.token import Token
from tigertally_server.services.keyring import Purpose, seed_identity
from tigertally_server.store import reading

SERIAL: Final = re.compile(r"[!-~]{1,24}")
INSTITUTION: Final = re.compile(r"[!-~]{1,12}")
SEED_BYTES: Final = {"sha1": 20, "sha256": 32, "sha512": 64, "sm3": 32}
"""Length of a seed that we draw: that of the hash (RFC 4226 R6, RFC 6238 §5.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token before it has an id. `parameters` are the effective ones; `overrides` what differs
    from its type; an empty seed is to be made by an activation.
    """

    serial: str
    type_name: str
    overrides: str = ""
    parameters: OtpParameters
    seed: bytes = field(repr=False)
    counter: int = 0
    valid_from_ms: int = 0
    valid_to_ms: int = FOR_EVER_MS


def type_named(house: House, name: str) -> OtpParameters:
    """Raises CommandError."""
    types = house.environment.directory.snapshot.token_types
    if name not in types:
        raise CommandError(
            f"there is no token type {name!r}; there are: {', '.join(sorted(types))}"
        )
    return types[name]


def encode_overrides(overrides: Mapping[str, object]) -> str:
    """As they are stored: canonical JSON, or empty where there are none."""
    return json.dumps(overrides, sort_keys=True, separators=(",", ":")) if overrides else ""


def merged(base: OtpParameters, overrides: Mapping[str, object]) -> OtpParameters:
    """Raises CommandError."""
    try:
        return base.merge(overrides)
    except ParameterError as problem:
        raise CommandError(str(problem)) from None


_TEXTS: Final = tuple(name for name in OtpParameters.__struct_fields__ if name not in BOUNDS)


def parse_assignments(assignments: Sequence[str]) -> dict[str, object]:
    """`key=value` texts to parameter values. Raises CommandError; the engine checks bounds."""
    values: dict[str, object] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise CommandError(f"{text!r} is no assignment; write for instance digits=8")
        if name in BOUNDS:
            try:
                values[name] = int(value)
            except ValueError:
                raise CommandError(f"{name} must be a whole number") from None
        elif name in _TEXTS:
            values[name] = value
        else:
            raise CommandError(
                f"there is no parameter {name!r}; there are: {', '.join((*_TEXTS, *BOUNDS))}"
            )
    return values


def parse_seed(text: str, encoding: str) -> bytes:
    """Hex or base32 (RFC 4648, case and blanks don't matter), or whichever it is. Raises
    CommandError, never quoting it.
    """
    dense = "".join(text.split()).replace("-", "")
    if encoding == "auto":
        encoding = "hex" if re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", dense) else "base32"
    try:
        if encoding == "hex":
            seed = bytes.fromhex(dense)
        else:
            bare = dense.rstrip("=").upper()
            seed = base64.b32decode(bare + "=" * (-len(bare) % 8))
    except (ValueError, binascii.Error):
        raise CommandError(f"the seed is not {encoding}") from None
    return checked_seed(seed)


def checked_seed(seed: bytes) -> bytes:
    """Raises CommandError."""
    try:
        return check_seed(seed)
    except ParameterError as problem:
        raise CommandError(f"the seed {problem.reason}") from None


def check_serial(serial: str) -> None:
    """Raises CommandError."""
    if not SERIAL.fullmatch(serial):
        raise CommandError(
            "a token's serial number has 1 to 24 visible ASCII characters and no blank"
        )


def check_institution(institution: str) -> None:
    """Raises CommandError."""
    if not INSTITUTION.fullmatch(institution):
        raise CommandError(
            "an institution's code has 1 to 12 visible ASCII characters and no blank"
        )


def sealed_tokens(house: House, institution: str, new: Sequence[NewToken]) -> tuple[Token, ...]:
    """The rows of these tokens, ids from the sequence. Raises CommandError."""
    keyring, enclosing = house.environment.keyring, Enclosing(house)
    with house.reading() as conn:
        ids = reading.new_ids(conn, "token_id", len(new))
    rows = []
    for token_id, item in zip(ids, new, strict=True):
        key_id, sealed = keyring.seal(
            Purpose.SEED,
            enclosing.kept(item.parameters, item.seed),
            seed_identity(institution, item.serial),
        )
        rows.append(
            Token(
                id=token_id,
                institution=institution,
                serial=item.serial,
                type_name=item.type_name,
                overrides=item.overrides,
                seed_key_id=key_id,
                sealed_seed=sealed if item.seed else b"",
                otp=initial_state(item.parameters, item.counter),
                valid_from_ms=item.valid_from_ms,
                valid_to_ms=item.valid_to_ms,
            )
        )
    return tuple(rows)


def initial_state(parameters: OtpParameters, counter: int = 0) -> OtpState:
    """A counter-based token begins at its next counter, a time-based one with no step used."""
    counted = parameters.algorithm is OtpAlgorithm.HOTP or has_counter(parameters)
    return OtpState(moving=counter if counted else -1)


def drawn_seed(house: House, parameters: OtpParameters) -> bytes:
    """A fresh seed of the hash's length."""
    return house.environment.entropy.token_bytes(SEED_BYTES[parameters.hash])


def shown_parameters(parameters: OtpParameters) -> dict[str, Any]:
    """For people and scripts."""
    return parameters.as_dict()
