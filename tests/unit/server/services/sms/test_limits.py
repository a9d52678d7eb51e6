"""Pumping: whoever makes the bank send is stopped by the narrowest limit that his messages have in
common, and by no other's.
"""

from __future__ import annotations

import pytest

from tigertally_engines.sms.parameters import SmsParameters
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.sms import (
    PhoneRequest,
    SendSmsCodeRequest,
    SendSmsWarningRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.services.sms.policy import SmsLimits
from tigertally_testing.handset import NUMBER, Handset, sending

NONE = dict.fromkeys(SmsLimits.__struct_fields__, 0)
HOUR = 3_600_000
AT_ONCE = SmsParameters(resend_s=0)


def limited(bank, **limits):
    sending(
        bank,
        limits=SmsLimits(**(NONE | limits)),
        parameters=AT_ONCE,
        countries=frozenset(),
    )


def phones(bank, *numbers, first=2):
    """One customer each."""
    found = []
    for position, number in enumerate(numbers, start=first):
        held = bank.customer_with_token(position)
        phone = Handset(bank, held.customer, number)
        assert phone.bind().code is C.CHANGED
        found.append(phone)
    return found


def sent(phones, **fields):
    return [phone.send(**fields).code is C.CHANGED for phone in phones]


@pytest.mark.parametrize("limit", ["number_hour", "user_hour", "number_day", "user_day"])
def test_one_phone_gets_so_many_and_then_none(bank, phone, clock, limit):
    limited(bank, **{limit: 3})
    other = phones(bank, "+8613900139000")
    assert sent([phone] * 5) == [True] * 3 + [False] * 2
    assert phone.send().code is C.SMS_LIMIT_REACHED
    assert sent(other) == [True]
    clock.advance(HOUR)
    later = limit.endswith("hour")
    assert sent([phone]) == [later]
    clock.advance(23 * HOUR + 600_000)
    assert sent([phone]) == [True]


def test_many_customers_with_one_number_share_its_limit(bank, clock):
    limited(bank, number_hour=3)
    assert sent(phones(bank, *[NUMBER] * 5)) == [True] * 3 + [False] * 2


def test_a_row_of_numbers_is_stopped_as_one(bank, clock):
    """Whoever pumps owns numbers that follow one another, at a company that pays him for each."""
    limited(bank, range_hour=3)
    row = phones(bank, *[f"+8613800138{n:03d}" for n in range(5)])
    elsewhere = phones(bank, "+8613800148000", first=20)
    assert sent(row) == [True] * 3 + [False] * 2
    assert sent(elsewhere) == [True]


def test_each_country_has_its_limit(bank):
    limited(bank, home_hour=3, country_hour=2)
    assert sum(sent(phones(bank, *[f"+86138001{n}0000" for n in range(5)]))) == 3
    assert sum(sent(phones(bank, *[f"+1202555{n}000" for n in range(5)], first=20))) == 2
    assert sum(sent(phones(bank, *[f"+852{n}1234567" for n in range(5)], first=30))) == 2


def test_one_address_makes_so_many_be_sent(bank, clock):
    limited(bank, address_hour=3)
    victims = phones(bank, *[f"+86138001{n}0000" for n in range(5)])
    assert sent(victims, end_user_address="203.0.113.9") == [True] * 3 + [False] * 2
    assert sent(victims[3:], end_user_address="203.0.113.11") == [True, True]
    assert sent(victims) == [True] * 5


def test_one_channel_and_the_whole_bank(bank, clock):
    limited(bank, channel_hour=2)
    victims = phones(bank, *[f"+86138001{n}0000" for n in range(4)])
    assert sent(victims) == [True, True, False, False]
    bank.add_channel(2)
    assert sent(victims[2:]) == [True, True]
    limited(bank, total_hour=3)
    assert sent(victims) == [True, True, True, False]
    clock.advance(HOUR)
    assert sent(victims[:2]) == [True, True]


def test_what_was_refused_is_not_counted_and_changes_nothing(bank, phone, clock):
    limited(bank, user_hour=1)
    assert sent([phone] * 4) == [True, False, False, False]
    counts = sum(bank.store.tables.counts.values())
    before = len(phone.messages)
    phone.send()
    assert sum(bank.store.tables.counts.values()) == counts
    assert len(phone.messages) == before


def test_limits_hold_within_one_batch(bank, phone):
    limited(bank, number_hour=3)
    message = SendSmsCodeRequest(customer=phone.customer)
    requests = [bank.request(Transaction.SEND_SMS_CODE, message) for _ in range(6)]
    codes = [outcome.code for outcome in bank.run(*requests)]
    assert codes == [C.CHANGED] * 3 + [C.SMS_LIMIT_REACHED] * 3


def test_notices_have_a_limit_of_their_own(bank, phone):
    limited(bank, notices_day=2)
    before = len(phone.messages)
    message = PhoneRequest(customer=phone.customer, mobile=SecretText("13900139000"))
    for _ in range(4):
        assert bank.ask(Transaction.CHANGE_PHONE, message).code is C.CHANGED
    assert len(phone.messages) - before == 2


def test_warnings_are_under_the_limits_of_codes(bank, phone):
    limited(bank, user_hour=2)
    message = SendSmsWarningRequest(customer=phone.customer, words="您的卡在境外消费")
    codes = [bank.ask(Transaction.SEND_SMS_WARNING, message).code for _ in range(3)]
    assert codes == [C.CHANGED, C.CHANGED, C.SMS_LIMIT_REACHED]
    assert phone.texts()[-1][1] == "【虎符】您的卡在境外消费"
    long = SendSmsWarningRequest(customer=phone.customer, words="long " * 13)
    assert bank.ask(Transaction.SEND_SMS_WARNING, long).body.detail == "words"


def test_the_table_of_counts_names_nobody(bank, phone):
    limited(bank, number_hour=9, user_hour=9, address_hour=9)
    phone.send(end_user_address="203.0.113.9")
    for _, digest, _ in bank.store.tables.counts:
        assert len(digest) == 16
        for name in (phone.number, phone.customer, "203.0.113.9"):
            assert name.encode()[-8:] not in digest
