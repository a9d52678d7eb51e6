"""The table of factors is complete and points at the right services; and each factor, real, is the
same inside a flow as outside: it approves, is used up, fails and locks alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tigertally_engines.flow.expression import NAME_MAX, parse
from tigertally_engines.otp import chap, questions
from tigertally_engines.otp.kernel import cell_codes
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.sms.parameters import SmsParameters
from tigertally_protocol import enclosure
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.activation import IssueEmergencyCodeRequest
from tigertally_protocol.messages.card import AskCardRequest
from tigertally_protocol.messages.flow import FACTOR_BODY, BeginOwnFlowRequest, FlowStepRequest
from tigertally_protocol.messages.ocra import IssueOcraChallengeRequest
from tigertally_protocol.messages.password import SetPasswordRequest
from tigertally_protocol.messages.proof import SetTokenPinRequest
from tigertally_protocol.messages.token import TokenRequest
from tigertally_protocol.messages.transaction_verification import (
    BeginTransactionRequest,
    ConfirmByServiceRequest,
)
from tigertally_protocol.registry import MESSAGES
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import FACTORS as WIRE
from tigertally_protocol.transactions import FlowState, Kind, PasswordKind, Transaction
from tigertally_server.domain.administration import PutPasswordPolicy, PutTokenType
from tigertally_server.domain.challenge import ChallengeState
from tigertally_server.services.factors import FACTORS
from tigertally_server.services.table import SERVICES
from tigertally_testing.bank import Bank, memory_installation
from tigertally_testing.handset import NO_LIMITS, PAYMENT, Handset, sending

T = Transaction
CUSTOMER, WRONG = "C000001", "000000"
PAUSE_MS = 5_000  # longer than the delays after failures that can't be switched off
CHALLENGE, PEER = bytes(range(16)), bytes(range(16, 32))
CARD = {"algorithm": "card-matrix", "card_rows": 20, "card_columns": 1, "throttle_base_ms": 0}
OCRA = {"algorithm": "ocra", "ocra_suite": "OCRA-1:HOTP-SHA256-8:QN08", "throttle_base_ms": 0}


# ---------------------------------------------------------------- the table


def test_every_verifying_transaction_is_a_factor():
    verbs = ("VERIFY_", "COMPLETE_")
    verifying = {code for code in SERVICES if code in set(T) and T(code).name.startswith(verbs)}
    # What the crypto engine verifies for channels is their own data, no customer's factor.
    verifying -= {T.VERIFY_MAC, T.VERIFY_PIN}
    assert {factor.transaction for factor in FACTORS.values()} == verifying


def test_the_wire_names_the_same_factors():
    assert {name: factor.transaction for name, factor in FACTORS.items()} == WIRE


@pytest.mark.parametrize("name", FACTORS)
def test_a_row_is_the_transactions_own_service(name):
    factor = FACTORS[name]
    service = SERVICES[factor.transaction]
    assert (factor.needs, factor.decide) == (service.needs, service.decide)
    assert (factor.required, factor.slow_part) == (service.required, service.slow_part)
    row = MESSAGES[factor.transaction, Kind.REQUEST, 1]
    settled = {"institution", "customer", "reference", "end_user_address", *factor.fixed}
    assert settled <= set(row.cls.__struct_fields__)
    assert row.body_size <= FACTOR_BODY


def test_the_page_of_methods_names_them_all():
    page = (Path(__file__).parents[4] / "docs" / "METHODS.md").read_text("utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.count("|") == 8]
    named = {name for row in rows for name in re.findall(r"`([a-z0-9-]+)`", row[2])}
    assert named == set(FACTORS)
    for word in re.findall(r"\b[A-Z]+_[A-Z_0-9]+\b", page):
        assert word in Transaction.__members__, word


def test_every_name_can_stand_in_an_expression():
    known = {name: factor.proves for name, factor in FACTORS.items()}
    for name in FACTORS:
        assert len(name) <= NAME_MAX
        assert parse(f"any({name}, {name})", known).needed == 1


def test_states_are_the_same_numbers_on_the_wire_and_in_the_row():
    named = {"SATISFIED": "USED"}
    for state in FlowState:
        if state:
            assert ChallengeState[named.get(state.name, state.name)].value == state.value


# ---------------------------------------------------------------- each of them, real

Fields = dict[str, Any]


@dataclass
class Way:
    """How a customer proves a factor: fields of its own request, right and wrong."""

    right: Fields
    wrong: Callable[[int], Fields]  # of the so manieth try
    once: bool = True  # the right proof is good for one approval


def otp(bank, held):
    right = {"otp": SecretText(held.code(bank.clock.now_ms()))}
    return Way(right, lambda _: {"otp": SecretText(WRONG)})


def pin_otp(bank, held):
    message = SetTokenPinRequest(customer=CUSTOMER, token=held.serial, new_pin=SecretText("2580"))
    assert bank.ask(T.SET_TOKEN_PIN, message).code is C.CHANGED
    code = {"otp": SecretText(held.code(bank.clock.now_ms()))}
    return Way({**code, "pin": SecretText("2580")}, lambda _: {**code, "pin": SecretText("2581")})


def mschapv2(bank, held):
    """Each try needs another challenge."""
    exchange = chap.Exchange(CUSTOMER, CHALLENGE, PEER)
    response = chap.nt_response(chap.challenge_hash(exchange), held.code(bank.clock.now_ms()))
    right = {
        "authenticator_challenge": CHALLENGE,
        "peer_challenge": PEER,
        "nt_response": response,
    }
    return Way(right, lambda n: {"authenticator_challenge": n.to_bytes(16, "big")})


def chap_way(bank, held):
    response = chap.chap_response(7, held.code(bank.clock.now_ms()), CHALLENGE)
    right = {"identifier": 7, "authenticator_challenge": CHALLENGE, "chap_response": response}
    return Way(right, lambda n: {"authenticator_challenge": n.to_bytes(16, "big")})


def ocra(bank, held):
    """A question dies of wrong answers sooner than its token locks, so each try asks again."""
    parameters = bank.context.snapshot.token_types["ocra"]

    def asked():
        return bank.ask(T.ISSUE_OCRA_CHALLENGE, IssueOcraChallengeRequest(customer=CUSTOMER)).body

    question = asked()
    inputs = Inputs(question.question, b"", b"")
    answer = questions.codes(parameters, held.seed, inputs, [Moment(0, None)])[0]
    return Way(
        {"challenge": question.challenge, "answer": SecretText(answer)},
        lambda _: {"challenge": asked().challenge, "answer": SecretText("00000000")},
    )


def card_way(bank, held):
    """As for `ocra`; asked again, it is about the same cells."""

    def asked():
        return bank.ask(T.ASK_CARD, AskCardRequest(customer=CUSTOMER)).body

    question = asked()
    cells = [ord(name[0]) - ord("A") for name in question.cells.split(",")]
    answer = "".join(cell_codes(held.seed, cells, question.cell_digits))
    off = SecretText("0" * len(answer))
    return Way(
        {"challenge": question.challenge, "answer": SecretText(answer)},
        lambda _: {"challenge": asked().challenge, "answer": off},
    )


def emergency(bank, held):
    lost = TokenRequest(customer=CUSTOMER, token=held.serial, reason="gone")
    assert bank.ask(T.REPORT_LOSS, lost).code is C.CHANGED
    message = IssueEmergencyCodeRequest(customer=CUSTOMER, token=held.serial, uses=1)
    issued = bank.ask(T.ISSUE_EMERGENCY_CODE, message)
    assert issued.code is C.CHANGED, issued
    return Way({"otp": issued.body.emergency_code}, lambda _: {"otp": SecretText(WRONG)})


def sms(bank, held):
    """A code dies of wrong tries sooner than the phone locks, so each try has one of its own."""
    rules = SmsParameters(resend_s=0, throttle_base_ms=0)
    sending(bank, limits=NO_LIMITS, parameters=rules)
    phone = Handset(bank)
    assert phone.bind().code is C.CHANGED

    named = {**PAYMENT, "challenge": phone.send(**PAYMENT).body.challenge}
    code = phone.code()
    off = f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"

    def wrong(_):
        answer = phone.send(**PAYMENT).body
        again = {"challenge": answer.challenge} if answer.challenge else {}
        return {**named, **again, "otp": SecretText(off)}

    return Way({**named, "otp": SecretText(code)}, wrong)


def sms_mschapv2(bank, held):
    way = sms(bank, held)
    code = way.right.pop("otp").reveal()
    exchange = chap.Exchange("user", CHALLENGE, PEER)
    asked = {"user_name": "user", "authenticator_challenge": CHALLENGE, "peer_challenge": PEER}
    response = chap.nt_response(chap.challenge_hash(exchange), code)

    def wrong(number):
        fields = way.wrong(number)
        del fields["otp"]
        return fields | asked

    return Way({**way.right, **asked, "nt_response": response}, wrong)


def verification(bank, method):
    """A payment whose text was composed; the fields of its completion but for the proof."""
    order: dict[str, Any] = {
        "act": "payment",
        "currency": "CNY",
        "sum": "100.00",
        "payee": "6222020200012345",
        "payee_name": "王小明",
    }
    message = BeginTransactionRequest(customer=CUSTOMER, method=method, **order)
    begun = bank.ask(T.BEGIN_TRANSACTION_VERIFICATION, message)
    assert begun.code is C.CHANGED, begun
    named = {**order, "method": method, "verification": begun.body.verification}
    return begun.body, named


def confirm_sms(bank, held):
    rules = SmsParameters(resend_s=0, throttle_base_ms=0)
    sending(bank, limits=NO_LIMITS, parameters=rules)
    phone = Handset(bank)
    assert phone.bind().code is C.CHANGED
    _, named = verification(bank, "sms")
    code = phone.code()
    off = SecretText(f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}")

    def wrong(_):
        try:
            again = verification(bank, "sms")[1]
        except AssertionError:
            again = named
        return {**again, "proof": off}

    return Way({**named, "proof": SecretText(code)}, wrong)


def confirm_ocra(bank, held):
    begun, named = verification(bank, "ocra")
    parameters = bank.context.snapshot.token_types["ocra"]
    inputs = Inputs(begun.question, b"", b"")
    answer = questions.codes(parameters, held.seed, inputs, [Moment(0, None)])[0]

    def wrong(_):
        try:
            again = verification(bank, "ocra")[1]
        except AssertionError:
            again = named
        return {**again, "proof": SecretText("00000000")}

    return Way({**named, "proof": SecretText(answer)}, wrong)


def service(bank, held):
    begun, named = verification(bank, "service")
    message = ConfirmByServiceRequest(
        customer=CUSTOMER,
        verification=begun.verification,
        verdict="confirm",
        operator="desk-7",
        text_digest=begun.text_digest,
    )
    assert bank.ask(T.CONFIRM_BY_SERVICE, message).code is C.CHANGED
    return Way(named, lambda _: {**named, "sum": "200.00"})


def secret(kind, good, bad):
    def way(bank, held):
        message = SetPasswordRequest(
            customer=CUSTOMER, kind=kind, operator="clerk", password=SecretText(good)
        )
        assert bank.ask(T.SET_PASSWORD, message).code is C.CHANGED
        right = {"password": SecretText(good)}
        return Way(right, lambda _: {"password": SecretText(bad)}, once=False)

    return way


WAYS = {
    "otp": otp,
    "pin-otp": pin_otp,
    "mschapv2": mschapv2,
    "chap": chap_way,
    "ocra": ocra,
    "card": card_way,
    "emergency": emergency,
    "sms": sms,
    "sms-mschapv2": sms_mschapv2,
    "confirm-sms": confirm_sms,
    "confirm-ocra": confirm_ocra,
    "service": service,
    "password": secret(PasswordKind.PASSWORD, "kX7#mw9Q", "kX7#mw9R"),
    "pin": secret(PasswordKind.PIN, "392714", "392715"),
}
TYPES = {"ocra": "ocra", "confirm-ocra": "ocra", "card": "card"}
# Nobody guesses a clerk's word: there is nothing to count.
UNCOUNTED = {"service"}


def test_there_is_a_way_for_each():
    assert WAYS.keys() == FACTORS.keys()


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    made = Bank(store, context, clock, entropy)
    made.add_channel(1)
    made.operate(PutTokenType("ocra", json.dumps(OCRA)), PutTokenType("card", json.dumps(CARD)))
    for name in ("password", "pin"):
        relaxed = json.dumps({"throttle_base_ms": 0, "scheme": "keyed"})
        made.operate(PutPasswordPolicy(name, relaxed))
    made.reload()
    return made


@pytest.fixture
def held(bank, name):
    type_name = TYPES.get(name, "totp-6")
    return bank.customer_with_token(1, type_name, overrides='{"throttle_base_ms": 0}')


def begin(bank, expression, **fields):
    message = BeginOwnFlowRequest(customer=CUSTOMER, expression=expression, **fields)
    outcome = bank.ask(T.BEGIN_OWN_FLOW, message)
    assert outcome.code is C.CHANGED, outcome
    return outcome.body.flow


def inside(bank, flow, name, fields):
    row = MESSAGES[FACTORS[name].transaction, Kind.REQUEST, 1]
    message = FlowStepRequest(
        customer=CUSTOMER,
        flow=flow,
        factor=name,
        factor_body=enclosure.enclosed(row, row.cls(**fields), "utf-8"),
    )
    return bank.ask(T.FLOW_STEP, message)


def outside(bank, name, fields):
    factor = FACTORS[name]
    row = MESSAGES[factor.transaction, Kind.REQUEST, 1]
    return bank.ask(factor.transaction, row.cls(customer=CUSTOMER, **{**fields, **factor.fixed}))


@pytest.mark.parametrize("name", FACTORS)
def test_a_right_proof_satisfies_and_is_used_up(bank, name, held):
    way = WAYS[name](bank, held)
    flow = begin(bank, name)
    outcome = inside(bank, flow, name, way.right)
    assert (outcome.code, outcome.body.factor_result) == (C.APPROVED, C.APPROVED)
    assert outcome.body.factor_transaction == FACTORS[name].transaction
    after = outside(bank, name, way.right)
    assert (after.code is C.APPROVED) is not way.once
    again = inside(bank, begin(bank, name), name, way.right)
    assert (again.code is C.APPROVED) is not way.once


@pytest.mark.parametrize("name", FACTORS)
def test_what_was_used_outside_is_used_up_inside(bank, name, held):
    way = WAYS[name](bank, held)
    flow = begin(bank, name)
    assert outside(bank, name, way.right).code is C.APPROVED
    assert (inside(bank, flow, name, way.right).code is C.APPROVED) is not way.once


@pytest.mark.parametrize("name", sorted(FACTORS.keys() - UNCOUNTED))
def test_wrong_tries_inside_and_outside_are_counted_together_and_lock(bank, name, held):
    """As often as outside alone; then the flow, which can't be completed any more, fails."""
    way = WAYS[name](bank, held)
    flow = begin(bank, name, deadline_s=300)
    left = []
    for number in range(1, 20):
        bank.clock.advance(PAUSE_MS)
        wrong = way.wrong(number)
        outcome = outside(bank, name, wrong) if number % 2 else inside(bank, flow, name, wrong)
        left.append(outcome.body.remaining_tries)
        if outcome.code is C.FLOW_FAILED:
            break
    assert outcome.code is C.FLOW_FAILED, left
    assert left == sorted(left, reverse=True)
    assert outcome.body.flow_state == FlowState.FAILED
    assert outside(bank, name, way.right).code is not C.APPROVED, "locked outside, too"


