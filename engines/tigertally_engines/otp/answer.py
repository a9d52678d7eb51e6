"""The decision about the answer to a question (challenge–response, signature): state in, verdict
and new state out.

Pure, like `decide`, and with the same penalties. Which question was asked, and whether a question
of the server's was answered before, is the caller's to know; what this module keeps is that the
same answer never counts twice:

* With a counter among the inputs, an accepted counter and all below it are used up.
* With the time, an accepted step ends all earlier ones. Within that step further questions may be
  answered, each once: `State.questions` holds the digests of those that were. It is bounded; once
  it is full, the token waits for its next step.
* With neither, an answer is as good for ever as its question: so the question must be the server's,
  with enough chance in it, and used once. `questions.needs_issued` says for which tokens.

An answer whose factor or question is used up is *replayed*: no failure, as in `decide`.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from tigertally_engines.otp import questions
from tigertally_engines.otp.decide import OtpResult, Verdict, fail, held, verdict_of
from tigertally_engines.otp.forms import LAST_FACTOR
from tigertally_engines.otp.kernel import totp_step
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.seeds import Seed
from tigertally_engines.otp.state import OtpState

DIGEST_BYTES: Final = 16
QUESTIONS_PER_STEP: Final = 64


class State(msgspec.Struct, frozen=True, gc=False):
    """A token's state as far as answers go.

    otp        as everywhere; `moving` is the next counter, or the last accepted time step
    questions  digests of the questions that were answered in that step, one after another
    """

    otp: OtpState
    questions: bytes = b""


class Answered(msgspec.Struct, frozen=True, gc=False):
    """The verdict (see `Verdict`) and the digests to store with its state."""

    verdict: Verdict
    questions: bytes


def verify_answer(
    parameters: OtpParameters,
    seed: Seed,
    state: State,
    inputs: Inputs,
    answer: str,
    now_ms: int,
) -> Answered:
    """Decide about an answer received at `now_ms` (UTC, ms). `parameters` must be validated, and
    `inputs` fit them.
    """
    steps = _steps(parameters, state.otp, now_ms)
    stopped = held(state.otp, now_ms)
    if stopped is None and _is_full(parameters, state, steps):
        stopped = OtpResult.THROTTLED
    given = answer.lower() if questions.is_answer(parameters, answer) else ""
    for counters in _counters(parameters, state.otp):
        moments = [Moment(counter, step) for counter in counters for step in steps]
        candidates = questions.codes(parameters, seed, inputs, moments)
        same = [hmac.compare_digest(candidate, given) for candidate in candidates]
        if True in same and stopped is None:
            found = moments[same.index(True)]
            return _matched(parameters, state, inputs, found, now_ms)
    if stopped is not None:
        return _kept(state, verdict_of(stopped, parameters, state.otp, now_ms))
    return _kept(state, fail(parameters, state.otp, now_ms))


def _counters(parameters: OtpParameters, state: OtpState) -> Iterable[Sequence[int | None]]:
    """Counters an answer may stand for; then, to recognise replays, those used up lately."""
    if not questions.has_counter(parameters):
        yield (None,)
        return
    unused = max(state.moving, 0)
    yield range(unused, min(unused + parameters.look_ahead, LAST_FACTOR) + 1)
    yield range(max(0, unused - parameters.look_behind), unused)


def _steps(parameters: OtpParameters, state: OtpState, now_ms: int) -> Sequence[int | None]:
    """Time steps an answer may stand for, ascending; used up ones are among them."""
    step_s = questions.step_s(parameters)
    if not step_s:
        return (None,)
    centre = totp_step(now_ms, step_s) + state.drift
    return range(max(0, centre - parameters.window), centre + parameters.window + 1)


def _is_full(parameters: OtpParameters, state: State, steps: Sequence[int | None]) -> bool:
    """Whether the last accepted step, still in the window, can take no further question."""
    full = len(state.questions) >= QUESTIONS_PER_STEP * DIGEST_BYTES
    return full and not questions.has_counter(parameters) and state.otp.moving in steps


def _matched(
    parameters: OtpParameters, state: State, inputs: Inputs, found: Moment, now_ms: int
) -> Answered:
    """What comes of an answer that is right for `found`."""
    counter, step = found
    if counter is not None:
        if counter < state.otp.moving:
            return _replayed(parameters, state, counter, now_ms)
        return _accepted(parameters, state, counter + 1, found, now_ms, b"")
    if step is None:
        return _accepted(parameters, state, state.otp.moving, found, now_ms, b"")
    before = state.questions if step == state.otp.moving else b""
    digest = questions.question_digest(parameters, inputs)
    if step < state.otp.moving or digest in _split(before):
        return _replayed(parameters, state, step, now_ms)
    return _accepted(parameters, state, step, found, now_ms, before + digest)


def _replayed(parameters: OtpParameters, state: State, factor: int, now_ms: int) -> Answered:
    return _kept(state, verdict_of(OtpResult.REPLAYED, parameters, state.otp, now_ms, factor))


def _accepted(
    parameters: OtpParameters,
    state: State,
    moving: int,
    found: Moment,
    now_ms: int,
    answered: bytes,
) -> Answered:
    drift, factor = state.otp.drift, found.counter
    if found.step is not None:
        reach = max(parameters.drift_max, abs(drift))
        seen = found.step - totp_step(now_ms, questions.step_s(parameters))
        drift = max(-reach, min(reach, seen))
        factor = found.step if factor is None else factor
    after = OtpState(moving, drift)
    return Answered(verdict_of(OtpResult.APPROVED, parameters, after, now_ms, factor), answered)


def _split(digests: bytes) -> list[bytes]:
    return [digests[i : i + DIGEST_BYTES] for i in range(0, len(digests), DIGEST_BYTES)]


def _kept(state: State, verdict: Verdict) -> Answered:
    return Answered(verdict, state.questions)
