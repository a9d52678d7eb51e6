"""PIN and OTP, MS-CHAPv2 and CHAP through the real services and the in-memory store."""

from __future__ import annotations

import pytest

from tigertally_engines.otp import chap
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.proof import (
    SetTokenPinRequest,
    VerifyChapRequest,
    VerifyMschapv2Request,
    VerifyPinOtpRequest,
)
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_testing.bank import Bank, HeldToken, memory_installation

T = Transaction
UNTHROTTLED = '{"throttle_base_ms": 0}'
CHALLENGE, PEER = bytes(range(16)), bytes(range(16, 32))


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    return Bank(store, context, clock, entropy)


@pytest.fixture
def held(bank):
    return bank.customer_with_token(1, overrides=UNTHROTTLED)


def wrong(code: str) -> str:
    return f"{(int(code) + 500_000) % 1_000_000:06}"


# ---- PIN and OTP


def set_pin(bank: Bank, held: HeldToken, pin: str, old: str = "", **fields):
    message = SetTokenPinRequest(
        customer=held.customer,
        token=held.serial,
        pin=SecretText(old),
        new_pin=SecretText(pin),
        **fields,
    )
    return bank.ask(T.SET_TOKEN_PIN, message)


def pin_request(bank: Bank, held: HeldToken, pin: str, code: str):
    message = VerifyPinOtpRequest(customer=held.customer, pin=SecretText(pin), otp=SecretText(code))
    return bank.request(T.VERIFY_PIN_OTP, message)


def verify_pin(bank: Bank, held: HeldToken, pin: str, code: str):
    return bank.run(pin_request(bank, held, pin, code))[0]


def test_both_or_neither(bank, clock, held):
    code = held.code(clock.now_ms())
    assert set_pin(bank, held, "2580").code is C.CHANGED
    for pin, otp in (("2581", code), ("2580", wrong(code)), ("2581", wrong(code))):
        outcome = verify_pin(bank, held, pin, otp)
        assert outcome.code is C.WRONG_CODE
    assert outcome.body.remaining_tries == 2
    assert verify_pin(bank, held, "2580", code).code is C.APPROVED


def test_what_is_wrong_is_not_told(bank, clock):
    """The same answer, and the same rows afterwards, whichever part is wrong."""
    seen = []
    for number, (pin, off) in enumerate((("9999", 0), ("2580", 1), ("9999", 1)), start=1):
        held = bank.customer_with_token(number, overrides=UNTHROTTLED)
        set_pin(bank, held, "2580")
        code = held.code(clock.now_ms())
        outcome = verify_pin(bank, held, pin, wrong(code) if off else code)
        token = bank.store.tables.tokens[number]
        body = outcome.body
        seen.append(
            (outcome.code, body.remaining_tries, body.token_state, body.locked_until, token.otp)
        )
    assert seen[0] == seen[1] == seen[2]


def test_a_used_code_is_no_way_to_try_pins(bank, clock, held):
    set_pin(bank, held, "2580")
    code = held.code(clock.now_ms())
    assert verify_pin(bank, held, "2580", code).code is C.APPROVED
    for pin in ("9999", "2580"):
        outcome = verify_pin(bank, held, pin, code)
        assert outcome.code is C.WRONG_CODE
    assert outcome.body.remaining_tries == 3


def test_twins_with_pin(bank, clock, held):
    set_pin(bank, held, "2580")
    code = held.code(clock.now_ms())
    requests = [pin_request(bank, held, "2580", code) for _ in range(4)]
    codes = [outcome.code for outcome in bank.run(*requests)]
    assert codes == [C.APPROVED] + [C.WRONG_CODE] * 3


def test_without_a_pin(bank, clock, held):
    outcome = verify_pin(bank, held, "2580", held.code(clock.now_ms()))
    assert outcome.code is C.TOKEN_PIN_NOT_SET


