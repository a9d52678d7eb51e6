"""Questions, answers and host codes through the real services and the in-memory store."""

from __future__ import annotations

import json

import pytest

from tigertally_engines.otp import ocra, questions
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.ocra import (
    HostCodeRequest,
    IssueOcraChallengeRequest,
    VerifyOcraRequest,
)
from tigertally_protocol.messages.proof import SetTokenPinRequest
from tigertally_protocol.messages.token import BindTokenRequest, ResyncTokenRequest, TokenRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.administration import PutTokenType
from tigertally_server.services.asking import OPEN_AT_ONCE
from tigertally_testing.bank import Bank, HeldToken, memory_installation

T = Transaction
TYPES = {
    "bare": "OCRA-1:HOTP-SHA256-8:QN08",
    "counted": "OCRA-1:HOTP-SHA256-8:C-QN08",
    "timed": "OCRA-1:HOTP-SHA256-8:QN08-T1M",
    "pinned": "OCRA-1:HOTP-SHA256-8:C-QN08-PSHA256",
    "session": "OCRA-1:HOTP-SHA256-8:QA08-S064-T1M",
    "whole": "OCRA-1:HOTP-SHA512-0:QH64-S512",
}
MUTUAL = ("OCRA-1:HOTP-SHA256-8:QA08", "OCRA-1:HOTP-SHA512-8:QA08")
TEXT = bytes(range(32))


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    bank = Bank(store, context, clock, entropy)
    for name, suite in TYPES.items():
        values = {"algorithm": "ocra", "ocra_suite": suite, "throttle_base_ms": 0}
        bank.operate(PutTokenType(name, json.dumps(values)))
    mutual = {"algorithm": "ocra", "ocra_suite": MUTUAL[0], "ocra_host_suite": MUTUAL[1]}
    bank.operate(PutTokenType("mutual", json.dumps(mutual)))
    gm = {"algorithm": "gm-sm4", "step_s": 60, "question_length": 6}
    bank.operate(PutTokenType("gm", json.dumps(gm)))
    bank.reload()
    return bank


class Device:
    """An OCRA or GM token in its owner's hand."""

    def __init__(self, bank: Bank, type_name: str, number: int = 1, pin: str = "") -> None:
        self.bank, self.pin, self.counter = bank, pin, 0
        self.held: HeldToken = bank.customer_with_token(number, type_name)
        self.parameters: OtpParameters = bank.context.snapshot.token_types[type_name]

    def answers(self, question: str, session: str = "", counter: int | None = None) -> str:
        pin_hash = b""
        if questions.needs_pin(self.parameters):
            pin_hash = ocra.pin_hash(self.parameters.suite, self.pin)
        step_s = questions.step_s(self.parameters)
        step = self.bank.clock.now_ms() // (step_s * 1000) if step_s else None
        moment = Moment(self.counter if counter is None else counter, step)
        inputs = Inputs(question, pin_hash, session.encode())
        return questions.codes(self.parameters, self.held.seed, inputs, [moment])[0]

    def asked(self, **fields):
        message = IssueOcraChallengeRequest(customer=self.held.customer, **fields)
        return self.bank.ask(T.ISSUE_OCRA_CHALLENGE, message)

    def answered(self, answer: str, **fields):
        return self.bank.run(self.request(answer, **fields))[0]

    def request(self, answer: str, **fields):
        message = VerifyOcraRequest(
            customer=self.held.customer, answer=SecretText(answer), **fields
        )
        return self.bank.request(T.VERIFY_OCRA, message)


@pytest.mark.parametrize("type_name", ["bare", "counted", "timed", "gm"])
def test_a_question_is_answered_once(bank, type_name):
    device = Device(bank, type_name)
    asked = device.asked()
    assert asked.code is C.CHANGED
    question = asked.body.question
    assert questions.is_question(device.parameters, question)
    assert asked.body.expires_at == bank.clock.now_ms() + 180_000
    answer = device.answers(question)
    first = device.answered(answer, challenge=asked.body.challenge)
    assert first.code is C.APPROVED
    assert (first.body.question, first.body.text_digest) == (question, bytes(32))
    assert device.answered(answer, challenge=asked.body.challenge).code is C.CHALLENGE_USED


def test_twins_in_one_batch(bank):
    device = Device(bank, "bare")
    asked = device.asked().body
    answer = device.answers(asked.question)
    twins = [device.request(answer, challenge=asked.challenge) for _ in range(30)]
    codes = [outcome.code for outcome in bank.run(*twins)]
    assert codes.count(C.APPROVED) == 1
    assert codes.count(C.CHALLENGE_USED) == 29