@pytest.mark.parametrize("name", ["otp"])
def test_several_real_factors_together(bank, name, held):
    flow = begin(bank, "order(password, all(otp, any(sms, pin)))", reference="PAY-9")
    ways = {each: WAYS[each](bank, held) for each in ("otp", "password", "sms", "pin")}
    early = inside(bank, flow, "otp", ways["otp"].right)
    assert (early.code, early.body.wanted) == (C.FACTOR_NOT_WANTED, "password")
    first = inside(bank, flow, "password", ways["password"].right)
    assert (first.code, first.body.wanted) == (C.CHANGED, "otp,sms,pin")
    second = inside(bank, flow, "sms", ways["sms"].right)
    assert (second.code, second.body.wanted) == (C.CHANGED, "otp")
    assert inside(bank, flow, "pin", ways["pin"].right).code is C.FACTOR_NOT_WANTED
    last = inside(bank, flow, "otp", ways["otp"].right)
    assert (last.code, last.body.proven) == (C.APPROVED, "password,otp,sms")


@pytest.mark.parametrize("name", ["service"])
def test_waiting_for_customer_service_costs_no_try(bank, name, held):
    begun, named = verification(bank, "service")
    flow = begin(bank, name)
    for _ in range(15):
        waiting = inside(bank, flow, name, named)
        assert waiting.code is C.NOT_CONFIRMED_YET
        assert waiting.body.flow_state == FlowState.OPEN
    other = inside(bank, flow, name, {**named, "payee": "6222020200099999"})
    assert other.code is C.TEXT_DIFFERS
    message = ConfirmByServiceRequest(
        customer=CUSTOMER,
        verification=begun.verification,
        verdict="confirm",
        operator="desk-7",
        text_digest=begun.text_digest,
    )
    assert bank.ask(T.CONFIRM_BY_SERVICE, message).code is C.CHANGED
    last = inside(bank, flow, name, named)
    assert (last.code, last.body.text_digest) == (C.APPROVED, begun.text_digest)


