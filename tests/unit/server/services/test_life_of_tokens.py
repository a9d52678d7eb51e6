"""Every operation in every state, through the services: the same matrix that the table is held
against. A refusal changes nothing, a change is what the table says, and each is one entry.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.proof import SetTokenPinRequest, VerifyPinOtpRequest
from tigertally_protocol.messages.token import (
    ActivateTokenRequest,
    BindTokenRequest,
    QueryTokenRequest,
    ReplaceTokenRequest,
    ResyncTokenRequest,
    TokenRequest,
)
from tigertally_protocol.messages.user import CloseUserRequest, QueryUserRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.credential import CredentialState
from tigertally_server.domain.life_cycle import Remembered
from tigertally_server.domain.life_cycle import TokenOperation as Op
from tigertally_server.domain.token import NO_OWNER, UserState, shown_state
from tigertally_server.domain.token import TokenState as S
from tigertally_server.domain.token_extra import TokenExtra, extra_of, stored_extra
from tigertally_testing.bank import Bank, HeldToken, memory_installation
from tigertally_testing.life_cycle import MATRIX

T = Transaction
PLAIN = {
    Op.ASSIGN: T.ASSIGN_TOKEN,
    Op.UNBIND: T.UNBIND_TOKEN,
    Op.ENABLE: T.ENABLE_TOKEN,
    Op.DISABLE: T.DISABLE_TOKEN,
    Op.UNLOCK: T.UNLOCK_TOKEN,
    Op.REPORT_LOSS: T.REPORT_LOSS,
    Op.WITHDRAW_LOSS: T.WITHDRAW_LOSS,
    Op.VOID: T.VOID_TOKEN,
    Op.RESTORE: T.RESTORE_TOKEN,
}
PAIRS = [(state, operation) for state in S for operation in Op]


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    return Bank(store, context, clock, entropy)


@pytest.fixture(autouse=True)
def spare(bank):
    """The seed of a token in stock."""
    return bank.add_token("SPARE", token_id=99)


def put(bank, held, state):
    """The customer's token into a shown state, as its row would be."""
    now = bank.clock.now_ms()
    shown = {
        S.LOCKED: {"otp": OtpState(failures=5, locked_until_ms=now + 60_000)},
        S.EXPIRED: {"valid_to_ms": now},
        S.NOT_YET_VALID: {"valid_from_ms": now + 1},
        S.IN_STOCK: {"state": S.IN_STOCK, "owner_id": NO_OWNER, "owner_state": 0},
        S.LOST: {"state": S.LOST, "extra": stored_extra(TokenExtra(state_before=S.DISABLED))},
    }
    row(bank, held, **shown.get(state, {"state": state}))
    assert shown_state(row(bank, held), now) is state


def row(bank, held, **changes):
    tokens = bank.store.tables.tokens
    number = int(held.serial[1:])
    tokens[number] = msgspec.structs.replace(tokens[number], **changes)
    return tokens[number]


def ask(bank, held, operation, *, customer=None):
    """The operation as its own transaction, with right codes where it takes some."""
    about: dict[str, Any] = {
        "customer": held.customer if customer is None else customer,
        "token": held.serial,
    }
    now = bank.clock.now_ms()
    code = SecretText(held.code(now))
    match operation:
        case Op.BIND:
            return bank.ask(T.BIND_TOKEN, BindTokenRequest(**about))
        case Op.VERIFY:
            return bank.ask(T.VERIFY_OTP, VerifyOtpRequest(**about, otp=code))
        case Op.ACTIVATE:
            return bank.ask(T.ACTIVATE_TOKEN, ActivateTokenRequest(**about, otp=code))
        case Op.RESYNC:
            after = SecretText(held.code(now + 30_000))
            message = ResyncTokenRequest(**about, otp_1=code, otp_2=after)
            return bank.ask(T.RESYNC_TOKEN, message)
        case Op.REPLACE:
            return bank.ask(T.REPLACE_TOKEN, ReplaceTokenRequest(**about, new_token="SPARE"))
        case _:
            return bank.ask(PLAIN[operation], TokenRequest(**about, reason="test"))


def is_static(token):
    """What a refusal must leave alone; the pointer to the last entry moves with every entry."""
    return msgspec.structs.replace(token, rev=0, last_shard=0, last_seq=0)


