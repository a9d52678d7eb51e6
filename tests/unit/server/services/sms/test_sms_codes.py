"""A code is good for the transaction it was sent for, once, for a while, on the channel it was sent
by; tries are counted on the phone and not on the code.
"""

from __future__ import annotations

import msgspec
import pytest

from tigertally_engines.otp import chap
from tigertally_engines.sms.parameters import SmsParameters
from tigertally_engines.sms.sealing import AppKey, open_code
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.sms import (
    AppRequest,
    PhoneActRequest,
    RegisterAppKeyRequest,
    VerifySmsMschapRequest,
)
from tigertally_protocol.messages.user import CloseUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.challenge import ChallengeState
from tigertally_server.services.sealed_records import identity_of
from tigertally_testing.handset import NO_LIMITS, PAYMENT, Handset, sending

MINUTE = 60_000
CHANGES = {
    "amount": 12_346,
    "currency": "USD",
    "payee": "6222020200012346",
    "payee_name": "王大明",
    "purpose": "房贷",
    "free_fields": "invoice=18",
    "scene": "login",
}


def wrong(code):
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def sent(phone, **fields):
    outcome = phone.send(**fields)
    assert outcome.code is C.CHANGED, outcome
    return outcome.body, phone.code()


def test_a_code_is_verified_once(phone):
    body, code = sent(phone, **PAYMENT)
    assert phone.verify(body.challenge, code, **PAYMENT).code is C.APPROVED
    assert phone.verify(body.challenge, code, **PAYMENT).code is C.REPLAYED_CODE


def test_the_text_says_what_it_is_for_and_holds_what_the_page_shows(phone):
    body, code = sent(phone, **PAYMENT)
    number, text = phone.texts()[-1]
    assert number == phone.number
    for part in ("王小明", "2345", "123.45元", code, body.server_code, "5分钟", "虎符"):
        assert part in text
    assert "6222020200012345" not in text


@pytest.mark.parametrize("name", CHANGES)
def test_a_code_for_one_payment_is_refused_for_any_other(phone, name):
    body, code = sent(phone, **PAYMENT)
    swapped = PAYMENT | {name: CHANGES[name]}
    refused = phone.verify(body.challenge, code, **swapped)
    assert refused.code is C.TRANSACTION_DIFFERS
    assert refused.body.remaining_tries == 5
    assert phone.verify(body.challenge, code, **PAYMENT).code is C.APPROVED


def test_a_code_is_good_on_its_own_channel_and_for_its_own_customer_only(bank, phone):
    body, code = sent(phone)
    bank.customer_with_token(2)
    other = Handset(bank, "C000002", "+8613800138001")
    other.bind()
    assert other.verify(body.challenge, code).code is C.SMS_CODE_UNKNOWN
    first = bank.channel
    bank.add_channel(2)
    assert phone.verify(body.challenge, code).code is C.SMS_CODE_UNKNOWN
    bank.channel = first
    assert phone.verify(body.challenge, code).code is C.APPROVED


def test_no_code_is_stored(bank, phone):
    """Neither in the clear nor sealed: every record is opened and looked at."""
    _, code = sent(phone, **PAYMENT)
    tables = bank.store.tables
    keyring = bank.context.keyring
    rows = (*tables.messages.values(), *tables.challenges.values(), *tables.credentials.values())
    opened = [keyring.open(row.key_id, row.sealed, identity_of(row)) for row in rows]
    assert not any(code.encode() in plain for plain in opened)
    assert any(phone.number.encode() in plain for plain in opened)


def test_a_code_lapses(bank, phone, clock):
    body, code = sent(phone)
    assert body.expires_at == clock.now_ms() + 300_000
    clock.advance(300_000)
    assert phone.verify(body.challenge, code).code is C.SMS_CODE_EXPIRED
    assert phone.texts()[1:] == []


