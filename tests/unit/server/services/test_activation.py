"""Tokens on mobile phones through the services: two halves, an activation code, a first code."""

from __future__ import annotations

from typing import Any

import pytest

from tigertally_client.mobile import seed_of
from tigertally_engines.otp.kernel import hotp
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.activation import (
    IssueActivationCodeRequest,
    StartActivationRequest,
)
from tigertally_protocol.messages.token import (
    ActivateTokenRequest,
    BindTokenRequest,
    QueryTokenRequest,
    TokenRequest,
)
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import TokenState, Transaction
from tigertally_testing.bank import Bank, memory_installation

T = Transaction
ABOUT: dict[str, Any] = {"customer": "C1", "token": "M1"}


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    bank = Bank(store, context, clock, entropy)
    bank.add_token("M1", token_id=1, seed=b"", overrides='{"throttle_base_ms": 0}')
    bank.ask(T.REGISTER_USER, RegisterUserRequest(customer="C1"))
    assert bank.ask(T.ASSIGN_TOKEN, TokenRequest(**ABOUT)).code is C.CHANGED
    return bank


def start(bank, **changes):
    return bank.ask(T.START_ACTIVATION, StartActivationRequest(**ABOUT, **changes))


def issue(bank):
    return bank.ask(T.ISSUE_ACTIVATION_CODE, IssueActivationCodeRequest(**ABOUT))


def halves(bank):
    uri = start(bank).body.uri.reveal()
    return uri, issue(bank).body.activation_code.reveal()


def activate(bank, activation_code, otp):
    message = ActivateTokenRequest(
        **ABOUT, otp=SecretText(otp), activation_code=SecretText(activation_code)
    )
    return bank.ask(T.ACTIVATE_TOKEN, message)


