"""The decision about answers: nothing counts twice, failures are exact, replays are no failures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.otp import questions
from tigertally_engines.otp.answer import QUESTIONS_PER_STEP, Answered, State, verify_answer
from tigertally_engines.otp.decide import OtpResult
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.state import OtpState

SEED = b"12345678901234567890123456789012"
NOW_MS = 1_767_225_600_000
STEP = NOW_MS // 60_000
R = OtpResult


def ocra(kind: str, function: str = "SHA256-8", **changes: object) -> OtpParameters:
    suite = f"OCRA-1:HOTP-{function}:{kind}"
    return OtpParameters().merge({"algorithm": "ocra", "ocra_suite": suite, **changes})


COUNTED = ocra("C-QN08")
TIMED = ocra("QN08-T1M")
BARE = ocra("QN08")
BOTH = ocra("C-QN08-T1M")
GM = OtpParameters().merge({"algorithm": "gm-sm4", "step_s": 60, "digits": 8})


class Held:
    """A token in somebody's hand and its row, as one sequence of tries."""

    def __init__(self, parameters: OtpParameters) -> None:
        self.parameters, self.state = parameters, State(OtpState())
        self.last: Answered | None = None

    def code(self, question: str, counter: int = 0, step: int = STEP) -> str:
        inputs = Inputs(question)
        return questions.codes(self.parameters, SEED, inputs, [Moment(counter, step)])[0]

    def tries(self, question: str, answer: str, now_ms: int = NOW_MS) -> OtpResult:
        self.last = verify_answer(
            self.parameters, SEED, self.state, Inputs(question), answer, now_ms
        )
        self.state = State(self.last.verdict.state, self.last.questions)
        return self.last.verdict.result


def test_a_counter_answers_once() -> None:
    held = Held(COUNTED)
    assert held.tries("11111111", held.code("11111111", 3)) is R.APPROVED
    assert held.state.otp.moving == 4
    assert held.tries("11111111", held.code("11111111", 3)) is R.REPLAYED
    assert held.tries("22222222", held.code("22222222", 2)) is R.REPLAYED
    assert held.state.otp.failures == 0
    assert held.tries("11111111", held.code("11111111", 4)) is R.APPROVED
    assert held.tries("11111111", held.code("11111111", 99)) is R.WRONG
    assert held.state.otp.failures == 1


@pytest.mark.parametrize("parameters", [TIMED, GM], ids=["ocra", "gm"])
def test_a_step_answers_each_question_once(parameters: OtpParameters) -> None:
    held = Held(parameters)
    assert held.tries("11111111", held.code("11111111")) is R.APPROVED
    assert held.tries("22222222", held.code("22222222")) is R.APPROVED
    assert held.tries("11111111", held.code("11111111")) is R.REPLAYED
    assert held.tries("22222222", held.code("22222222")) is R.REPLAYED
    assert held.tries("33333333", held.code("33333333", step=STEP - 1)) is R.REPLAYED
    assert held.state.otp.failures == 0
    assert held.tries("11111111", held.code("11111111", step=STEP + 1)) is R.APPROVED
    assert held.tries("44444444", held.code("44444444", step=STEP)) is R.REPLAYED


def test_the_same_question_in_other_digits_is_the_same() -> None:
    held = Held(TIMED)
    assert held.code("1234") == held.code("00001234")
    assert held.tries("1234", held.code("1234")) is R.APPROVED
    assert held.tries("00001234", held.code("1234")) is R.REPLAYED
    mixed = Held(ocra("QH08-T1M"))
    assert mixed.tries("abc", mixed.code("abc")) is R.APPROVED
    assert mixed.tries("ABC0", mixed.code("ABC0")) is R.REPLAYED
    assert mixed.tries("ABC000", mixed.code("abc")) is R.REPLAYED


def test_a_step_takes_only_so_many_questions() -> None:
    held = Held(TIMED)
    asked = [f"{70_000_001 + number}" for number in range(QUESTIONS_PER_STEP + 1)]
    results = [held.tries(question, held.code(question)) for question in asked]
    assert results == [R.APPROVED] * QUESTIONS_PER_STEP + [R.THROTTLED]
    later = held.code("99999999", step=STEP + 2)
    assert held.tries("99999999", later, NOW_MS + 120_000) is R.APPROVED


def test_counter_and_time_together() -> None:
    held = Held(BOTH)
    assert held.tries("11111111", held.code("11111111", 2, STEP + 1)) is R.APPROVED
    assert held.state.otp == OtpState(3, 1)
    assert held.tries("11111111", held.code("11111111", 2, STEP + 1)) is R.REPLAYED
    assert held.tries("11111111", held.code("11111111", 3, STEP)) is R.APPROVED


