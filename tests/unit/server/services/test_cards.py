"""Scratch cards through the services: cells used once, the same question until it is answered,
the end of a card announced and refused.
"""

from __future__ import annotations

import msgspec
import pytest

from tigertally_engines.otp.kernel import cell_codes
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.constants import NO_CELLS
from tigertally_protocol.messages.card import AskCardRequest, VerifyCardRequest
from tigertally_protocol.messages.token import BindTokenRequest, QueryTokenRequest, TokenRequest
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import TokenState, Transaction
from tigertally_server.domain.administration import PutTokenType
from tigertally_server.domain.token_extra import extra_of
from tigertally_server.pipeline.respond import answer_of
from tigertally_testing.bank import Bank, memory_installation

T = Transaction
MATRIX = (
    '{"algorithm": "card-matrix", "card_rows": 3, "card_columns": 3, "cell_digits": 3,'
    ' "cells_asked": 2, "card_warning": 3, "throttle_base_ms": 0}'
)
LIST = (
    '{"algorithm": "card-list", "card_rows": 4, "card_columns": 1, "look_ahead": 2,'
    ' "card_warning": 2, "throttle_base_ms": 0}'
)


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    bank = Bank(store, context, clock, entropy)
    bank.operate(PutTokenType("matrix", MATRIX), PutTokenType("list", LIST))
    bank.reload()
    return bank


class Card:
    """A customer's card, as its owner reads it."""

    def __init__(self, bank, type_name="matrix", number=1):
        self.bank, self.customer, self.serial = bank, f"C{number}", f"K{number}"
        self.seed = bank.add_token(self.serial, token_id=number, type_name=type_name)
        bank.ask(T.REGISTER_USER, RegisterUserRequest(customer=self.customer))
        bound = BindTokenRequest(customer=self.customer, token=self.serial)
        assert bank.ask(T.BIND_TOKEN, bound).code is C.CHANGED

    def asked(self):
        return self.bank.ask(T.ASK_CARD, AskCardRequest(customer=self.customer))

    def read(self, question):
        """What stands in the cells asked for."""
        names = question.cells.split(",")
        cells = [(ord(name[0]) - ord("A")) * 3 + int(name[1:]) - 1 for name in names]
        return "".join(cell_codes(self.seed, cells, 3))

    def answer(self, question, answer=None, **changes):
        message = VerifyCardRequest(
            customer=self.customer,
            challenge=question.challenge,
            answer=SecretText(self.read(question) if answer is None else answer),
        )
        return self.bank.ask(T.VERIFY_CARD, msgspec.structs.replace(message, **changes))

    def row(self):
        return self.bank.store.tables.tokens[int(self.serial[1:])]


def test_a_card_from_its_first_cell_to_its_last(bank):
    """Nine cells make four answers of two: the last one can't be asked for."""
    card, seen = Card(bank), []
    for turn in range(4):
        question = card.asked().body
        seen += question.cells.split(",")
        outcome = card.answer(question)
        assert outcome.code is C.APPROVED
        assert outcome.body.cells_left == 7 - 2 * turn
        assert outcome.body.detail == ("card_low" if turn >= 2 else "")
    assert len(set(seen)) == 8, "each cell once"
    assert card.asked().code is C.CARD_EXHAUSTED
    details = QueryTokenRequest(customer=card.customer, token=card.serial)
    assert bank.ask(T.QUERY_TOKEN, details).body.cells_left == 1


def test_asking_again_asks_for_the_same_cells_until_they_are_answered(bank, clock):
    card = Card(bank)
    first = card.asked().body
    for _ in range(5):
        again = card.asked().body
        assert again.cells == first.cells
        assert again.challenge != first.challenge
    assert card.answer(first).code is C.CHALLENGE_SPENT, "only the last question counts"
    clock.advance(200_000)
    assert card.answer(again).code is C.CHALLENGE_EXPIRED
    after = card.asked().body
    assert after.cells == first.cells
    assert card.answer(after).code is C.APPROVED
    assert not set(card.asked().body.cells.split(",")) & set(first.cells.split(","))


def test_an_answer_counts_once(bank):
    card = Card(bank)
    question = card.asked().body
    assert card.answer(question).code is C.APPROVED
    assert card.answer(question).code is C.CHALLENGE_USED


def test_twins_in_one_batch(bank):
    card = Card(bank)
    question = card.asked().body
    message = VerifyCardRequest(
        customer=card.customer,
        challenge=question.challenge,
        answer=SecretText(card.read(question)),
    )
    outcomes = bank.run(*(bank.request(T.VERIFY_CARD, message) for _ in range(30)))
    codes = [outcome.code for outcome in outcomes]
    assert codes.count(C.APPROVED) == 1
    assert codes.count(C.CHALLENGE_USED) == 29