def test_a_new_code_does_not_reset_the_failure_count(bank, phone, clock):
    sending(bank, limits=NO_LIMITS, parameters=SmsParameters(throttle_base_ms=0))
    for left in (4, 3, 2, 1):
        body, code = sent(phone)
        outcome = phone.verify(body.challenge, wrong(code))
        assert (outcome.code, outcome.body.remaining_tries) == (C.WRONG_CODE, left)
        clock.advance(MINUTE)
    body, code = sent(phone)
    assert body.remaining_tries == 1
    locked = phone.verify(body.challenge, wrong(code))
    assert locked.body.locked_until == clock.now_ms() + 900_000
    assert phone.verify(body.challenge, code).code is C.SMS_LOCKED
    clock.advance(MINUTE)
    assert phone.send().code is C.SMS_LOCKED


def test_a_lock_is_told_to_the_customer(bank, phone, clock):
    sending(bank, limits=NO_LIMITS, parameters=SmsParameters(throttle_base_ms=0, code_tries=10))
    body, code = sent(phone)
    for _ in range(5):
        phone.verify(body.challenge, wrong(code))
    assert "锁定" in phone.texts()[-1][1]


def test_a_right_code_clears_the_failures(phone, clock):
    body, code = sent(phone)
    phone.verify(body.challenge, wrong(code))
    approved = phone.verify(body.challenge, code)
    assert (approved.code, approved.body.remaining_tries) == (C.APPROVED, 5)


def test_failures_delay_the_next_try(bank, phone, clock):
    sending(bank, limits=NO_LIMITS, parameters=SmsParameters(throttle_after=1))
    body, code = sent(phone)
    phone.verify(body.challenge, wrong(code))
    assert phone.verify(body.challenge, code).code is C.SMS_THROTTLED
    clock.advance(1_000)
    assert phone.verify(body.challenge, code).code is C.APPROVED


def test_a_code_dies_after_its_own_tries(bank, phone):
    sending(bank, limits=NO_LIMITS, parameters=SmsParameters(throttle_base_ms=0))
    body, code = sent(phone)
    for _ in range(3):
        assert phone.verify(body.challenge, wrong(code)).code is C.WRONG_CODE
    assert phone.verify(body.challenge, code).code is C.SMS_CODE_CANCELLED


def test_a_code_for_the_same_transaction_takes_the_place_of_the_older(phone, clock):
    first, code_1 = sent(phone, **PAYMENT)
    clock.advance(MINUTE)
    other, other_code = sent(phone)
    clock.advance(MINUTE)
    second, code_2 = sent(phone, **PAYMENT)
    assert phone.verify(first.challenge, code_1, **PAYMENT).code is C.SMS_CODE_CANCELLED
    assert phone.verify(other.challenge, other_code).code is C.APPROVED
    assert phone.verify(second.challenge, code_2, **PAYMENT).code is C.APPROVED


def test_only_so_many_codes_wait_side_by_side(bank, phone, clock):
    rules = SmsParameters(open_max=2, resend_s=0)
    sending(bank, limits=NO_LIMITS, parameters=rules)
    sent_codes = []
    for n in range(3):
        sent_codes.append(sent(phone, free_fields=f"n={n}"))
        clock.advance(1)
    states = [row.state for row in bank.store.tables.challenges.values()]
    assert states.count(ChallengeState.OPEN) == 2
    body, code = sent_codes[0]
    assert phone.verify(body.challenge, code, free_fields="n=0").code is C.SMS_CODE_CANCELLED


def test_the_next_code_waits_unless_the_last_was_used(phone, clock):
    body, code = sent(phone)
    soon = phone.send()
    assert (soon.code, soon.body.resend_at) == (C.SMS_TOO_SOON, body.resend_at)
    assert phone.verify(body.challenge, code).code is C.APPROVED
    assert phone.send().code is C.CHANGED
    clock.advance(59_999)
    assert phone.send().code is C.SMS_TOO_SOON
    clock.advance(1)
    assert phone.send().code is C.CHANGED


