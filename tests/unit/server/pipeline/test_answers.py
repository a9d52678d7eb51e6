"""What the peer may see, and the minute's summary of answers that leave no entry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.verification import VerifyOtpResponse
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.channel import Channel
from tigertally_server.pipeline.respond import answer_of
from tigertally_server.pipeline.tally import Tally
from tigertally_server.services.request import Outcome

C = ResponseCode
OPEN = Channel(id=1, name="open", institution="0001", suite=1, field_cipher=0)
DISCREET = replace(OPEN, name="discreet", disclose=False)
BODY = VerifyOtpResponse(token="T1", token_state=2, remaining_tries=3, locked_until=7)


def test_answer_says_where_its_entry_stands():
    answer = answer_of(OPEN, Transaction.VERIFY_OTP, Outcome(C.WRONG_CODE, BODY, 2, 40))
    assert (answer.code, answer.body.entry_shard, answer.body.entry_seq) == (C.WRONG_CODE, 2, 40)
    assert (answer.body.token, answer.body.remaining_tries) == ("T1", 3)


def test_unrecorded_answer_stands_nowhere_and_names_the_field():
    answer = answer_of(OPEN, Transaction.VERIFY_OTP, Outcome(C.BAD_FIELD, detail="otp"))
    assert (answer.body.detail, answer.body.entry_shard) == ("otp", 0xFFFF)


@pytest.mark.parametrize(
    "code",
    [C.WRONG_CODE, C.USER_UNKNOWN, C.TOKEN_LOCKED, C.TOKEN_UNKNOWN, C.NO_TOKEN, C.TOKEN_DISABLED],
)
def test_discreet_channel_learns_only_denied(code):
    answers = [
        answer_of(DISCREET, Transaction.VERIFY_OTP, Outcome(code, body, 0, 1))
        for body in (BODY, None)
    ]
    assert answers[0] == answers[1]
    assert answers[0].code is C.DENIED
    assert (answers[0].body.token, answers[0].body.remaining_tries) == ("", 255)


def test_discreet_channel_still_learns_an_approval():
    answer = answer_of(DISCREET, Transaction.VERIFY_OTP, Outcome(C.APPROVED, BODY, 0, 1))
    assert (answer.code, answer.body.token) == (C.APPROVED, "T1")


def test_summaries_come_when_the_minute_is_over():
    tally = Tally()
    for ms in (0, 59_999, 60_000):
        tally.count(1, C.BUSY, ms)
    tally.count(2, C.BAD_FIELD, 10)
    assert tally.due(59_999) == []
    due = dict(tally.due(60_000))
    assert {c: (s.minute_ms, s.counts) for c, s in due.items()} == {
        1: (0, {"BUSY": 2}),
        2: (0, {"BAD_FIELD": 1}),
    }
    assert [(c, s.counts) for c, s in tally.due(60_000, everything=True)] == [(1, {"BUSY": 1})]
    assert tally.due(10**9) == []