def test_a_lock_holds_for_both(bank, clock, held):
    set_pin(bank, held, "2580")
    code = held.code(clock.now_ms())
    codes = [verify_pin(bank, held, "9999", code).code for _ in range(6)]
    assert codes == [C.WRONG_CODE] * 5 + [C.TOKEN_LOCKED]
    assert verify_pin(bank, held, "2580", code).code is C.TOKEN_LOCKED
    assert bank.verify(held, code).code is C.TOKEN_LOCKED


@pytest.mark.parametrize("pin", ["123", "1234", "1111", "9876", "2525", "135791"])
def test_weak_pins(bank, held, pin):
    assert set_pin(bank, held, pin).code is C.TOKEN_PIN_TOO_WEAK


def test_changing_a_pin(bank, clock, held):
    assert set_pin(bank, held, "2580").code is C.CHANGED
    assert set_pin(bank, held, "7412").code is C.BAD_FIELD
    assert set_pin(bank, held, "7412", "9999").code is C.WRONG_CODE
    assert set_pin(bank, held, "7412", "2580").code is C.CHANGED
    assert verify_pin(bank, held, "2580", held.code(clock.now_ms())).code is C.WRONG_CODE
    assert verify_pin(bank, held, "7412", held.code(clock.now_ms())).code is C.APPROVED
    assert set_pin(bank, held, "2580", operator="teller7").code is C.CHANGED


def test_the_old_pin_can_not_be_searched(bank, held):
    set_pin(bank, held, "2580")
    codes = [set_pin(bank, held, "7412", "9999").code for _ in range(6)]
    assert codes == [C.WRONG_CODE] * 5 + [C.TOKEN_LOCKED]
    assert set_pin(bank, held, "7412", "2580").code is C.TOKEN_LOCKED


def test_no_pin_lies_about(bank, held):
    set_pin(bank, held, "2580")
    (row,) = bank.store.tables.credentials.values()
    assert b"2580" not in row.sealed
    assert "2580" not in repr(row)


# ---- MS-CHAPv2


def mschap(held: HeldToken, code: str, challenge: bytes = CHALLENGE, **fields):
    exchange = chap.Exchange(fields.get("user_name") or held.customer, challenge, PEER)
    response = chap.nt_response(chap.challenge_hash(exchange), code)
    return VerifyMschapv2Request(
        customer=held.customer,
        authenticator_challenge=challenge,
        peer_challenge=PEER,
        nt_response=response,
        **fields,
    )


@pytest.mark.parametrize("user_name", ["", "zhang.san", "张三"])
def test_mschapv2(bank, clock, held, user_name):
    code = held.code(clock.now_ms())
    message = mschap(held, code, user_name=user_name)
    outcome = bank.ask(T.VERIFY_MSCHAPV2, message)
    exchange = chap.Exchange(user_name or held.customer, CHALLENGE, PEER)
    assert outcome.code is C.APPROVED
    expected = chap.authenticator_response(exchange, code, message.nt_response)
    assert outcome.body.authenticator_response == expected
    assert bank.verify(held, code).code is C.REPLAYED_CODE


def test_mschapv2_of_a_wrong_code_proves_nothing(bank, clock, held):
    message = mschap(held, wrong(held.code(clock.now_ms())))
    outcome = bank.ask(T.VERIFY_MSCHAPV2, message)
    assert (outcome.code, outcome.body.authenticator_response) == (C.WRONG_CODE, "")
    assert outcome.body.remaining_tries == 4


def test_mschapv2_finds_the_code_in_the_window(bank, clock, held):
    message = mschap(held, held.code(clock.now_ms() + 30_000))
    assert bank.ask(T.VERIFY_MSCHAPV2, message).code is C.APPROVED
    used = mschap(held, held.code(clock.now_ms()), challenge=PEER)
    assert bank.ask(T.VERIFY_MSCHAPV2, used).code is C.REPLAYED_CODE


# ---- CHAP


