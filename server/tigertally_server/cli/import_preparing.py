"""Records of a token file into rows that are ready for the stock: type chosen, checked, sealed.

One of these per job: a delivery has few forms, so what a form becomes is worked out once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tigertally_drivers.tokenfile.records import TokenRecord
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters
from tigertally_server.cli import token_making as making
from tigertally_server.cli.enclosing import Enclosing
from tigertally_server.cli.house import House
from tigertally_server.cli.output import CommandError
from tigertally_server.domain.import_job import ImportOrder, StagedChunk, StagedToken
from tigertally_server.services.keyring import Purpose, seed_identity


class _Kind(NamedTuple):
    """What all tokens of one form become."""

    type_name: str
    overrides: str
    parameters: OtpParameters


class Preparing:
    """See the module's text."""

    def __init__(self, house: House, institution: str, order: ImportOrder) -> None:
        """Raises CommandError for an order that no token could fulfil."""
        self._house, self._institution, self._type = house, institution, order.type_name
        self._own = making.parse_assignments(order.assignments)
        self._enclosing = Enclosing(house)
        self._kinds: dict[object, _Kind] = {}
        if self._type:
            making.type_named(house, self._type)

    def check(self, record: TokenRecord) -> None:
        """Raises CommandError where the record can't become a token of ours."""
        making.check_serial(record.serial)
        making.checked_seed(record.seed)
        self._enclosing.check(self._kind(record).parameters, record.seed)

    def chunk(
        self, number: int, records: Sequence[TokenRecord]
    ) -> tuple[StagedChunk, list[StagedToken]]:
        """Checked records, sealed, with the digest that the log will hold of them."""
        keyring = self._house.environment.keyring
        key, nonces = keyring.current(Purpose.SEED), keyring.nonces(len(records))
        digest, tokens = hashlib.sha256(), []
        for record, nonce in zip(records, nonces, strict=True):
            kind = self._kind(record)
            moving = making.initial_state(kind.parameters, record.counter).moving
            kept = self._enclosing.kept(kind.parameters, record.seed)
            sealed = key.seal(kept, seed_identity(self._institution, record.serial), nonce)
            tokens.append(
                StagedToken(
                    line=record.line,
                    moving=moving,
                    valid_from_ms=record.valid_from_ms,
                    valid_to_ms=record.valid_to_ms,
                    key_id=key.id,
                    serial=record.serial,
                    type_name=kind.type_name,
                    overrides=kind.overrides,
                    issuer=record.issuer,
                    sealed_seed=sealed,
                )
            )
            facts = (
                f"{record.serial} {kind.type_name} {kind.overrides} {record.counter} "
                f"{record.valid_from_ms} {record.valid_to_ms}\n"
            )
            digest.update(facts.encode())
        first, last = records[0].serial, records[-1].serial
        return StagedChunk(number, len(records), first, last, digest.digest()), tokens

    def _kind(self, record: TokenRecord) -> _Kind:
        form = (record.algorithm, record.hash, record.digits, record.step_s, record.suite)
        kind = self._kinds.get(form)
        if kind is None:
            types = self._house.environment.directory.snapshot.token_types
            name = self._type or best_type(types, record)
            base = making.type_named(self._house, name)
            overrides = {**differing(base, record), **self._own}
            encoded = making.encode_overrides(overrides)
            kind = self._kinds[form] = _Kind(name, encoded, making.merged(base, overrides))
        return kind


def form_of(record: TokenRecord) -> dict[str, object]:
    """What the file says about how the token counts, as engine parameters."""
    if record.algorithm == OtpAlgorithm.OCRA.value:
        return {"ocra_suite": record.suite}
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