@pytest.mark.parametrize(("state", "operation"), PAIRS, ids=lambda x: x.name)
def test_every_state_by_every_operation(bank, state, operation):
    held = bank.customer_with_token(1)
    put(bank, held, state)
    before, entries = row(bank, held), len(bank.store.log(0))
    nobodys = state is S.IN_STOCK and operation in (Op.VOID, Op.RESTORE)
    outcome = ask(bank, held, operation, customer="" if nobodys else None)
    expected = MATRIX[state][operation]
    after = row(bank, held)
    assert len(bank.store.log(0)) == entries + 1, "each is one entry"
    if isinstance(expected, C):
        assert outcome.code is expected
        assert is_static(after) == is_static(before)
        return
    approved = operation is Op.VERIFY
    assert outcome.code is (C.APPROVED if approved else C.CHANGED)
    assert after.state is (S.DISABLED if expected is Remembered.STATE_BEFORE else expected)
    assert (after.owner_id == NO_OWNER) == (after.state is S.IN_STOCK) or state is S.IN_STOCK
    assert outcome.body.token_state == shown_state(after, bank.clock.now_ms())


def test_a_replacement_moves_both_or_none(bank, spare, clock):
    held = bank.customer_with_token(1)
    outcome = ask(bank, held, Op.REPLACE)
    body = outcome.body
    assert (body.token, body.token_state) == (held.serial, S.REPLACED)
    assert (body.new_token, body.new_token_state) == ("SPARE", S.ACTIVE)
    assert extra_of(row(bank, held).extra).replaced_by == "SPARE"
    assert ask(bank, held, Op.VERIFY).code is C.TOKEN_REPLACED
    shown = bank.ask(T.QUERY_USER, QueryUserRequest(customer=held.customer)).body
    assert {shown.token_1, shown.token_2} == {held.serial, "SPARE"}, "history is kept"
    details = QueryTokenRequest(customer=held.customer, token=held.serial)
    assert bank.ask(T.QUERY_TOKEN, details).body.replaced_by == "SPARE"
    fresh = HeldToken(held.customer, "SPARE", spare)
    assert bank.verify(fresh, fresh.code(clock.now_ms())).code is C.APPROVED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"new_token": "NOBODY"}, C.TOKEN_UNKNOWN),
        ({"new_token": "T000002"}, C.TOKEN_BOUND_ELSEWHERE),
        ({"new_token": "T000001"}, C.ILLEGAL_TRANSITION),
        ({"otp": SecretText("000000")}, C.WRONG_CODE),
        ({"token": "T000002"}, C.TOKEN_NOT_BOUND),
        ({"customer": "NOBODY"}, C.USER_UNKNOWN),
    ],
)
def test_a_replacement_that_is_refused_changes_neither(bank, changes, code):
    held = bank.customer_with_token(1)
    bank.customer_with_token(2)
    message = ReplaceTokenRequest(customer=held.customer, token=held.serial, new_token="SPARE")
    outcome = bank.ask(T.REPLACE_TOKEN, msgspec.structs.replace(message, **changes))
    assert outcome.code is code
    assert row(bank, held).state is S.ACTIVE
    assert bank.store.tables.tokens[99].state is S.IN_STOCK


def test_a_replacement_to_be_activated(bank, spare, clock):
    held = bank.customer_with_token(1)
    message = ReplaceTokenRequest(
        customer=held.customer, token=held.serial, new_token="SPARE", assign=1
    )
    assert bank.ask(T.REPLACE_TOKEN, message).body.new_token_state == S.ASSIGNED
    fresh = HeldToken(held.customer, "SPARE", spare)
    assert bank.verify(fresh, fresh.code(clock.now_ms())).code is C.TOKEN_NOT_ACTIVATED
    wrong = ActivateTokenRequest(customer=held.customer, token="SPARE", otp=SecretText("000000"))
    assert bank.ask(T.ACTIVATE_TOKEN, wrong).code is C.WRONG_CODE
    right = msgspec.structs.replace(wrong, otp=SecretText(fresh.code(clock.now_ms())))
    assert bank.ask(T.ACTIVATE_TOKEN, right).body.token_state == S.ACTIVE
    assert bank.verify(fresh, fresh.code(clock.now_ms())).code is C.REPLAYED_CODE


def test_a_token_of_the_stock_is_made_void_and_restored_by_its_number(bank):
    alone = TokenRequest(token="SPARE", reason="broken")
    assert bank.ask(T.VOID_TOKEN, alone).body.token_state == S.VOID
    query = QueryTokenRequest(token="SPARE")
    assert bank.ask(T.QUERY_TOKEN, query).body.token_state == S.VOID
    assert bank.ask(T.RESTORE_TOKEN, alone).body.token_state == S.IN_STOCK
    assert bank.ask(T.VOID_TOKEN, TokenRequest(token="NOBODY")).code is C.TOKEN_UNKNOWN
    held = bank.customer_with_token(1)
    named = TokenRequest(token=held.serial)
    assert bank.ask(T.VOID_TOKEN, named).code is C.TOKEN_BOUND_ELSEWHERE
    assert bank.ask(T.QUERY_TOKEN, QueryTokenRequest(token=held.serial)).code is (
        C.TOKEN_BOUND_ELSEWHERE
    )
    for needed in (T.REPORT_LOSS, T.UNBIND_TOKEN):
        assert bank.ask(needed, alone).detail == "customer"