def test_two_tries_of_one_code_in_one_batch_approve_once(bank, phone):
    body, code = sent(phone)
    message = phone.verification(body.challenge, code)
    outcomes = bank.run(*(bank.request(Transaction.VERIFY_SMS_CODE, message) for _ in range(5)))
    assert [o.code for o in outcomes] == [C.APPROVED] + [C.REPLAYED_CODE] * 4


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("currency", {"amount": 1}),
        ("currency", {"amount": 1, "currency": "cny"}),
        ("amount", {"amount": 10**15, "currency": "CNY"}),
        ("free_fields", {"free_fields": "a"}),
        ("scene", {"scene": "colour"}),
        ("scene", {"scene": "notice_locked"}),
        ("scene", {"scene": "login_sealed"}),
        ("language", {"language": "fr"}),
        ("payee", {"amount": 1, "currency": "CNY"}),
        ("payee_name", {"amount": 1, "currency": "CNY", "payee": "62220"}),
        ("purpose", {"scene": "confirm"}),
    ],
)
def test_bad_fields_are_named_and_nothing_is_sent(phone, field, fields):
    before = len(phone.messages)
    outcome = phone.send(**fields)
    assert (outcome.code, outcome.body.detail) == (C.BAD_FIELD, field)
    assert len(phone.messages) == before


@pytest.mark.parametrize("challenge", ["x", "00", "0" * 31, "A" * 32, "g" * 32])
def test_a_bad_challenge_is_a_bad_field(phone, challenge):
    outcome = phone.verify(challenge, "123456")
    assert (outcome.code, outcome.body.detail) == (C.BAD_FIELD, "challenge")
    assert phone.verify("0" * 32, "123456").code is C.SMS_CODE_UNKNOWN


def test_who_cannot_get_a_code(bank, clock):
    bank.customer_with_token(2)
    nobody, unbound = Handset(bank, "nobody"), Handset(bank, "C000002")
    assert nobody.send().code is C.USER_UNKNOWN
    assert unbound.send().code is C.NO_PHONE
    assert unbound.verify("0" * 32, "123456").code is C.NO_PHONE
    phone = Handset(bank)
    phone.bind()
    body, code = sent(phone)
    bank.ask(Transaction.CLOSE_USER, CloseUserRequest(customer="C000001"))
    assert phone.verify(body.challenge, code).code is C.USER_CLOSED
    assert phone.send().code is C.USER_CLOSED


def test_without_a_gateway_nothing_is_sent_and_it_is_said(bank, phone):
    sending(bank, enabled=False)
    assert phone.send().code is C.SMS_NOT_CONFIGURED
    before = len(phone.messages)
    assert phone.name_number(Transaction.CHANGE_PHONE, "13800138009").code is C.CHANGED
    assert len(phone.messages) == before


def test_each_scene_has_its_own_parameters(bank, phone):
    scenes = {"payment": SmsParameters(digits=8, hash="sm3", valid_s=120)}
    sending(bank, limits=NO_LIMITS, scenes=scenes)
    body, code = sent(phone, **PAYMENT)
    assert len(code) == 8
    assert body.expires_at == bank.clock.now_ms() + 120_000
    assert "2分钟" in phone.texts()[-1][1]
    assert phone.verify(body.challenge, code, **PAYMENT).code is C.APPROVED


def test_languages(bank, phone, clock):
    sent(phone, **PAYMENT, language="en")
    assert "CNY 123.45" in phone.texts()[-1][1]
    sending(bank, limits=NO_LIMITS, channel_languages={bank.channel.name: "en"})
    clock.advance(MINUTE)
    sent(phone)
    assert "log in" in phone.texts()[-1][1]


def mschap(phone, challenge, code, **fields):
    exchange = chap.Exchange("C000001", bytes(range(16)), bytes(range(16, 32)))
    response = chap.nt_response(chap.challenge_hash(exchange), code)
    message = VerifySmsMschapRequest(
        customer=phone.customer,
        challenge=challenge,
        user_name=exchange.user,
        authenticator_challenge=exchange.challenge,
        peer_challenge=exchange.peer,
        nt_response=response,
        **fields,
    )
    return exchange, response, phone.bank.ask(Transaction.VERIFY_SMS_MSCHAP, message)


