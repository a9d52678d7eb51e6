"""Emergency codes through the services: few uses, a short time, limits of their own, and an end
with the loss.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.activation import (
    IssueEmergencyCodeRequest,
    VerifyEmergencyCodeRequest,
)
from tigertally_protocol.messages.token import QueryTokenRequest, ReplaceTokenRequest, TokenRequest
from tigertally_protocol.messages.user import CloseUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import TokenState, Transaction
from tigertally_server.pipeline.respond import answer_of
from tigertally_testing.bank import Bank, memory_installation

T = Transaction


class Loser:
    """A customer who lost the token."""

    def __init__(self, bank):
        self.bank = bank
        self.held = bank.customer_with_token(1)
        self.about: dict[str, Any] = {"customer": self.held.customer, "token": self.held.serial}

    def report(self, transaction=T.REPORT_LOSS):
        return self.bank.ask(transaction, TokenRequest(**self.about, reason="bus"))

    def issue(self, **changes):
        message = IssueEmergencyCodeRequest(**self.about, reason="hotline", **changes)
        return self.bank.ask(T.ISSUE_EMERGENCY_CODE, message)

    def message(self, code, **changes):
        message = VerifyEmergencyCodeRequest(customer=self.held.customer, otp=SecretText(code))
        return msgspec.structs.replace(message, **changes)

    def use(self, code, **changes):
        return self.bank.ask(T.VERIFY_EMERGENCY_CODE, self.message(code, **changes))


@pytest.fixture
def loser(clock, entropy):
    store, context = memory_installation(entropy)
    return Loser(Bank(store, context, clock, entropy))


def code_of(outcome):
    assert outcome.code is C.CHANGED
    return outcome.body.emergency_code.reveal()


def test_a_code_stands_in_for_a_lost_token(loser, clock):
    loser.report()
    issued = loser.issue()
    assert (issued.body.uses_left, issued.body.token_state) == (3, TokenState.LOST)
    code = code_of(issued)
    assert len(code) == 8
    query = QueryTokenRequest(**loser.about)
    shown = loser.bank.ask(T.QUERY_TOKEN, query).body
    assert shown.emergency_until == clock.now_ms() + 86_400_000
    left = [loser.use(code).body.uses_left for _ in range(3)]
    assert left == [2, 1, 0]
    assert loser.use(code).code is C.NO_EMERGENCY_CODE
    lost = loser.bank.verify(loser.held, loser.held.code(clock.now_ms()))
    assert lost.code is C.TOKEN_LOST, "the token itself approves nothing"


def test_only_a_lost_token_has_one(loser):
    assert loser.issue().code is C.ILLEGAL_TRANSITION
    assert loser.use("12345678").code is C.NO_EMERGENCY_CODE


@pytest.mark.parametrize("ends", ["withdrawn", "replaced", "void", "late", "closed"])
def test_it_ends(loser, clock, ends):
    loser.report()
    code = code_of(loser.issue(uses=10))
    assert loser.use(code).code is C.APPROVED
    expected = C.NO_EMERGENCY_CODE
    match ends:
        case "withdrawn":
            assert loser.report(T.WITHDRAW_LOSS).code is C.CHANGED
            assert loser.report().code is C.CHANGED, "nor does another loss revive it"
        case "replaced":
            loser.bank.add_token("SPARE", token_id=9)
            message = ReplaceTokenRequest(**loser.about, new_token="SPARE")
            assert loser.bank.ask(T.REPLACE_TOKEN, message).code is C.CHANGED
        case "void":
            assert loser.report(T.VOID_TOKEN).code is C.CHANGED
        case "late":
            clock.advance(86_400_000)
        case "closed":
            closing = CloseUserRequest(customer=loser.held.customer)
            loser.bank.ask(T.CLOSE_USER, closing)
            expected = C.USER_CLOSED
    assert loser.use(code, token=loser.held.serial).code is expected


def test_guesses_lock_it_and_a_new_code_forgives_none(loser, clock):
    loser.report()
    code = code_of(loser.issue())
    answers = []
    for _ in range(3):
        answers.append(loser.use("00000000").code)
        clock.advance(5_000)
    assert answers == [C.WRONG_CODE] * 3
    assert loser.use(code).code is C.TOKEN_LOCKED
    fresh = code_of(loser.issue())
    assert loser.use(fresh).code is C.TOKEN_LOCKED
    clock.advance(1_800_000)
    assert loser.use(code).code is C.WRONG_CODE, "the code before ended"
    clock.advance(60_000)
    assert loser.use(fresh).code is C.APPROVED


def test_its_failures_are_not_the_tokens(loser):
    loser.report()
    loser.issue()
    loser.use("00000000")
    assert loser.bank.store.tables.tokens[1].otp.failures == 0


def test_the_last_use_is_taken_once(loser):
    loser.report()
    code = code_of(loser.issue(uses=2))
    request = [loser.bank.request(T.VERIFY_EMERGENCY_CODE, loser.message(code)) for _ in range(20)]
    codes = [outcome.code for outcome in loser.bank.run(*request)]
    assert (codes.count(C.APPROVED), codes.count(C.NO_EMERGENCY_CODE)) == (2, 18)


@pytest.mark.parametrize("bad", [{"uses": 11}, {"valid_s": 4 * 86_400}])
def test_bounds(loser, bad):
    loser.report()
    outcome = loser.issue(**bad)
    assert (outcome.code, outcome.body.detail) == (C.BAD_FIELD, next(iter(bad)))


def test_where_reasons_are_hidden_there_is_nothing_to_see(loser):
    """Unknown customer, no code, wrong code: the same answer."""
    loser.report()
    loser.issue()
    loser.bank.add_channel(5, disclose=False)
    seen = set()
    for changes in ({}, {"customer": "NOBODY"}, {"token": "OTHER"}):
        outcome = loser.use("00000000", **changes)
        answer = answer_of(loser.bank.channel, T.VERIFY_EMERGENCY_CODE, outcome)
        body = msgspec.structs.replace(answer.body, entry_shard=0, entry_seq=0)
        seen.add((answer.code, msgspec.structs.astuple(body)))
    assert len(seen) == 1
