"""Which questions a token takes, and what it would answer: OCRA (RFC 6287) and both forms of GM/T
0021 with a question, behind one set of functions.

Pure and without state. Knows no decision: `answer.py` has that. `parameters` must be validated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from tigertally_engines.otp import gm, ocra
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.otp.ocra_suite import FULL_LENGTH, QuestionForm
from tigertally_engines.otp.parameters import GM_ALGORITHMS, OtpAlgorithm, OtpParameters
from tigertally_engines.otp.seeds import Seed, octets
from tigertally_engines.otp.state import OtpState

_DIGEST_BYTES: Final = 16


def answers_questions(parameters: OtpParameters) -> bool:
    """Whether such a token can be asked a question."""
    return is_ocra(parameters) or parameters.algorithm in GM_ALGORITHMS


def is_ocra(parameters: OtpParameters) -> bool:
    """Whether the token has a suite."""
    return parameters.algorithm is OtpAlgorithm.OCRA


def needs_issued(parameters: OtpParameters) -> bool:
    """Whether only questions that the server drew may be asked: neither counter nor time is mixed
    in, so an answer is as good for ever as its question.
    """
    return is_ocra(parameters) and not parameters.suite.fresh


def has_counter(parameters: OtpParameters) -> bool:
    """Whether a counter is mixed into the answer."""
    return is_ocra(parameters) and parameters.suite.counter


def step_s(parameters: OtpParameters) -> int:
    """Seconds of the time step that is mixed into the answer; 0 = none."""
    return parameters.suite.step_s if is_ocra(parameters) else parameters.step_s


def needs_pin(parameters: OtpParameters) -> bool:
    """Whether the PIN's hash is mixed into the answer."""
    return is_ocra(parameters) and bool(parameters.suite.pin_hash)


def session_bytes(parameters: OtpParameters) -> int:
    """Greatest length of the session information; 0 = none is mixed in."""
    return parameters.suite.session_bytes if is_ocra(parameters) else 0


def question_length(parameters: OtpParameters) -> int:
    """Characters of a question that the server draws."""
    return parameters.suite.length if is_ocra(parameters) else parameters.question_length


def is_question(parameters: OtpParameters, question: str) -> bool:
    """Whether the token takes this question. The GM forms' are digits here: their tokens have
    nothing but a number pad.
    """
    if is_ocra(parameters):
        return ocra.is_question(parameters.suite, question)
    fits = gm.SHORTEST_QUESTION <= len(question) <= parameters.question_length
    return fits and question.isascii() and question.isdigit()


def draw_question(parameters: OtpParameters, random: bytes) -> str:
    """A question out of 2 × `question_length` random octets that nobody can foresee."""
    form = parameters.suite.form if is_ocra(parameters) else QuestionForm.NUMERIC
    return ocra.draw(form, question_length(parameters), random)


def is_answer(parameters: OtpParameters, answer: str) -> bool:
    """Whether this can be an answer at all."""
    if not answer.isascii():
        return False
    if is_ocra(parameters) and parameters.suite.digits == FULL_LENGTH:
        return len(answer) == 2 * hashlib.new(parameters.hash).digest_size and answer.isalnum()
    return len(answer) == parameters.digits and answer.isdigit()


def question_digest(parameters: OtpParameters, inputs: Inputs) -> bytes:
    """16 bytes, the same for inputs to which the token gives the same answer: "12" and "0012" are
    one numeric question. The session is part of what is asked.
    """
    if is_ocra(parameters):
        question = ocra.question_octets(parameters.suite.form, inputs.question)
    else:
        question = inputs.question.encode()
    whole = len(question).to_bytes(2) + question + inputs.session
    return hashlib.sha256(whole).digest()[:_DIGEST_BYTES]


def nothing_asked(parameters: OtpParameters) -> Inputs:
    """Inputs that nobody asked, for work whose result is thrown away."""
    size = hashlib.new(parameters.suite.pin_hash).digest_size if needs_pin(parameters) else 0
    return Inputs("0" * question_length(parameters), bytes(size))


def codes(
    parameters: OtpParameters, seed: Seed, inputs: Inputs, moments: Sequence[Moment]
) -> list[str]:
    """The token's answer at each moment, in order."""
    return _COMPUTATIONS[parameters.algorithm](parameters, seed, inputs, moments)


def host_code(
    parameters: OtpParameters, seed: Seed, state: OtpState, inputs: Inputs, now_ms: int
) -> str:
    """The server's own answer (RFC 6287 section 7.2), by which it proves itself to the customer.

    Uses nothing up: counter and time are those that the token is expected to have. The token type
    must have a host suite.
    """
    suite = parameters.host_suite
    assert suite is not None
    step = now_ms // (suite.step_s * 1000) + state.drift if suite.step_s else None
    moment = Moment(max(state.moving, 0) if suite.counter else None, step)
    return ocra.answers(suite, seed, inputs, [moment])[0]


def _ocra(
    parameters: OtpParameters, seed: Seed, inputs: Inputs, moments: Sequence[Moment]
) -> list[str]:
    return ocra.answers(parameters.suite, seed, inputs, moments)


def _gm_sm3(
    parameters: OtpParameters, seed: Seed, inputs: Inputs, moments: Sequence[Moment]
) -> list[str]:
    steps = [moment.step or 0 for moment in moments]
    return gm.gm_sm3_codes(octets(seed), steps, parameters.digits, inputs.question)


def _gm_sm4(
    parameters: OtpParameters, seed: Seed, inputs: Inputs, moments: Sequence[Moment]
) -> list[str]:
    steps = [moment.step or 0 for moment in moments]
    edition = gm.Edition(parameters.gm_edition)
    return gm.gm_sm4_codes(octets(seed), steps, parameters.digits, inputs.question, edition)


_Computation = Callable[[OtpParameters, Seed, Inputs, Sequence[Moment]], list[str]]
_COMPUTATIONS: Final[dict[OtpAlgorithm, _Computation]] = {
    OtpAlgorithm.OCRA: _ocra,
    OtpAlgorithm.GM_SM3: _gm_sm3,
    OtpAlgorithm.GM_SM4: _gm_sm4,
}
