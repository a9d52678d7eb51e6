"""What happens to a customer's methods is told to the phone, with the change or not at all."""

from __future__ import annotations

import pytest

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.password import SetPasswordRequest
from tigertally_protocol.messages.token import BindTokenRequest, TokenRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_testing.handset import NO_LIMITS, sending


def bind(bank, serial, token_id):
    bank.add_token(serial, token_id=token_id)
    message = BindTokenRequest(customer="C000001", token=serial)
    return bank.ask(Transaction.BIND_TOKEN, message).code


def report_loss(bank, serial):
    message = TokenRequest(customer="C000001", token=serial)
    return bank.ask(Transaction.REPORT_LOSS, message).code


def told(phone):
    return [text for _, text in phone.texts()[1:]]


def test_a_token_bound_and_lost_is_told(bank, phone):
    assert bind(bank, "T-998877", 9) is C.CHANGED
    assert report_loss(bank, "T-998877") is C.CHANGED
    bound, lost = told(phone)
    assert "8877" in bound
    assert "绑定" in bound
    assert "8877" in lost
    assert "挂失" in lost


def test_a_refusal_tells_nobody(bank, phone):
    assert report_loss(bank, "T-1") is C.TOKEN_UNKNOWN
    assert told(phone) == []


def test_a_password_set_is_told_without_the_password(bank, phone):
    message = SetPasswordRequest(
        customer="C000001", password=SecretText("correct-Horse-77"), operator="op1"
    )
    assert bank.ask(Transaction.SET_PASSWORD, message).code is C.CHANGED
    (text,) = told(phone)
    assert "密码" in text
    assert "Horse" not in text


@pytest.mark.parametrize(
    "policy", [{"enabled": False}, {"silent": frozenset({"notice_token_bound"})}]
)
def test_what_the_bank_does_not_want_is_not_sent(bank, phone, policy):
    sending(bank, limits=NO_LIMITS, **policy)
    assert bind(bank, "T-998877", 9) is C.CHANGED
    assert told(phone) == []