def test_drift_is_learnt() -> None:
    held = Held(TIMED)
    assert held.tries("11111111", held.code("11111111", step=STEP + 1)) is R.APPROVED
    assert held.state.otp.drift == 1
    later = held.code("11111111", step=STEP + 12)
    assert held.tries("11111111", later, NOW_MS + 600_000) is R.APPROVED


@pytest.mark.parametrize(
    "answer", ["", "1234567", "123456789", "1234567a", "１２３４５６７８", "abc"]
)
def test_what_is_no_answer_is_a_failure(answer: str) -> None:
    held = Held(BARE)
    assert held.tries("11111111", answer) is R.WRONG
    assert held.state.otp.failures == 1


def test_locks_are_those_of_codes() -> None:
    held = Held(ocra("QN08", throttle_base_ms=0))
    for _ in range(5):
        assert held.tries("11111111", "00000000") is R.WRONG
    assert held.tries("11111111", held.code("11111111")) is R.LOCKED
    assert held.last is not None
    assert held.last.verdict.remaining == 0
    assert held.tries("11111111", held.code("11111111"), NOW_MS + 900_000) is R.APPROVED


def test_throttled_tries_look_at_nothing() -> None:
    held = Held(BARE)
    for _ in range(3):
        held.tries("11111111", "00000000")
    assert held.tries("11111111", held.code("11111111")) is R.THROTTLED
    assert held.state.otp.failures == 3


def test_a_whole_hmac_in_either_case() -> None:
    held = Held(ocra("C-QN08", "SHA1-0"))
    code = held.code("11111111")
    assert len(code) == 40
    assert held.tries("11111111", code.upper()) is R.APPROVED
    assert held.tries("11111111", code) is R.REPLAYED


@given(
    parameters=st.sampled_from((COUNTED, TIMED, GM, BOTH)),
    tries=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 6), st.integers(-2, 2), st.integers(-90, 200))
    ),
)
def test_no_answer_ever_counts_twice(
    parameters: OtpParameters, tries: list[tuple[int, int, int, int]]
) -> None:
    parameters = parameters.merge({"throttle_base_ms": 0, "lock_s": 1, "lock_cap_s": 1})
    held, now_ms, approved = Held(parameters), NOW_MS, set()
    for question, counter, offset, seconds in tries:
        now_ms += 1000 * seconds
        text, step = f"0000000{question}", now_ms // 60_000 + offset
        code = held.code(text, counter, step)
        if held.tries(text, code, now_ms) is R.APPROVED:
            assert (text, code) not in approved
            approved.add((text, code))


# ---- what a token can be asked


def test_kinds_of_tokens() -> None:
    totp = OtpParameters()
    assert not questions.answers_questions(totp)
    assert questions.answers_questions(GM)
    assert questions.answers_questions(BARE)
    assert [questions.needs_issued(p) for p in (BARE, COUNTED, TIMED, GM)] == [
        True,
        False,
        False,
        False,
    ]
    assert questions.needs_pin(ocra("QN08-PSHA1"))
    assert not questions.needs_pin(GM)
    assert questions.session_bytes(ocra("QN08-S128")) == 128
    assert questions.session_bytes(GM) == 0


def test_questions_of_gm_tokens_are_digits() -> None:
    assert questions.is_question(GM, "1234")
    for bad in ("123", "123456789", "12a4", "１２３４"):
        assert not questions.is_question(GM, bad)
    assert questions.is_question(GM, questions.draw_question(GM, bytes(range(16))))


def test_host_code_is_the_rfc_s() -> None:
    suites = {"algorithm": "ocra", "ocra_suite": "OCRA-1:HOTP-SHA512-8:QA08-PSHA1"}
    mutual = OtpParameters().merge({**suites, "ocra_host_suite": "OCRA-1:HOTP-SHA512-8:QA08"})
    seed = (b"1234567890" * 7)[:64]
    inputs = Inputs("CLI22220SRV11110")
    assert questions.host_code(mutual, seed, OtpState(), inputs, NOW_MS) == "79496648"


def test_host_code_goes_with_counter_and_clock() -> None:
    parameters = ocra("C-QN08", ocra_host_suite="OCRA-1:HOTP-SHA1-6:C-QN08-T1M")
    inputs = Inputs("1111111122222222")

    def at(counter: int, now_ms: int, drift: int = 0) -> str:
        return questions.host_code(parameters, SEED, OtpState(counter, drift), inputs, now_ms)

    assert at(-1, NOW_MS) == at(0, NOW_MS)
    assert at(1, NOW_MS) != at(0, NOW_MS)
    assert at(0, NOW_MS, 1) == at(0, NOW_MS + 60_000)