def chap_message(held: HeldToken, code: str, challenge: bytes = CHALLENGE) -> VerifyChapRequest:
    return VerifyChapRequest(
        customer=held.customer,
        identifier=200,
        authenticator_challenge=challenge,
        chap_response=chap.chap_response(200, code, challenge),
    )


def test_chap(bank, clock, held):
    code = held.code(clock.now_ms())
    assert bank.ask(T.VERIFY_CHAP, chap_message(held, wrong(code), PEER)).code is C.WRONG_CODE
    assert bank.ask(T.VERIFY_CHAP, chap_message(held, code)).code is C.APPROVED
    plain = VerifyOtpRequest(customer=held.customer, otp=SecretText(code))
    assert bank.ask(T.VERIFY_OTP, plain).code is C.REPLAYED_CODE


# ---- a challenge is used once


def test_a_challenge_is_used_once_right_or_wrong(bank, clock, held):
    code = held.code(clock.now_ms())
    assert bank.ask(T.VERIFY_CHAP, chap_message(held, wrong(code))).code is C.WRONG_CODE
    assert bank.ask(T.VERIFY_CHAP, chap_message(held, code)).code is C.CHALLENGE_USED
    assert bank.ask(T.VERIFY_MSCHAPV2, mschap(held, code)).code is C.CHALLENGE_USED
    assert bank.ask(T.VERIFY_MSCHAPV2, mschap(held, code, PEER)).code is C.APPROVED
    other = bank.customer_with_token(2)
    message = chap_message(other, other.code(clock.now_ms()))
    assert bank.ask(T.VERIFY_CHAP, message).code is C.APPROVED


def test_twins_of_a_challenge(bank, clock, held):
    message = mschap(held, held.code(clock.now_ms()))
    twins = [bank.request(T.VERIFY_MSCHAPV2, message) for _ in range(20)]
    codes = [outcome.code for outcome in bank.run(*twins)]
    assert codes == [C.APPROVED] + [C.CHALLENGE_USED] * 19


def test_a_retry_gets_the_first_answer(bank, clock, held):
    request = bank.request(T.VERIFY_MSCHAPV2, mschap(held, held.code(clock.now_ms())))
    (first,), (again,) = bank.run(request), bank.run(request)
    assert first == again
    assert first.code is C.APPROVED


@pytest.mark.parametrize("transaction", [T.VERIFY_CHAP, T.VERIFY_MSCHAPV2])
def test_no_challenge_at_all(bank, held, transaction):
    made = chap_message if transaction is T.VERIFY_CHAP else mschap
    outcome = bank.ask(transaction, made(held, "123456", bytes(16)))
    assert (outcome.code, outcome.body.detail) == (C.BAD_FIELD, "authenticator_challenge")


def test_unknown_customer(bank):
    nobody = HeldToken("NOBODY", "T0", bytes(20))
    for transaction, message in (
        (T.VERIFY_CHAP, chap_message(nobody, "123456")),
        (T.VERIFY_MSCHAPV2, mschap(nobody, "123456", PEER)),
        (T.VERIFY_PIN_OTP, pin_request(bank, nobody, "2580", "123456").message),
        (
            T.SET_TOKEN_PIN,
            SetTokenPinRequest(customer="NOBODY", token="T0", new_pin=SecretText("2580")),
        ),
    ):
        assert bank.ask(transaction, message).code is C.USER_UNKNOWN


# ---- what the token's type allows


def test_a_type_says_which_proofs_it_takes(bank, clock):
    held = bank.customer_with_token(3, overrides='{"modes": "pin-otp"}')
    code = held.code(clock.now_ms())
    set_pin(bank, held, "2580")
    assert bank.verify(held, code).code is C.METHOD_NOT_OF_TOKEN
    assert bank.ask(T.VERIFY_CHAP, chap_message(held, code)).code is C.METHOD_NOT_OF_TOKEN
    assert bank.ask(T.VERIFY_MSCHAPV2, mschap(held, code, PEER)).code is C.METHOD_NOT_OF_TOKEN
    assert verify_pin(bank, held, "2580", code).code is C.APPROVED
