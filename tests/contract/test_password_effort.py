"""Where a channel hides reasons, nobody outside can tell an unknown customer from a locked, unset,
disabled or wrong password: same answer, same key operations, same statements, on the real store.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import replace

import msgspec
import pytest

from tigertally_engines.password import schemes
from tigertally_protocol import registry
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.password import (
    ChangePasswordRequest,
    PasswordRequest,
    SetPasswordRequest,
    VerifyPasswordRequest,
)
from tigertally_protocol.messages.user import CloseUserRequest, RegisterUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Kind, PasswordKind, Transaction
from tigertally_server.domain.administration import PutPasswordPolicy
from tigertally_server.pipeline.respond import answer_of
from tigertally_testing.postgres_bank import statements_of

T = Transaction
RIGHT, WRONG = "kX7#mw9Q", "wrong-7-one"
EXPECTED = {
    "WRONG": C.WRONG_PASSWORD,
    "LOCKED": C.PASSWORD_LOCKED,
    "THROTTLED": C.PASSWORD_THROTTLED,
    "DISABLED": C.PASSWORD_DISABLED,
    "UNSET": C.PASSWORD_NOT_SET,
    "CLOSED": C.USER_CLOSED,
    "UNKNOWN": C.USER_UNKNOWN,
}


def verifying(customer, text):
    return T.VERIFY_PASSWORD, VerifyPasswordRequest(customer=customer, password=SecretText(text))


def changing(customer, text):
    message = ChangePasswordRequest(
        customer=customer, password=SecretText(text), new_password=SecretText(RIGHT)
    )
    return T.CHANGE_PASSWORD, message


@pytest.fixture
def lived_in(bank):
    """One customer of each kind."""
    bank.operate(PutPasswordPolicy("password", json.dumps({"throttle_after": 2})))
    bank.reload()
    for customer in EXPECTED:
        if customer == "UNKNOWN":
            continue
        bank.ask(T.REGISTER_USER, RegisterUserRequest(customer=customer))
        if customer != "UNSET":
            message = SetPasswordRequest(
                customer=customer, operator="clerk", password=SecretText(RIGHT)
            )
            assert bank.ask(T.SET_PASSWORD, message).code is C.CHANGED
    for _ in range(5):
        bank.ask(*verifying("LOCKED", WRONG))
        bank.clock.advance(60_000)
    for _ in range(2):
        bank.ask(*verifying("THROTTLED", WRONG))
    bank.ask(T.DISABLE_PASSWORD, PasswordRequest(customer="DISABLED"))
    bank.ask(T.CLOSE_USER, CloseUserRequest(customer="CLOSED"))
    return bank


@pytest.mark.parametrize("bank", ["postgres"], indirect=True)
@pytest.mark.parametrize("asking", [verifying, changing])
def test_nobody_outside_can_tell(lived_in, monkeypatch, asking):
    bank, keyring = lived_in, lived_in.context.keyring
    statements, operations = statements_of(monkeypatch), []
    watched = [(keyring, name) for name in ("open", "seal", "peppered", "unique_salt")]
    watched += [(hmac, "compare_digest")]
    for owner, name in watched:
        original = getattr(owner, name)

        def counted(*arguments, original=original, name=name):
            operations.append(name)
            return original(*arguments)

        monkeypatch.setattr(owner, name, counted)
    slow = schemes.SCHEMES["argon2id-8"].stretch
    assert slow is not None

    def stretched(secret, salt):
        operations.append("stretch")
        return slow(secret, salt)

    monkeypatch.setitem(schemes.SCHEMES, "argon2id-8", schemes.Scheme(stretched, "sha256"))
    seen = {}
    for customer, code in EXPECTED.items():
        transaction, message = asking(customer, WRONG)
        statements.clear()
        operations.clear()
        (outcome,) = bank.run(bank.request(transaction, message))
        assert outcome.code is code
        seen[customer] = (tuple(statements), sorted(operations), shown(bank, transaction, outcome))
    assert "stretch" in seen["UNKNOWN"][1]
    assert any("UPDATE tigertally.credential" in sql for sql in seen["UNKNOWN"][0])
    for customer, (sql, work, answer) in seen.items():
        assert answer[0] is C.DENIED
        assert answer == seen["WRONG"][2], customer
        assert work == seen["WRONG"][1], customer
        assert sql == seen["WRONG"][0], customer


def shown(bank, transaction, outcome):
    """What a channel that may not know gets, but for the entry's place."""
    answer = answer_of(replace(bank.channel, disclose=False), transaction, outcome)
    layout = registry.message_type(transaction, Kind.RESPONSE, 1)
    assert layout is not None
    body = msgspec.structs.replace(answer.body, entry_shard=0, entry_seq=0)
    assert body.kind == PasswordKind.PASSWORD
    return answer.code, answer.retry_after_ms, registry.encode_body(layout, body, "utf-8")


# FIX