def test_same_serial_gets_the_same_question(bank):
    device = Device(bank, "bare")
    message = IssueOcraChallengeRequest(customer=device.held.customer)
    request = bank.request(T.ISSUE_OCRA_CHALLENGE, message)
    assert bank.run(request) == bank.run(request)


def test_questions_of_a_text_belong_to_it_and_differ(bank):
    device = Device(bank, "bare")
    asked = [device.asked(text_digest=TEXT).body for _ in range(3)]
    assert len({one.question for one in asked}) == 3
    answer = device.answers(asked[1].question)
    done = device.answered(answer, challenge=asked[1].challenge)
    assert (done.code, done.body.text_digest) == (C.APPROVED, TEXT)
    wrong = device.answered(answer, challenge=asked[2].challenge)
    assert (wrong.code, wrong.body.text_digest) == (C.WRONG_CODE, bytes(32))


def test_a_question_lapses_and_is_spent(bank, clock):
    device = Device(bank, "bare")
    asked = device.asked().body
    answer = device.answers(asked.question)
    clock.advance(180_000)
    assert device.answered(answer, challenge=asked.challenge).code is C.CHALLENGE_EXPIRED
    asked = device.asked().body
    answer = device.answers(asked.question)
    wrong = f"{(int(answer) + 1) % 10**8:08}"
    tries = [device.answered(wrong, challenge=asked.challenge).code for _ in range(3)]
    assert tries == [C.WRONG_CODE] * 3
    assert device.answered(answer, challenge=asked.challenge).code is C.CHALLENGE_SPENT


def test_only_so_many_questions_wait(bank, clock):
    device, asked = Device(bank, "bare"), []
    for _ in range(OPEN_AT_ONCE + 1):
        asked.append(device.asked().body)
        clock.advance(1)
    first, second = asked[0], asked[1]
    answer = device.answers(first.question)
    assert device.answered(answer, challenge=first.challenge).code is C.CHALLENGE_SPENT
    answer = device.answers(second.question)
    assert device.answered(answer, challenge=second.challenge).code is C.APPROVED


def test_another_customers_question(bank):
    one, other = Device(bank, "bare", 1), Device(bank, "bare", 2)
    asked = one.asked().body
    answer = other.answers(asked.question)
    assert other.answered(answer, challenge=asked.challenge).code is C.CHALLENGE_UNKNOWN
    assert one.answered("00000000", challenge="ab" * 16).code is C.CHALLENGE_UNKNOWN


def test_the_question_says_which_token(bank):
    device = Device(bank, "bare")
    bank.add_token("T2", token_id=2)
    bank.ask(T.BIND_TOKEN, BindTokenRequest(customer=device.held.customer, token="T2"))
    assert device.asked().code is C.AMBIGUOUS_TOKEN
    asked = device.asked(token=device.held.serial).body
    answer = device.answers(asked.question)
    other = device.answered(answer, challenge=asked.challenge, token="T2")
    assert other.code is C.METHOD_NOT_OF_TOKEN
    assert device.answered(answer, challenge=asked.challenge).code is C.APPROVED


@pytest.mark.parametrize("type_name", ["counted", "timed", "gm"])
def test_the_channels_own_question_counts_once(bank, clock, type_name):
    device = Device(bank, type_name)
    answer = device.answers("123456")
    assert device.answered(answer, question="123456").code is C.APPROVED
    assert device.answered(answer, question="123456").code is C.REPLAYED_CODE
    device.counter = 1
    second = device.answers("654321")
    assert device.answered(second, question="654321").code is C.APPROVED
    assert device.answered(second, question="654321").code is C.REPLAYED_CODE
    clock.advance(60_000)
    device.counter = 2
    assert device.answered(device.answers("123456"), question="123456").code is C.APPROVED


def test_twins_of_a_channels_question(bank):
    device = Device(bank, "timed")
    answer = device.answers("123456")
    twins = [device.request(answer, question="123456") for _ in range(30)]
    codes = [outcome.code for outcome in bank.run(*twins)]
    assert codes.count(C.APPROVED) == 1
    assert codes.count(C.REPLAYED_CODE) == 29


def test_without_counter_and_time_only_our_questions(bank):
    device = Device(bank, "bare")
    answer = device.answers("12345678")
    assert device.answered(answer, question="12345678").code is C.QUESTION_NOT_PERMITTED
    assert device.asked(question="12345678").code is C.QUESTION_NOT_PERMITTED