@pytest.mark.parametrize("name", ["mschapv2"])
def test_the_peer_gets_its_proof_through_the_flow(bank, name, held):
    way = mschapv2(bank, held)
    outcome = inside(bank, begin(bank, name), name, way.right)
    assert outcome.body.authenticator_response.startswith("S=")


@pytest.mark.parametrize("name", ["otp"])
def test_names_of_one_thing_do_not_make_two_factors(bank, name, held):
    for expression in ("all(otp, chap)", "order(pin-otp, ocra)", "2 of (sms, sms-mschapv2, otp)"):
        message = BeginOwnFlowRequest(customer=CUSTOMER, expression=expression)
        assert bank.ask(T.BEGIN_OWN_FLOW, message).code is C.BAD_FIELD
    begin(bank, "any(otp, chap, ocra)")


@pytest.mark.parametrize("name", ["otp"])
def test_a_slow_part_is_done_before_as_outside(bank, name, held):
    secret(PasswordKind.PASSWORD, "kX7#mw9Q", "x")(bank, held)
    bank.operate(PutPasswordPolicy("password", json.dumps({"scheme": "argon2id-8"})))
    bank.reload()
    row = MESSAGES[T.VERIFY_PASSWORD, Kind.REQUEST, 1]
    flow = begin(bank, "password")
    fields = {"password": SecretText("kX7#mw9Q")}
    message = FlowStepRequest(
        customer=CUSTOMER,
        flow=flow,
        factor="password",
        factor_body=enclosure.enclosed(row, row.cls(**fields), "utf-8"),
    )
    request = bank.request(T.FLOW_STEP, message)
    slow = SERVICES[T.FLOW_STEP].slow_part
    assert slow is not None
    work = slow(request, bank.context)
    own = bank.request(T.VERIFY_PASSWORD, row.cls(customer=CUSTOMER, **fields))
    outside_slow = SERVICES[T.VERIFY_PASSWORD].slow_part
    assert outside_slow is not None
    expected = outside_slow(own, bank.context)
    assert (work is None) == (expected is None)
    assert work is not None
    assert bank.run(msgspec.structs.replace(request, prepared=work()))[0].code is C.APPROVED