def shown(seed, now_ms):
    return hotp(seed, now_ms // 30_000, 6)


def verify(bank, otp):
    return bank.ask(T.VERIFY_OTP, VerifyOtpRequest(customer="C1", otp=SecretText(otp)))


def test_two_halves_a_code_and_the_token_works(bank, clock):
    uri, code = halves(bank)
    query = bank.ask(T.QUERY_TOKEN, QueryTokenRequest(**ABOUT)).body
    assert query.token_state == TokenState.ASSIGNED
    assert query.activation_until == clock.now_ms() + 86_400_000
    seed = seed_of(uri, code)
    assert verify(bank, shown(seed, clock.now_ms())).code is C.TOKEN_NOT_ACTIVATED
    outcome = activate(bank, code, shown(seed, clock.now_ms()))
    assert (outcome.code, outcome.body.token_state) == (C.CHANGED, TokenState.ACTIVE)
    assert verify(bank, shown(seed, clock.now_ms())).code is C.REPLAYED_CODE
    clock.advance(30_000)
    assert verify(bank, shown(seed, clock.now_ms())).code is C.APPROVED
    assert activate(bank, code, shown(seed, clock.now_ms())).code is C.NOTHING_TO_ACTIVATE
    assert bank.ask(T.QUERY_TOKEN, QueryTokenRequest(**ABOUT)).body.activation_until == 0


def test_hyphens_blanks_and_case_of_the_code_do_not_matter(bank, clock):
    uri, code = halves(bank)
    typed = "-".join(code[i : i + 4].lower() for i in range(0, 16, 4))
    assert activate(bank, typed, shown(seed_of(uri, typed), clock.now_ms())).code is C.CHANGED


def test_neither_half_suffices(bank, clock):
    """The server's half alone as a seed, as an ordinary app would take it; the code alone."""
    uri, code = halves(bank)
    now = clock.now_ms()
    half_alone = seed_of(uri, None)
    assert activate(bank, code, shown(half_alone, now)).code is C.WRONG_CODE
    assert activate(bank, code, shown(code.encode(), now)).code is C.WRONG_CODE
    assert activate(bank, "", shown(seed_of(uri, code), now)).code is C.WRONG_CODE


def test_wrong_activation_codes_end_the_activation(bank, clock):
    uri, code = halves(bank)
    otp = shown(seed_of(uri, code), clock.now_ms())
    wrong = [activate(bank, "ABCD" * 4, otp).code for _ in range(5)]
    assert wrong == [C.WRONG_CODE] * 5
    assert activate(bank, code, otp).code is C.ACTIVATION_ENDED
    uri, code = halves(bank)
    assert activate(bank, code, shown(seed_of(uri, code), clock.now_ms())).code is C.CHANGED


def test_too_late(bank, clock):
    assert start(bank, valid_s=3600).code is C.CHANGED
    uri = start(bank, valid_s=3600).body.uri.reveal()
    code = issue(bank).body.activation_code.reveal()
    clock.advance(3_600_000)
    late = activate(bank, code, shown(seed_of(uri, code), clock.now_ms()))
    assert late.code is C.ACTIVATION_ENDED
    assert start(bank, valid_s=8 * 86_400).code is C.BAD_FIELD


def test_the_code_comes_once_and_after_the_start(bank):
    assert issue(bank).code is C.ACTIVATION_ENDED
    assert start(bank).code is C.CHANGED
    assert issue(bank).code is C.CHANGED
    assert issue(bank).code is C.ACTIVATION_ENDED


def test_starting_again_ends_what_was_under_way(bank, clock):
    old_uri, old_code = halves(bank)
    uri, code = halves(bank)
    now = clock.now_ms()
    assert activate(bank, old_code, shown(seed_of(old_uri, old_code), now)).code is C.WRONG_CODE
    assert activate(bank, code, shown(seed_of(old_uri, code), now)).code is C.WRONG_CODE
    assert activate(bank, code, shown(seed_of(uri, code), now)).code is C.CHANGED


def test_twins_in_one_batch_activate_once(bank, clock):
    uri, code = halves(bank)
    message = ActivateTokenRequest(
        **ABOUT,
        otp=SecretText(shown(seed_of(uri, code), clock.now_ms())),
        activation_code=SecretText(code),
    )
    outcomes = bank.run(*(bank.request(T.ACTIVATE_TOKEN, message) for _ in range(20)))
    codes = [outcome.code for outcome in outcomes]
    assert (codes.count(C.CHANGED), codes.count(C.NOTHING_TO_ACTIVATE)) == (1, 19)


def test_unbound_the_telephone_is_worth_nothing(bank, clock):
    uri, code = halves(bank)
    seed = seed_of(uri, code)
    assert activate(bank, code, shown(seed, clock.now_ms())).code is C.CHANGED
    assert bank.ask(T.UNBIND_TOKEN, TokenRequest(**ABOUT)).code is C.CHANGED
    assert bank.store.tables.tokens[1].sealed_seed == b""
    assert bank.ask(T.BIND_TOKEN, BindTokenRequest(**ABOUT)).code is C.TOKEN_NOT_ACTIVATED
    assert bank.ask(T.ASSIGN_TOKEN, TokenRequest(**ABOUT)).code is C.CHANGED
    uri, code = halves(bank)
    clock.advance(60_000)
    assert activate(bank, code, shown(seed, clock.now_ms())).code is C.WRONG_CODE


def test_a_hardware_token_keeps_its_seed(bank):
    bank.add_token("H1", token_id=2)
    about: dict[str, Any] = {"customer": "C1", "token": "H1"}
    assert bank.ask(T.ASSIGN_TOKEN, TokenRequest(**about)).code is C.CHANGED
    refused = bank.ask(T.START_ACTIVATION, StartActivationRequest(**about))
    assert refused.code is C.METHOD_NOT_OF_TOKEN


def test_a_token_in_use_is_not_started_again(bank, clock):
    uri, code = halves(bank)
    activate(bank, code, shown(seed_of(uri, code), clock.now_ms()))
    assert start(bank).code is C.NOTHING_TO_ACTIVATE
