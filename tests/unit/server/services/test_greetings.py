"""Reserved greetings through the real services and the in-memory store."""

from __future__ import annotations

import pytest

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.greeting import GetGreetingRequest, SetGreetingRequest
from tigertally_protocol.messages.user import CloseUserRequest, RegisterUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_testing.bank import Bank, memory_installation

TEXT = "门前的老槐树还在"


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    bank = Bank(store, context, clock, entropy)
    for customer in ("C1", "C2"):
        bank.ask(Transaction.REGISTER_USER, RegisterUserRequest(customer=customer))
    return bank


def put(bank, text, customer="C1"):
    message = SetGreetingRequest(customer=customer, greeting=SecretText(text))
    return bank.ask(Transaction.SET_GREETING, message)


def get(bank, customer="C1"):
    outcome = bank.ask(Transaction.GET_GREETING, GetGreetingRequest(customer=customer))
    assert (outcome.code, outcome.seq) == (C.ANSWERED, -1)
    return outcome.body.greeting.reveal()


def test_kept_changed_and_taken_back(bank):
    invented = get(bank)
    assert put(bank, TEXT).code is C.CHANGED
    assert get(bank) == TEXT
    assert put(bank, "  Fish & Chips ").code is C.CHANGED
    assert get(bank) == "Fish & Chips"
    assert put(bank, "").code is C.CHANGED
    assert get(bank) == invented


def test_nobody_is_told_who_is_a_customer(bank):
    put(bank, TEXT)
    bank.ask(Transaction.CLOSE_USER, CloseUserRequest(customer="C1"))
    texts = {customer: get(bank, customer) for customer in ("C1", "C2", "C404", "C405")}
    assert texts["C1"] != TEXT
    assert len(set(texts.values())) == 4
    assert texts == {customer: get(bank, customer) for customer in texts}


def test_another_installation_invents_other_texts(bank, clock, entropy):
    _, context = memory_installation(entropy)
    other = Bank(bank.store, context, clock, entropy)
    first = [bank.context.keyring.invented(b"%d" % number) for number in range(9)]
    assert first != [other.context.keyring.invented(b"%d" % number) for number in range(9)]


def test_refused_by_name_and_for_strangers(bank):
    outcome = put(bank, "我的密码392714")
    assert (outcome.code, outcome.body.detail) == (C.GREETING_UNSUITABLE, "number")
    assert put(bank, TEXT, customer="C404").code is C.USER_UNKNOWN


def test_nothing_of_it_is_stored_or_printed(bank):
    put(bank, TEXT)
    tables = bank.store.tables
    stored = [row.sealed for row in tables.credentials.values()]
    stored += [
        part for s in tables.entries.values() for part in (s.entry.outcome, s.entry.personal)
    ]
    assert stored
    seen = b"".join(stored) + repr(tables).encode()
    assert TEXT.encode() not in seen


def test_a_known_and_an_unknown_customer_cost_the_same(bank, monkeypatch):
    put(bank, TEXT)
    keyring = bank.context.keyring
    calls: list[str] = []
    for name in ("open", "invented"):
        original = getattr(keyring, name)

        def counted(*arguments, original=original, name=name):
            calls.append(name)
            return original(*arguments)

        monkeypatch.setattr(keyring, name, counted)
    costs = []
    for customer in ("C1", "C2", "C404"):
        calls.clear()
        get(bank, customer)
        costs.append(sorted(calls))
    assert costs[0] == costs[1] == costs[2]