def test_a_void_token_of_a_customer_comes_back_through_the_stock(bank):
    held = bank.customer_with_token(1)
    ask(bank, held, Op.VOID)
    assert row(bank, held).owner_id != NO_OWNER, "who held it stays known"
    assert ask(bank, held, Op.RESTORE).body.token_state == S.IN_STOCK
    assert row(bank, held).owner_id == NO_OWNER


@pytest.mark.parametrize("operation", [Op.UNBIND, Op.DISABLE, Op.REPORT_LOSS, Op.VOID])
def test_what_a_closed_customer_holds_can_be_taken_away(bank, operation):
    held = bank.customer_with_token(1)
    bank.ask(T.CLOSE_USER, CloseUserRequest(customer=held.customer))
    assert row(bank, held).owner_state == UserState.CLOSED
    assert ask(bank, held, operation).code is C.CHANGED


@pytest.mark.parametrize("operation", [Op.VERIFY, Op.RESYNC, Op.ENABLE, Op.UNLOCK, Op.REPLACE])
def test_and_nothing_else(bank, operation):
    held = bank.customer_with_token(1)
    bank.ask(T.CLOSE_USER, CloseUserRequest(customer=held.customer))
    assert ask(bank, held, operation).code is C.USER_CLOSED


def test_another_customers_token_is_neither_lost_nor_shown(bank):
    held, other = bank.customer_with_token(1), bank.customer_with_token(2)
    for operation in (Op.REPORT_LOSS, Op.VOID, Op.WITHDRAW_LOSS, Op.ACTIVATE, Op.REPLACE):
        outcome = ask(bank, held, operation, customer=other.customer)
        assert (outcome.code, outcome.body) == (C.TOKEN_NOT_BOUND, None)
    assert row(bank, held).state is S.ACTIVE


def test_who_names_no_token_means_none_that_is_at_an_end(bank, spare, clock):
    held = bank.customer_with_token(1)
    ask(bank, held, Op.REPLACE)
    fresh = HeldToken(held.customer, "SPARE", spare)
    bank.ask(T.DISABLE_TOKEN, TokenRequest(customer=held.customer, token="SPARE"))
    assert bank.verify(fresh, fresh.code(clock.now_ms())).code is C.TOKEN_DISABLED


def set_pin(bank, held, **changes):
    message = SetTokenPinRequest(
        customer=held.customer, token=held.serial, operator="T01", new_pin=SecretText("270418")
    )
    return bank.ask(T.SET_TOKEN_PIN, msgspec.structs.replace(message, **changes))


def verify_with_pin(bank, held, pin="270418"):
    message = VerifyPinOtpRequest(
        customer=held.customer,
        token=held.serial,
        otp=SecretText(held.code(bank.clock.now_ms())),
        pin=SecretText(pin),
    )
    return bank.ask(T.VERIFY_PIN_OTP, message).code


@pytest.mark.parametrize("there_before", [False, True])
def test_a_replacement_may_carry_the_pin(bank, spare, clock, there_before):
    held = bank.customer_with_token(1)
    fresh = HeldToken(held.customer, "SPARE", spare)
    if there_before:  # a row of a PIN that ended is taken into use again
        about: dict[str, Any] = {"customer": held.customer, "token": "SPARE"}
        bank.ask(T.BIND_TOKEN, BindTokenRequest(**about))
        assert set_pin(bank, fresh, new_pin=SecretText("935172")).code is C.CHANGED
        bank.ask(T.UNBIND_TOKEN, TokenRequest(**about))
    assert set_pin(bank, held).code is C.CHANGED
    message = ReplaceTokenRequest(
        customer=held.customer, token=held.serial, new_token="SPARE", carry_pin=1
    )
    assert bank.ask(T.REPLACE_TOKEN, message).body.pin_carried == 1
    assert verify_with_pin(bank, fresh, "935172") is C.WRONG_CODE
    clock.advance(30_000)
    assert verify_with_pin(bank, fresh) is C.APPROVED


def test_without_being_carried_the_pin_ends(bank, spare):
    held = bank.customer_with_token(1)
    set_pin(bank, held)
    message = ReplaceTokenRequest(customer=held.customer, token=held.serial, new_token="SPARE")
    assert bank.ask(T.REPLACE_TOKEN, message).body.pin_carried == 0
    fresh = HeldToken(held.customer, "SPARE", spare)
    assert verify_with_pin(bank, fresh) is not C.APPROVED
    pins = [row for row in bank.store.tables.credentials.values() if row.slot == held.serial]
    assert [row.state for row in pins] == [CredentialState.VOID]