def test_wrong_answers_spend_the_question_and_lock_the_card(bank):
    card = Card(bank)
    question = card.asked().body
    for _ in range(3):
        assert card.answer(question, "000000").code is C.WRONG_CODE
    assert card.answer(question).code is C.CHALLENGE_SPENT
    question = card.asked().body
    wrong = [card.answer(question, "000000").code for _ in range(2)]
    assert wrong == [C.WRONG_CODE] * 2
    locked = card.answer(question)
    assert (locked.code, locked.body.token_state) == (C.TOKEN_LOCKED, TokenState.LOCKED)
    assert extra_of(card.row().extra).used == b"", "no cell was used up"
    bank.ask(T.UNLOCK_TOKEN, TokenRequest(customer=card.customer, token=card.serial))
    assert card.answer(question).code is C.APPROVED


def test_a_question_is_one_customers(bank):
    card, other = Card(bank), Card(bank, number=2)
    question = card.asked().body
    stolen = other.answer(question, card.read(question))
    assert stolen.code is C.CHALLENGE_UNKNOWN
    assert card.answer(question, customer="NOBODY").code is C.USER_UNKNOWN
    assert card.answer(question, challenge="0" * 32).code is C.CHALLENGE_UNKNOWN
    assert card.answer(question, challenge="xyz").detail == ""
    assert card.answer(question, challenge="xyz").code is C.BAD_FIELD


def test_other_tokens_are_asked_for_no_cells(bank):
    held = bank.customer_with_token(7)
    asked = bank.ask(T.ASK_CARD, AskCardRequest(customer=held.customer))
    assert asked.code is C.METHOD_NOT_OF_TOKEN
    card = Card(bank)
    plain = VerifyOtpRequest(customer=card.customer, otp=SecretText("000000"))
    assert bank.ask(T.VERIFY_OTP, plain).code is C.METHOD_NOT_OF_TOKEN
    assert card.row().otp.failures == 0


def test_where_reasons_are_hidden_anybody_is_asked(bank):
    """Known, unknown, without a card: a question of the same looks, and the same each time."""
    card = Card(bank)
    bank.add_channel(5, disclose=False)
    shown = {}
    for customer in (card.customer, "NOBODY"):
        for turn in range(2):
            message = AskCardRequest(customer=customer)
            outcome = bank.ask(T.ASK_CARD, message)
            answer = answer_of(bank.channel, T.ASK_CARD, outcome)
            assert answer.code is C.CHANGED
            body = answer.body
            shown[customer, turn] = body
            assert (body.token, body.cell_digits, body.cells_left) == ("", 3, NO_CELLS)
            assert len(body.cells.split(",")) == 2
    assert shown["NOBODY", 0].cells == shown["NOBODY", 1].cells
    wrong = VerifyCardRequest(
        customer="NOBODY", challenge=shown["NOBODY", 1].challenge, answer=SecretText("123456")
    )
    outcome = bank.ask(T.VERIFY_CARD, wrong)
    of_nobody = answer_of(bank.channel, T.VERIFY_CARD, outcome)
    known = card.answer(shown[card.customer, 1], "000000")
    of_known = answer_of(bank.channel, T.VERIFY_CARD, known)
    places = {"entry_shard": 0, "entry_seq": 0}
    assert of_nobody.code is of_known.code is C.DENIED
    assert msgspec.structs.replace(of_nobody.body, **places) == msgspec.structs.replace(
        of_known.body, **places
    )


def test_a_list_through_the_ordinary_verification(bank):
    card = Card(bank, "list")
    codes = cell_codes(card.seed, range(4), 6)

    def verify(code):
        message = VerifyOtpRequest(customer=card.customer, otp=SecretText(code))
        return bank.ask(T.VERIFY_OTP, message)

    details = [verify(code).body.detail for code in codes[:3]]
    assert details == ["", "card_low", "card_low"]
    assert verify(codes[1]).code is C.REPLAYED_CODE
    assert verify(codes[3]).code is C.APPROVED
    assert verify(codes[3]).code is C.CARD_EXHAUSTED
    query = QueryTokenRequest(customer=card.customer, token=card.serial)
    assert bank.ask(T.QUERY_TOKEN, query).body.cells_left == 0


def test_used_cells_stay_used_for_the_next_owner(bank):
    card = Card(bank)
    question = card.asked().body
    assert card.answer(question).code is C.APPROVED
    about = TokenRequest(customer=card.customer, token=card.serial)
    assert bank.ask(T.UNBIND_TOKEN, about).code is C.CHANGED
    bound = BindTokenRequest(customer=card.customer, token=card.serial)
    assert bank.ask(T.BIND_TOKEN, bound).code is C.CHANGED
    assert card.asked().body.cells_left == 7
