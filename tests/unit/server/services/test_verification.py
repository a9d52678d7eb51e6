"""Verification through the real services and the in-memory store."""

from __future__ import annotations

import pytest

from tigertally_engines.otp.state import LOCKED_FOR_EVER_MS
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.query import CancelSerialRequest, QueryReferenceRequest
from tigertally_protocol.messages.token import ResyncTokenRequest, TokenRequest
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import TokenState, Transaction
from tigertally_testing.bank import Bank, memory_installation


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    return Bank(store, context, clock, entropy)


def test_right_code_is_approved_once(bank, clock):
    held = bank.customer_with_token(1)
    code = held.code(clock.now_ms())
    first = bank.verify(held, code)
    assert first.code is ResponseCode.APPROVED
    assert (first.body.token, first.body.token_state) == (held.serial, TokenState.ACTIVE)
    again = bank.verify(held, code)
    assert again.code is ResponseCode.REPLAYED_CODE
    assert again.body.remaining_tries == first.body.remaining_tries


def test_same_serial_gets_the_first_answer(bank, clock):
    held = bank.customer_with_token(1)
    request = bank.verification(held, held.code(clock.now_ms()))
    assert bank.run(request) == bank.run(request)
    assert bank.run(request)[0].code is ResponseCode.APPROVED


def test_same_serial_other_content_conflicts(bank, clock):
    held = bank.customer_with_token(1)
    serial = bank.next_serial()
    assert bank.verify(held, held.code(clock.now_ms()), serial).code is ResponseCode.APPROVED
    assert bank.verify(held, "000000", serial).code is ResponseCode.SERIAL_CONFLICT


def test_twins_in_one_batch(bank, clock):
    held = bank.customer_with_token(1)
    code = held.code(clock.now_ms())
    outcomes = bank.run(*(bank.verification(held, code) for _ in range(50)))
    codes = [outcome.code for outcome in outcomes]
    assert codes.count(ResponseCode.APPROVED) == 1
    assert codes.count(ResponseCode.REPLAYED_CODE) == 49


def test_wrong_codes_lock_and_unlock_opens(bank, clock):
    held = bank.customer_with_token(1, overrides='{"throttle_base_ms": 0}')
    wrong = f"{(int(held.code(clock.now_ms())) + 500_000) % 1_000_000:06d}"
    answers = [bank.verify(held, wrong) for _ in range(6)]
    assert [a.code for a in answers] == [ResponseCode.WRONG_CODE] * 5 + [ResponseCode.TOKEN_LOCKED]
    assert [a.body.remaining_tries for a in answers] == [4, 3, 2, 1, 0, 0]
    assert answers[-1].body.token_state == TokenState.LOCKED
    unlocked = bank.ask(
        Transaction.UNLOCK_TOKEN, TokenRequest(customer=held.customer, token=held.serial)
    )
    assert unlocked.code is ResponseCode.CHANGED
    assert bank.verify(held, held.code(clock.now_ms())).code is ResponseCode.APPROVED


@pytest.mark.parametrize(
    ("transaction", "message", "blank"),
    [
        (Transaction.VERIFY_OTP, VerifyOtpRequest(otp=SecretText("123456")), "customer"),
        (Transaction.VERIFY_OTP, VerifyOtpRequest(customer="C1"), "otp"),
        (Transaction.DISABLE_TOKEN, TokenRequest(customer="C1"), "token"),
        (Transaction.REGISTER_USER, RegisterUserRequest(), "customer"),
        (Transaction.QUERY_REFERENCE, QueryReferenceRequest(), "reference"),
        (Transaction.CANCEL_SERIAL, CancelSerialRequest(), "serial"),
    ],
)
def test_blank_where_a_value_is_needed(bank, transaction, message, blank):
    outcome = bank.ask(transaction, message)
    assert (outcome.code, outcome.detail, outcome.seq) == (ResponseCode.BAD_FIELD, blank, -1)


def from_address(bank, held, code, address):
    return asked_from(bank, held, code, address).code


def asked_from(bank, held, code, address):
    message = VerifyOtpRequest(
        customer=held.customer, otp=SecretText(code), end_user_address=address
    )
    return bank.ask(Transaction.VERIFY_OTP, message)


