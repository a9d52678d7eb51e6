"""Binding, changing and taking away a phone: the old number is told, the new one waits, and nothing
of it clears a lock.
"""

from __future__ import annotations

import pytest

from tigertally_engines.sms.parameters import SmsParameters
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.sms import PhoneActRequest, QuerySmsRequest
from tigertally_protocol.transactions import PhoneState, Transaction
from tigertally_testing.handset import NO_LIMITS, NUMBER, Handset, sending

HOUR = 3_600_000
NEW = "+8613900139000"
OLD_TAIL, NEW_TAIL = NUMBER[-4:], NEW[-4:]


def act(phone, transaction):
    return phone.bank.ask(transaction, PhoneActRequest(customer=phone.customer, reason="test"))


def change(phone, number=NEW, **fields):
    return phone.name_number(Transaction.CHANGE_PHONE, number, **fields)


def told(phone, number):
    return [text for to, text in phone.texts() if to == number]


def test_a_phone_is_bound_once_and_told(bank):
    phone = Handset(bank)
    bound = phone.bind()
    assert (bound.code, bound.body.phone_state) == (C.CHANGED, PhoneState.BOUND)
    assert bound.body.number_tail == OLD_TAIL
    assert len(told(phone, NUMBER)) == 1
    again = phone.name_number(Transaction.BIND_PHONE, NEW)
    assert again.code is C.PHONE_ALREADY_BOUND
    assert again.body.number_tail == OLD_TAIL


@pytest.mark.parametrize(
    ("field", "number", "changes"),
    [
        ("mobile", "12", {}),
        ("mobile", "1380013800x", {}),
        ("mobile", "+0138001380", {}),
        ("language", NUMBER, {"language": "fr"}),
    ],
)
def test_bad_fields_are_named(bank, field, number, changes):
    for transaction in (Transaction.BIND_PHONE, Transaction.CHANGE_PHONE):
        outcome = Handset(bank).name_number(transaction, number, **changes)
        assert (outcome.code, outcome.body.detail) == (C.BAD_FIELD, field)


def test_nothing_is_bound_abroad_unless_permitted(bank):
    phone = Handset(bank, number="+12025550123")
    assert phone.bind().code is C.SMS_DESTINATION_REFUSED
    sending(bank, countries=frozenset({"86", "1"}), limits=NO_LIMITS)
    assert phone.bind().code is C.CHANGED
    sending(bank, limits=NO_LIMITS)
    assert phone.send().code is C.SMS_DESTINATION_REFUSED


def test_a_change_waits_and_both_numbers_are_told(phone, clock):
    changed = change(phone)
    assert changed.code is C.CHANGED
    assert changed.body.phone_state == PhoneState.COOLING_OFF
    assert changed.body.usable_from == clock.now_ms() + 24 * HOUR
    assert changed.body.number_tail == NEW_TAIL
    assert NEW_TAIL in told(phone, NUMBER)[-1]
    assert "24小时" in told(phone, NUMBER)[-1]
    assert len(told(phone, NEW)) == 1
    assert phone.send().code is C.PHONE_COOLING_OFF
    clock.advance(24 * HOUR - 1)
    assert phone.send().code is C.PHONE_COOLING_OFF
    clock.advance(1)
    assert phone.send().code is C.CHANGED
    assert phone.texts()[-1][0] == NEW
    assert act(phone, Transaction.QUERY_PHONE).body.phone_state == PhoneState.BOUND


def test_a_scene_may_use_the_new_number_at_once(bank, phone):
    scenes = {"login": SmsParameters(new_number_at_once=True)}
    sending(bank, limits=NO_LIMITS, scenes=scenes)
    change(phone)
    body = phone.send().body
    assert phone.texts()[-1][0] == NEW
    assert phone.verify(body.challenge, phone.code()).code is C.APPROVED
    assert phone.send(scene="confirm", purpose="x").code is C.PHONE_COOLING_OFF


def test_codes_under_way_end_with_a_change(phone):
    body = phone.send().body
    code = phone.code()
    change(phone)
    assert phone.verify(body.challenge, code).code is C.SMS_CODE_CANCELLED
    assert not any(code in text for _, text in phone.texts())