def test_a_typed_question_can_be_issued(bank):
    device = Device(bank, "counted")
    asked = device.asked(question="00881234", text_digest=TEXT)
    assert asked.body.question == "00881234"
    answer = device.answers("00881234", counter=7)
    done = device.answered(answer, challenge=asked.body.challenge)
    assert (done.code, done.body.question, done.body.text_digest) == (C.APPROVED, "00881234", TEXT)


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ({}, "question"),
        ({"challenge": "abc"}, "challenge"),
        ({"challenge": "zz" * 16}, "challenge"),
        ({"challenge": "ab" * 16, "question": "1234"}, "question"),
        ({"challenge": "ab" * 16, "session": "S"}, "session"),
    ],
)
def test_a_question_is_named_in_one_way(bank, fields, bad):
    outcome = Device(bank, "timed").answered("12345678", **fields)
    assert (outcome.code, outcome.body.detail, outcome.seq) == (C.BAD_FIELD, bad, -1)


@pytest.mark.parametrize(
    ("fields", "bad"),
    [({"question": "12"}, "question"), ({"question": "1234567a"}, "question"),
     ({"session": "S"}, "session")],
)  # fmt: skip
def test_what_can_not_be_asked(bank, fields, bad):
    outcome = Device(bank, "timed").asked(**fields)
    assert (outcome.code, outcome.body.detail) == (C.BAD_FIELD, bad)


@pytest.mark.parametrize("fields", [{"question": "123"}, {"question": "1234", "session": "S"}])
def test_a_question_that_does_not_fit(bank, fields):
    assert Device(bank, "timed").answered("12345678", **fields).code is C.QUESTION_NOT_PERMITTED


def test_session_information_is_part_of_it(bank):
    device = Device(bank, "session")
    assert device.asked().code is C.BAD_FIELD
    asked = device.asked(session="网银会话 7").body
    wrong = device.answers(asked.question, "网银会话 8")
    assert device.answered(wrong, challenge=asked.challenge).code is C.WRONG_CODE
    answer = device.answers(asked.question, "网银会话 7")
    assert device.answered(answer, challenge=asked.challenge).code is C.APPROVED
    own = device.answers("ABCD1234", "S2")
    assert device.answered(own, question="ABCD1234", session="S1").code is C.WRONG_CODE
    assert device.answered(own, question="ABCD1234", session="S2").code is C.APPROVED


def test_a_whole_hmac(bank):
    device = Device(bank, "whole")
    asked = device.asked(session="x" * 512).body
    assert len(asked.question) == 64
    answer = device.answers(asked.question, "x" * 512)
    assert len(answer) == 128
    assert device.answered(answer.upper(), challenge=asked.challenge).code is C.APPROVED


# ---- the PIN's hash


def test_pin_that_comes_along(bank):
    device = Device(bank, "pinned", pin="2580")
    asked = device.asked().body
    answer = device.answers(asked.question)
    assert device.answered(answer, challenge=asked.challenge).code is C.TOKEN_PIN_NOT_SET
    wrong = device.answered(answer, challenge=asked.challenge, pin=SecretText("2581"))
    assert wrong.code is C.WRONG_CODE
    right = device.answered(answer, challenge=asked.challenge, pin=SecretText("2580"))
    assert right.code is C.APPROVED


def test_pin_that_is_kept(bank):
    device = Device(bank, "pinned", pin="2580")
    set_pin = SetTokenPinRequest(
        customer=device.held.customer, token=device.held.serial, new_pin=SecretText("2580")
    )
    assert bank.ask(T.SET_TOKEN_PIN, set_pin).code is C.CHANGED
    asked = device.asked().body
    answer = device.answers(asked.question)
    foreign = ocra.pin_hash(device.parameters.suite, "9999")
    thief = questions.codes(
        device.parameters, device.held.seed, Inputs(asked.question, foreign), [Moment(0, None)]
    )[0]
    stolen = device.answered(thief, challenge=asked.challenge, pin=SecretText("9999"))
    assert stolen.code is C.WRONG_CODE
    assert device.answered(answer, challenge=asked.challenge).code is C.APPROVED


# ---- the server's own answer


def test_host_code_and_the_answer_to_it(bank):
    device = Device(bank, "mutual")
    message = HostCodeRequest(customer=device.held.customer, question="CLI22220", text_digest=TEXT)
    host = bank.ask(T.HOST_CODE, message)
    assert host.code is C.CHANGED
    own = host.body.question
    expected = questions.host_code(
        device.parameters, device.held.seed, OtpState(), Inputs("CLI22220" + own), 0
    )
    assert host.body.host_code.reveal() == expected
    reflected = device.answered(expected, challenge=host.body.challenge)
    assert reflected.code is C.WRONG_CODE
    answer = device.answers(own + "CLI22220")
    done = device.answered(answer, challenge=host.body.challenge)
    assert (done.code, done.body.question, done.body.text_digest) == (C.APPROVED, own, TEXT)


