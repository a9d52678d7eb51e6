"""Where a channel's policy hides reasons, nobody outside can tell an unknown customer, a locked or
throttled or disabled token and a wrong code apart: same code, same fields and length, same
statements, same key operations. Counted, not timed. Both stores; statements where there are some.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from itertools import count

import msgspec
import pytest

from tigertally_engines.otp import chap, gm
from tigertally_protocol import enclosure, registry
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.flow import BeginOwnFlowRequest, FlowStepRequest
from tigertally_protocol.messages.ocra import IssueOcraChallengeRequest, VerifyOcraRequest
from tigertally_protocol.messages.proof import (
    SetTokenPinRequest,
    VerifyChapRequest,
    VerifyMschapv2Request,
    VerifyPinOtpRequest,
)
from tigertally_protocol.messages.token import TokenRequest
from tigertally_protocol.messages.user import CloseUserRequest, RegisterUserRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_server.pipeline.respond import answer_of
from tigertally_testing.postgres_bank import statements_of

C, T = ResponseCode, Transaction
HOUR_MS = 3_600_000
PIN = "258036"
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
        self.statements = statements_of(monkeypatch)

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


CHALLENGES = count(1)


def by_code(code, _fields):
    return VerifyOtpRequest(otp=SecretText(code))


def by_pin_and_code(code, _fields):
    return VerifyPinOtpRequest(otp=SecretText(code), pin=SecretText(PIN))


def by_wrong_pin_too(code, _fields):
    return VerifyPinOtpRequest(otp=SecretText(code), pin=SecretText("147036"))


def by_chap(code, _fields):
    challenge = next(CHALLENGES).to_bytes(16)
    response = chap.chap_response(0, code, challenge)
    return VerifyChapRequest(authenticator_challenge=challenge, chap_response=response)


def by_mschapv2(code, fields):
    exchange = chap.Exchange(fields["customer"], next(CHALLENGES).to_bytes(16), bytes(16))
    return VerifyMschapv2Request(
        authenticator_challenge=exchange.challenge,
        nt_response=chap.nt_response(chap.challenge_hash(exchange), code),
    )


def by_flow(code, fields):
    """A step of a flow that a channel began from which reasons are hidden."""
    bank, customer = fields["bank"], fields["customer"]
    hiding = replace(bank.channel, disclose=False)
    message = BeginOwnFlowRequest(customer=customer, expression="all(otp, password)")
    begun = bank.ask(T.BEGIN_OWN_FLOW, message, channel=hiding)
    assert begun.code is C.CHANGED
    row = registry.message_type(T.VERIFY_OTP, Kind.REQUEST, 1)
    assert row is not None
    body = enclosure.enclosed(row, by_code(code, fields), "utf-8")
    return FlowStepRequest(flow=begun.body.flow, factor="otp", factor_body=body)


def by_answer(code, fields):
    """To a question that was asked by a channel from which reasons are hidden."""
    bank = fields["bank"]
    hiding = replace(bank.channel, disclose=False)
    message = IssueOcraChallengeRequest(customer=fields["customer"])
    asked = bank.ask(T.ISSUE_OCRA_CHALLENGE, message, channel=hiding)
    assert asked.code is C.CHANGED
    return VerifyOcraRequest(challenge=asked.body.challenge, answer=SecretText(code))


PROOFS = {
    by_answer: T.VERIFY_OCRA,
    by_flow: T.FLOW_STEP,
    by_code: T.VERIFY_OTP,
    by_pin_and_code: T.VERIFY_PIN_OTP,
    by_wrong_pin_too: T.VERIFY_PIN_OTP,
    by_chap: T.VERIFY_CHAP,
    by_mschapv2: T.VERIFY_MSCHAPV2,
}


@pytest.fixture(params=PROOFS, ids=lambda proof: proof.__name__)
def proving(bank, request):
    """By which proof the cases below try their codes."""
    bank.proof = request.param
    return bank


def asked(bank, customer, code):
    fields = {"customer": customer, "reference": "PAY-1", "end_user_address": "203.0.113.9"}
    message = bank.proof(code, {**fields, "bank": bank})
    known = {name: value for name, value in fields.items() if hasattr(message, name)}
    message = msgspec.structs.replace(message, **known)
    return bank.request(PROOFS[bank.proof], message)


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
    transaction = PROOFS[bank.proof]
    answer = answer_of(channel, transaction, outcome)
    layout = registry.message_type(transaction, Kind.RESPONSE, 1)
    assert layout is not None
    body = msgspec.structs.replace(answer.body, entry_shard=0, entry_seq=0)
    if hasattr(body, "flow"):
        body = msgspec.structs.replace(body, flow="", expires_at=0)
    return answer.code, answer.retry_after_ms, registry.encode_body(layout, body, "utf-8")


def lived_in(bank, number):
    """A customer whose token was used an hour ago, from where the tries come."""
    if bank.proof is by_answer:
        return lived_in_with_questions(bank, number)
    held = bank.customer_with_token(number)
    if PROOFS[bank.proof] is T.VERIFY_PIN_OTP:
        pin = SetTokenPinRequest(customer=held.customer, token=held.serial, new_pin=SecretText(PIN))
        assert bank.ask(T.SET_TOKEN_PIN, pin).code is C.CHANGED
    known, bank.proof = bank.proof, by_code
    (first,) = bank.run(asked(bank, held.customer, held.code(bank.clock.now_ms())))
    bank.proof = known
    assert first.code is C.APPROVED
    bank.clock.advance(HOUR_MS)
    return held


def lived_in_with_questions(bank, number):
    held = bank.customer_with_token(number, "gm-sm3-6")
    (code,) = gm.gm_sm3_codes(held.seed, [bank.clock.now_ms() // 60_000], 6)
    message = VerifyOtpRequest(
        customer=held.customer, otp=SecretText(code), end_user_address="203.0.113.9"
    )
    assert bank.ask(T.VERIFY_OTP, message).code is C.APPROVED
    bank.clock.advance(HOUR_MS)
    return held


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nobody_outside_can_tell(proving, monkeypatch, case):
    bank = proving
    watched = Watched(monkeypatch)
    request, code = wrong_code(bank, lived_in(bank, 1))
    watched.run(bank, wrong_code(bank, lived_in(bank, 3))[0])  # whatever is made on first use
    outcome, operations, statements = watched.run(bank, request)
    assert outcome.code is code
    assert operations["compare_digest"] > 2
    other_request, other_code = case(bank, lived_in(bank, 2))
    other, other_operations, other_statements = watched.run(bank, other_request)
    assert other.code is other_code
    assert shown(bank, other) == shown(bank, outcome)
    assert shown(bank, other)[0] is C.DENIED
    assert other_operations == operations
    assert other_statements == statements


def test_a_channel_that_may_know_is_told(bank):
    bank.proof = by_code
    held = lived_in(bank, 1)
    (outcome,) = bank.run(locked(bank, held)[0])
    answer = answer_of(replace(bank.channel, disclose=True), T.VERIFY_OTP, outcome)
    assert (answer.code, answer.body.token) == (C.TOKEN_LOCKED, held.serial)


# FIX