def resynced(bank, held, *codes):
    otp_1, otp_2 = map(SecretText, codes)
    message = ResyncTokenRequest(
        customer=held.customer, token=held.serial, otp_1=otp_1, otp_2=otp_2
    )
    return bank.ask(Transaction.RESYNC_TOKEN, message)


HOME, ELSEWHERE = "198.51.100.7", "203.0.113.9"
SHORT = '{"throttle_base_ms": 0, "max_failures": 4, "failure_ceiling": 5}'


@pytest.fixture
def guessed(bank, clock):
    """A token that was verified at home and then missed three times elsewhere; a wrong code."""
    held = bank.customer_with_token(1, overrides=SHORT)
    assert from_address(bank, held, held.code(clock.now_ms()), HOME) is ResponseCode.APPROVED
    clock.advance(60_000)
    wrong = f"{(int(held.code(clock.now_ms())) + 500_000) % 1_000_000:06d}"
    for _ in range(3):
        assert from_address(bank, held, wrong, ELSEWHERE) is ResponseCode.WRONG_CODE
    return held, wrong


def test_tries_left_are_told_as_whoever_tried_finds_them(bank, guessed):
    held, wrong = guessed
    at_home = asked_from(bank, held, wrong, HOME).body
    assert (at_home.remaining_tries, at_home.locked_until) == (1, 0)
    last = asked_from(bank, held, wrong, HOME)
    assert last.code is ResponseCode.WRONG_CODE
    assert (last.body.remaining_tries, last.body.locked_until) == (0, LOCKED_FOR_EVER_MS)
    assert last.body.token_state == TokenState.LOCKED


def test_failed_resynchronisations_count_towards_the_common_end(bank, guessed):
    held, wrong = guessed
    tries = [resynced(bank, held, wrong, wrong) for _ in range(3)]
    assert [t.code for t in tries] == [ResponseCode.RESYNC_FAILED] * 2 + [ResponseCode.TOKEN_LOCKED]
    assert [t.body.remaining_tries for t in tries] == [1, 0, 0]
    assert tries[-1].body.locked_until == LOCKED_FOR_EVER_MS


def test_a_resynchronisation_is_a_success_like_any_other(bank, clock, guessed):
    held, wrong = guessed
    now_ms = clock.now_ms()
    done = resynced(bank, held, held.code(now_ms), held.code(now_ms + 30_000))
    assert done.code is ResponseCode.CHANGED
    assert asked_from(bank, held, wrong, HOME).body.remaining_tries == 3


def test_a_stranger_s_guesses_do_not_lock_out_the_customer(bank, clock):
    held = bank.customer_with_token(1)
    home, elsewhere = HOME, ELSEWHERE
    assert from_address(bank, held, held.code(clock.now_ms()), home) is ResponseCode.APPROVED
    results = []
    for _ in range(6):
        clock.advance(60_000)
        wrong = f"{(int(held.code(clock.now_ms())) + 500_000) % 1_000_000:06d}"
        results.append(from_address(bank, held, wrong, elsewhere))
    assert results == [ResponseCode.WRONG_CODE] * 5 + [ResponseCode.TOKEN_LOCKED]
    assert from_address(bank, held, held.code(clock.now_ms()), home) is ResponseCode.APPROVED
    clock.advance(60_000)
    good = held.code(clock.now_ms())
    assert from_address(bank, held, good, elsewhere) is ResponseCode.TOKEN_LOCKED
    unlock = TokenRequest(customer=held.customer, token=held.serial)
    assert bank.ask(Transaction.UNLOCK_TOKEN, unlock).code is ResponseCode.CHANGED
    assert from_address(bank, held, good, elsewhere) is ResponseCode.APPROVED


def test_a_new_owner_inherits_no_familiar_address(bank, clock):
    held = bank.customer_with_token(1)
    home = "198.51.100.7"
    assert from_address(bank, held, held.code(clock.now_ms()), home) is ResponseCode.APPROVED
    named = TokenRequest(customer=held.customer, token=held.serial)
    assert bank.ask(Transaction.UNBIND_TOKEN, named).code is ResponseCode.CHANGED
    assert bank.store.tables.tokens[1].extra == b""