def test_host_code_needs_its_suite_and_a_question(bank):
    device = Device(bank, "bare")
    message = HostCodeRequest(customer=device.held.customer, question="12345678")
    assert bank.ask(T.HOST_CODE, message).code is C.METHOD_NOT_OF_TOKEN
    other = Device(bank, "mutual", 2)
    for question, code in (("", C.BAD_FIELD), ("AB", C.BAD_FIELD), ("A" * 9, C.BAD_FIELD)):
        message = HostCodeRequest(customer=other.held.customer, question=question)
        assert bank.ask(T.HOST_CODE, message).code is code


# ---- other ways of using the token, and its failures


def test_an_ocra_token_has_no_plain_codes(bank):
    device = Device(bank, "counted")
    customer, serial = device.held.customer, device.held.serial
    code = SecretText("12345678")
    for transaction, message in (
        (T.VERIFY_OTP, VerifyOtpRequest(customer=customer, otp=code)),
        (
            T.RESYNC_TOKEN,
            ResyncTokenRequest(customer=customer, token=serial, otp_1=code, otp_2=code),
        ),
    ):
        assert bank.ask(transaction, message).code is C.METHOD_NOT_OF_TOKEN
    bank.add_token("T9", token_id=9, type_name="counted")
    bind = BindTokenRequest(customer=customer, token="T9", otp=code)
    assert bank.ask(T.BIND_TOKEN, bind).code is C.METHOD_NOT_OF_TOKEN


def test_a_totp_token_has_no_answers(bank):
    held = bank.customer_with_token(1)
    ask = IssueOcraChallengeRequest(customer=held.customer)
    assert bank.ask(T.ISSUE_OCRA_CHALLENGE, ask).code is C.METHOD_NOT_OF_TOKEN


def test_wrong_answers_lock_the_token(bank):
    device = Device(bank, "timed")
    for _ in range(5):
        assert device.answered("00000000", question="1111").code is C.WRONG_CODE
    locked = device.answered(device.answers("1111"), question="1111")
    assert (locked.code, locked.body.remaining_tries) == (C.TOKEN_LOCKED, 0)
    unlock = TokenRequest(customer=device.held.customer, token=device.held.serial)
    assert bank.ask(T.UNLOCK_TOKEN, unlock).code is C.CHANGED
    assert device.answered(device.answers("1111"), question="1111").code is C.APPROVED


def test_a_plain_code_and_an_answer_in_one_minute(bank):
    device = Device(bank, "gm")
    step = bank.clock.now_ms() // 60_000
    from_display = questions.codes(  # without a question the identity has no third part
        device.parameters, device.held.seed, Inputs(""), [Moment(None, step)]
    )[0]
    plain = VerifyOtpRequest(customer=device.held.customer, otp=SecretText(from_display))
    assert bank.ask(T.VERIFY_OTP, plain).code is C.APPROVED
    assert device.answered(device.answers("123456"), question="123456").code is C.APPROVED


# ---- where reasons are hidden


@pytest.mark.parametrize("transaction", [T.ISSUE_OCRA_CHALLENGE, T.HOST_CODE])
def test_anybody_is_asked_where_reasons_are_hidden(bank, transaction):
    device = Device(bank, "mutual")
    bank.add_channel(7, disclose=False)
    cls = IssueOcraChallengeRequest if transaction is T.ISSUE_OCRA_CHALLENGE else HostCodeRequest
    question = "" if transaction is T.ISSUE_OCRA_CHALLENGE else "ABCD1234"
    # Which type of token nobody seems to have goes by the name; one may want a session.
    nobody = next(
        name
        for name in (f"NOBODY-{number}" for number in range(1_000))
        if bank.ask(transaction, cls(customer=name, question=question)).code is not C.BAD_FIELD
    )
    shapes = []
    for customer in (device.held.customer, nobody):
        outcome = bank.ask(transaction, cls(customer=customer, question=question))
        body = outcome.body
        shapes.append(
            (
                outcome.code,
                body.token,
                len(body.challenge),
                body.expires_at,
                len(getattr(body, "host_code", SecretText(""))),
            )
        )
        if customer == nobody:
            message = VerifyOcraRequest(
                customer=customer, challenge=body.challenge, answer=SecretText("12345678")
            )
            assert bank.ask(T.VERIFY_OCRA, message).code is C.USER_UNKNOWN
    assert shapes[0] == shapes[1]
