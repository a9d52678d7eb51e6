"""Where a channel's policy hides reasons, nobody outside can tell an unknown customer, a locked or
throttled or disabled token and a wrong code apart: same code, same fields and length, same
statements, same key operations. Counted, not timed. Both stores; statements where there are some.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace

import msgspec
import pytest

from tigertally_protocol import registry
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.token import TokenRequest
from tigertally_protocol.messages.user import CloseUserRequest, RegisterUserRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_server.pipeline.respond import answer_of
from tigertally_server.store.postgres import PostgresTransaction

C, T = ResponseCode, Transaction
HOUR_MS = 3_600_000
KEY_OPERATIONS = {
    "AESGCM.encrypt",
    "AESGCM.decrypt",
    "HMAC.copy",
    "HMAC.update",
    "HMAC.finalize",
    "compare_digest",
}


class Watched:
    """What one request made the process do."""

    def __init__(self, monkeypatch):
        self.key_operations: Counter[str] = Counter()
        self.statements: list[str] = []
        execute = PostgresTransaction._execute

        def noted(transaction, sql, params):
            self.statements.append(sql)
            return execute(transaction, sql, params)

        monkeypatch.setattr(PostgresTransaction, "_execute", noted)

    def run(self, bank, request):
        self.key_operations.clear()
        self.statements.clear()
        sys.setprofile(self._called)
        try:
            (outcome,) = bank.run(request)
        finally:
            sys.setprofile(None)
        return outcome, dict(self.key_operations), tuple(self.statements)

    def _called(self, frame, event, function):
        if event == "c_call":
            name = getattr(function, "__qualname__", "")
            if name in KEY_OPERATIONS:
                self.key_operations[name] += 1


def asked(bank, customer, code, token=""):
    message = VerifyOtpRequest(
        customer=customer,
        token=token,
        otp=SecretText(code),
        reference="PAY-1",
        end_user_address="203.0.113.9",
    )
    return bank.request(T.VERIFY_OTP, message)


def wrong_for(held, now_ms):
    return f"{(int(held.code(now_ms)) + 500_000) % 1_000_000:06d}"


def wrong_code(bank, held):
    return asked(bank, held.customer, wrong_for(held, bank.clock.now_ms())), C.WRONG_CODE


def malformed_code(bank, held):
    return asked(bank, held.customer, "12"), C.WRONG_CODE


def unknown_customer(bank, held):
    return asked(bank, "C999999", "000000"), C.USER_UNKNOWN


def malformed_code_of_an_unknown_customer(bank, held):
    return asked(bank, "C999999", "12"), C.USER_UNKNOWN


def throttled(bank, held):
    for _ in range(3):
        bank.run(wrong_code(bank, held)[0])
    return wrong_code(bank, held)[0], C.TOKEN_THROTTLED


def locked(bank, held):
    for _ in range(5):
        bank.run(wrong_code(bank, held)[0])
        bank.clock.advance(5_000)
    return wrong_code(bank, held)[0], C.TOKEN_LOCKED


def right_code_of_a_locked_token(bank, held):
    locked(bank, held)
    return asked(bank, held.customer, held.code(bank.clock.now_ms())), C.TOKEN_LOCKED


def disabled(bank, held):
    bank.ask(T.DISABLE_TOKEN, TokenRequest(customer=held.customer, token=held.serial))
    return wrong_code(bank, held)[0], C.TOKEN_DISABLED


def closed_customer(bank, held):
    bank.ask(T.CLOSE_USER, CloseUserRequest(customer=held.customer))
    return wrong_code(bank, held)[0], C.USER_CLOSED


def customer_without_a_token(bank, held):
    bank.ask(T.REGISTER_USER, RegisterUserRequest(customer="C777777", name=SecretText("王五")))
    return asked(bank, "C777777", "000000"), C.NO_TOKEN


CASES = (
    malformed_code,
    unknown_customer,
    malformed_code_of_an_unknown_customer,
    throttled,
    locked,
    right_code_of_a_locked_token,
    disabled,
    closed_customer,
    customer_without_a_token,
)


def shown(bank, outcome):
    """What the channel gets, but for the entry's place."""
    channel = replace(bank.channel, disclose=False)
    answer = answer_of(channel, T.VERIFY_OTP, outcome)
    layout = registry.message_type(T.VERIFY_OTP, Kind.RESPONSE, 1)
    assert layout is not None
    body = msgspec.structs.replace(answer.body, entry_shard=0, entry_seq=0)
    return answer.code, answer.retry_after_ms, registry.encode_body(layout, body, "utf-8")


def lived_in(bank, number):
    """A customer whose token was used an hour ago, from where the tries come."""
    held = bank.customer_with_token(number)
    (first,) = bank.run(asked(bank, held.customer, held.code(bank.clock.now_ms())))
    assert first.code is C.APPROVED
    bank.clock.advance(HOUR_MS)
    return held


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nobody_outside_can_tell(bank, monkeypatch, case):
    watched = Watched(monkeypatch)
    request, code = wrong_code(bank, lived_in(bank, 1))
    watched.run(bank, wrong_code(bank, lived_in(bank, 3))[0])  # whatever is made on first use
    outcome, operations, statements = watched.run(bank, request)
    assert outcome.code is code
    assert operations["HMAC.finalize"] > 10
    other_request, other_code = case(bank, lived_in(bank, 2))
    other, other_operations, other_statements = watched.run(bank, other_request)
    assert other.code is other_code
    assert shown(bank, other) == shown(bank, outcome)
    assert shown(bank, other)[0] is C.DENIED
    assert other_operations == operations
    assert other_statements == statements


def test_a_channel_that_may_know_is_told(bank):
    held = lived_in(bank, 1)
    (outcome,) = bank.run(locked(bank, held)[0])
    answer = answer_of(replace(bank.channel, disclose=True), T.VERIFY_OTP, outcome)
    assert (answer.code, answer.body.token) == (C.TOKEN_LOCKED, held.serial)
