"""What the customers of a mixed load have beside a token of TOTP: other types of token, PINs,
telephones. Made in bulk, as `population` makes the customers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import msgspec

from tigertally_engines.otp.state import OtpState
from tigertally_engines.sms.codes import KEY_BYTES
from tigertally_load.methods import OCRA_SUITE, Method
from tigertally_load.population import Population
from tigertally_server.cli.house import House
from tigertally_server.cli.output import CommandError
from tigertally_server.domain.account import Account
from tigertally_server.domain.administration import PutTokenType
from tigertally_server.domain.credential import Credential, CredentialKind
from tigertally_server.services.sealed_records import resealed
from tigertally_server.services.sms.limits import tag_of
from tigertally_server.services.sms.records import PhoneRecord
from tigertally_server.services.token_pins import new_pin_record
from tigertally_server.store import reading

_TOTP: Final = "totp-6"
_HOTP: Final = "hotp-6"
_OCRA: Final = "load-ocra"
TYPES: Final = dict.fromkeys(Method, _TOTP) | {Method.HOTP: _HOTP, Method.OCRA: _OCRA}

_FORMS: Final = {
    _TOTP: ("totp", "sha1", 6, 30),
    _HOTP: ("hotp", "sha1", 6, 30),
}
"""What the generator computes: algorithm, hash, digits, step in s."""
_OCRA_PARAMETERS: Final = {"algorithm": "ocra", "ocra_suite": OCRA_SUITE}


def prepare_types(house: House, *, methods: bool) -> None:
    """The token types as the generator computes their codes. Raises CommandError."""
    types = house.environment.directory.snapshot.token_types
    for name in (_TOTP, _HOTP) if methods else (_TOTP,):
        found = types.get(name)
        form = found and (found.algorithm, found.hash, found.digits, found.step_s)
        if form != _FORMS[name]:
            wanted = ", ".join(map(str, _FORMS[name]))
            raise CommandError(
                f"the load test needs token type {name} as it was installed: {wanted} s"
            )
    if methods and _OCRA not in types:
        parameters = json.dumps(_OCRA_PARAMETERS, sort_keys=True)
        house.act("token type set", {"type": _OCRA}, [PutTokenType(_OCRA, parameters)])


def first_state(method: Method) -> OtpState:
    """Of a token that was never used."""
    return OtpState(0) if method is Method.HOTP else OtpState()


def credentials_of(
    house: House, population: Population, accounts: Sequence[Account], start: int, now_ms: int
) -> tuple[Credential, ...]:
    """PINs and telephones of the customers from number `start` on."""
    context = house.environment.context
    owners = [
        (start + offset, account)
        for offset, account in enumerate(accounts)
        if population.method(start + offset) in (Method.PIN_OTP, Method.SMS)
    ]
    with house.reading() as conn:
        ids = reading.new_ids(conn, "credential_id", len(owners))
    made = []
    for (i, account), credential_id in zip(owners, ids, strict=True):
        bare = Credential(
            id=credential_id,
            owner_id=account.id,
            kind=CredentialKind.SMS,
            key_id=0,
            sealed=b"",
            changed_at_ms=now_ms,
        )
        if population.method(i) is Method.SMS:
            number = population.phone(i)
            phone = PhoneRecord(context.keyring.random_bytes(KEY_BYTES), number, "")
            bare = msgspec.structs.replace(bare, tag=tag_of(context.keyring, number))
            made.append(resealed(context, bare, phone))
            continue
        parameters = context.snapshot.token_types[_TOTP]
        pin = new_pin_record(context, account, parameters, population.pin(i))
        bare = msgspec.structs.replace(
            bare, kind=CredentialKind.TOKEN_PIN, slot=population.serial(i)
        )
        made.append(resealed(context, bare, pin))
    return tuple(made)