def test_a_change_can_be_cancelled_until_it_is_made(phone, clock):
    assert act(phone, Transaction.CANCEL_PHONE_CHANGE).code is C.NO_PHONE_CHANGE
    change(phone)
    cancelled = act(phone, Transaction.CANCEL_PHONE_CHANGE)
    assert (cancelled.code, cancelled.body.number_tail) == (C.CHANGED, OLD_TAIL)
    assert phone.send().code is C.CHANGED
    assert phone.texts()[-1][0] == NUMBER
    change(phone)
    clock.advance(24 * HOUR)
    assert act(phone, Transaction.CANCEL_PHONE_CHANGE).code is C.NO_PHONE_CHANGE
    assert change(phone, NUMBER).code is C.CHANGED


def test_another_change_begins_the_wait_anew(phone, clock):
    change(phone)
    clock.advance(23 * HOUR)
    third = "+8613700137000"
    assert change(phone, third).body.usable_from == clock.now_ms() + 24 * HOUR
    clock.advance(HOUR)
    assert phone.send().code is C.PHONE_COOLING_OFF
    clock.advance(23 * HOUR)
    assert phone.send().code is C.CHANGED
    assert phone.texts()[-1][0] == third


def test_the_same_number_is_no_change(phone):
    assert change(phone, NUMBER).code is C.PHONE_ALREADY_BOUND


def test_a_first_number_may_have_to_wait_too(bank, clock):
    sending(bank, limits=NO_LIMITS, bind_cooling_off_ms=HOUR)
    phone = Handset(bank)
    assert phone.bind().body.usable_from == clock.now_ms() + HOUR
    assert phone.send().code is C.PHONE_COOLING_OFF
    clock.advance(HOUR)
    assert phone.send().code is C.CHANGED


def test_without_cooling_off_a_change_acts_at_once(bank, phone):
    sending(bank, limits=NO_LIMITS, change_cooling_off_ms=0)
    assert change(phone).body.phone_state == PhoneState.BOUND
    assert phone.send().code is C.CHANGED
    assert phone.texts()[-1][0] == NEW


def test_unbinding_forgets_number_and_key(bank, phone, clock):
    body = phone.send().body
    code = phone.code()
    gone = act(phone, Transaction.UNBIND_PHONE)
    assert (gone.code, gone.body.phone_state) == (C.CHANGED, PhoneState.UNBOUND)
    assert OLD_TAIL in phone.texts()[-1][1]
    assert phone.verify(body.challenge, code).code is C.NO_PHONE
    assert phone.send().code is C.NO_PHONE
    for transaction in (
        Transaction.UNBIND_PHONE,
        Transaction.CANCEL_PHONE_CHANGE,
        Transaction.UNLOCK_SMS,
    ):
        assert act(phone, transaction).code is C.NO_PHONE
    assert change(phone).code is C.NO_PHONE
    assert act(phone, Transaction.QUERY_PHONE).body.phone_state == PhoneState.UNBOUND
    assert phone.bind().code is C.CHANGED


@pytest.mark.parametrize("way", ["change", "rebind"])
def test_no_change_of_phone_clears_a_lock(bank, phone, clock, way):
    rules = SmsParameters(throttle_base_ms=0, code_tries=10)
    sending(bank, limits=NO_LIMITS, parameters=rules, change_cooling_off_ms=0)
    body, code = phone.send().body, phone.code()
    other = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        phone.verify(body.challenge, other)
    if way == "change":
        changed = change(phone)
    else:
        act(phone, Transaction.UNBIND_PHONE)
        changed = phone.bind()
    assert changed.body.remaining_tries == 0
    assert phone.send().code is C.SMS_LOCKED


def test_unknown_users_have_no_phone(bank):
    nobody = Handset(bank, "nobody")
    assert nobody.bind().code is C.USER_UNKNOWN
    assert change(nobody).code is C.USER_UNKNOWN
    for transaction in (
        Transaction.UNBIND_PHONE,
        Transaction.CANCEL_PHONE_CHANGE,
        Transaction.UNLOCK_SMS,
        Transaction.QUERY_PHONE,
    ):
        assert act(nobody, transaction).code is C.USER_UNKNOWN


def test_what_became_of_a_message_is_told_to_its_customers_channel_only(bank, phone):
    body = phone.send().body

    def ask(customer, message_id):
        message = QuerySmsRequest(customer=customer, message_id=message_id)
        return bank.ask(Transaction.QUERY_SMS, message)

    found = ask("C000001", body.message_id).body
    assert (found.message_state, found.purpose_word, found.attempts) == (1, "login", 0)
    bank.customer_with_token(2)
    for customer, message_id in (
        ("C000002", body.message_id),
        ("nobody", body.message_id),
        ("C000001", "0" * 32),
    ):
        assert ask(customer, message_id).body.message_state == 0
    assert ask("C000001", "x").body.detail == "message_id"