def test_mschapv2_proves_the_code_both_ways(phone):
    body, code = sent(phone, **PAYMENT)
    refused = mschap(phone, body.challenge, wrong(code), **PAYMENT)[-1]
    assert (refused.code, refused.body.authenticator_response) == (C.WRONG_CODE, "")
    swapped = mschap(phone, body.challenge, code, **PAYMENT | {"amount": 1})[-1]
    assert swapped.code is C.TRANSACTION_DIFFERS
    exchange, response, approved = mschap(phone, body.challenge, code, **PAYMENT)
    assert approved.code is C.APPROVED
    proof = chap.authenticator_response(exchange, code, response)
    assert approved.body.authenticator_response == proof
    assert mschap(phone, body.challenge, code, **PAYMENT)[-1].code is C.REPLAYED_CODE


APP_KEY = bytes(range(16))


def register_app(bank, algorithm="sm4-gcm", key=APP_KEY, app="app-1"):
    message = RegisterAppKeyRequest(
        customer="C000001", app=app, algorithm=algorithm, app_key=SecretText(key.hex())
    )
    return bank.ask(Transaction.REGISTER_APP_KEY, message)


@pytest.mark.parametrize("algorithm", ["sm4-gcm", "aes-gcm"])
def test_a_sealed_code_is_read_by_the_app_only(bank, phone, algorithm):
    registered = register_app(bank, algorithm)
    assert (registered.code, registered.body.app_count) == (C.CHANGED, 1)
    body = phone.send(**PAYMENT, app="app-1").body
    text = phone.texts()[-1][1]
    assert body.server_code in text
    sealed = text[text.index("TT1.") :]
    code = open_code(AppKey(algorithm, APP_KEY), sealed, bytes.fromhex(body.challenge))
    assert code not in text
    assert phone.verify(body.challenge, code, **PAYMENT).code is C.APPROVED


def test_apps_come_and_go(bank, phone, clock):
    assert phone.send(app="app-1").code is C.APP_UNKNOWN
    register_app(bank)
    assert "手机应用" in phone.texts()[-1][1]
    assert register_app(bank, key=APP_KEY[::-1]).body.app_count == 1
    assert phone.send(app="app-1").code is C.CHANGED
    removal = AppRequest(customer="C000001", app="app-1")
    assert bank.ask(Transaction.REMOVE_APP_KEY, removal).body.app_count == 0
    assert bank.ask(Transaction.REMOVE_APP_KEY, removal).code is C.APP_UNKNOWN
    clock.advance(MINUTE)
    assert phone.send(app="app-1").code is C.APP_UNKNOWN
    for n in range(8):
        assert register_app(bank, app=f"app-{n}").code is C.CHANGED
    assert register_app(bank, app="app-9").code is C.ILLEGAL_TRANSITION


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("algorithm", {"algorithm": "des"}),
        ("app_key", {"key": bytes(15)}),
        ("app_key", {"algorithm": "sm4-gcm", "key": bytes(32)}),
    ],
)
def test_bad_app_keys(bank, field, changes):
    outcome = register_app(bank, **changes)
    assert (outcome.code, outcome.body.detail) == (C.BAD_FIELD, field)
    message = RegisterAppKeyRequest(
        customer="C000001", app="a", algorithm="aes-gcm", app_key=SecretText("zz")
    )
    assert bank.ask(Transaction.REGISTER_APP_KEY, message).body.detail == "app_key"


def test_an_operator_ends_a_lock(bank, phone, clock):
    sending(bank, limits=NO_LIMITS, parameters=SmsParameters(throttle_base_ms=0, code_tries=10))
    body, code = sent(phone)
    for _ in range(5):
        phone.verify(body.challenge, wrong(code))
    unlocked = bank.ask(Transaction.UNLOCK_SMS, PhoneActRequest(customer="C000001", operator="op1"))
    assert (unlocked.code, unlocked.body.remaining_tries) == (C.CHANGED, 5)
    assert phone.verify(body.challenge, code).code is C.APPROVED


def test_records_print_no_secret(bank, phone):
    sent(phone)
    for row in (*bank.store.tables.messages.values(), *bank.store.tables.credentials.values()):
        assert phone.number not in repr(row)
    assert msgspec.structs.asdict(phone.messages[-1])["purpose"] == "login"
