"""Answers to questions: by the id of one that the server asked (`asking`), or to one that the
channel names, for tokens that mix in a counter or the time.

A question of the server's is answered rightly once; wrong answers are the token's failures, and
after some of them the question is spent. What else keeps an answer from counting twice is the
engine's (`otp.answer`).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from tigertally_engines.otp import answer as answers
from tigertally_engines.otp import ocra, questions
from tigertally_engines.otp.decide import Verdict
from tigertally_engines.otp.ocra import Inputs
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters, VerificationMode
from tigertally_engines.otp.seeds import Seed
from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.ocra import VerifyOcraRequest, VerifyOcraResponse
from tigertally_server.domain.challenge import (
    CHALLENGE_ID_BYTES,
    Challenge,
    ChallengeKind,
    ChallengeState,
    shown_challenge_state,
)
from tigertally_server.domain.token import NO_OWNER, Token
from tigertally_server.domain.token_extra import extra_of, stored_extra
from tigertally_server.services.asking import AskedQuestion, inputs_of, is_session
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import Purpose
from tigertally_server.services.modes import find_verifiable_token, nobodys_type
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import open_record
from tigertally_server.services.subject import Subject, find_user
from tigertally_server.services.token_pins import kept_pin, need_pin, pin_is_right, pin_row
from tigertally_server.services.verification import tried
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_NOT_OPEN: Final = {
    ChallengeState.USED: ResponseCode.CHALLENGE_USED,
    ChallengeState.EXPIRED: ResponseCode.CHALLENGE_EXPIRED,
    ChallengeState.CANCELLED: ResponseCode.CHALLENGE_SPENT,
    ChallengeState.FAILED: ResponseCode.CHALLENGE_SPENT,
}


_NOBODYS: Final = OtpParameters(
    algorithm=OtpAlgorithm.OCRA, ocra_suite="OCRA-1:HOTP-SHA1-6:QN08"
).validated()


class _Asked(NamedTuple):
    """The question that is answered. `row`: the server's, if it is one."""

    record: AskedQuestion
    row: Challenge | None = None


def need_answer(request: Request, needs: Needs) -> None:
    """Customer, tokens, their PINs, and the question that is named."""
    need_pin(request, needs)
    if (challenge_id := _challenge_id(request)) is not None:
        needs.challenges.add(challenge_id)


def verify_answer(request: Request, work: WorkingSet, context: Context) -> Decision:
    """One answer to one question of one token."""
    if (bad := _bad_field(request)) is not None:
        return Decision(code=ResponseCode.BAD_FIELD, body=VerifyOcraResponse(detail=bad))
    asked = _asked(request, work, context)
    request = _about_its_token(request, asked)
    found = find_verifiable_token(request, work, context, VerificationMode.QUESTION)
    refusal = found.refusal or _refusal(request, context, asked, found.token)
    judge = _Judge(request.message.answer.reveal(), request.received_ms)
    judge.about_nothing(_parameters_of(request, context, found))
    if refusal is None and asked is not None and found.token is not None:
        pin = _pin_of(request, work, context, found)
        refusal = judge.about(context.snapshot.parameters(found.token), found.token, asked, pin)
    found = Subject(found.account, found.token, refusal)
    decision = tried(request, context, found, judge)
    return _settled(decision, context, asked, judge)


def _bad_field(request: Request) -> str | None:
    """A question is named by its id or by itself."""
    message: VerifyOcraRequest = request.message
    if not message.challenge:
        return None if message.question else "question"
    if message.question or message.session:
        return "question" if message.question else "session"
    return None if _challenge_id(request) is not None else "challenge"


def _challenge_id(request: Request) -> bytes | None:
    message: VerifyOcraRequest = request.message
    try:
        challenge_id = bytes.fromhex(message.challenge)
    except ValueError:
        return None
    return challenge_id if len(challenge_id) == CHALLENGE_ID_BYTES else None


def _asked(request: Request, work: WorkingSet, context: Context) -> _Asked | None:
    """None for a question that this customer was not asked."""
    message: VerifyOcraRequest = request.message
    challenge_id = _challenge_id(request)
    if challenge_id is None:
        return _Asked(AskedQuestion(message.token, message.question, "", session=message.session))
    row, account = work.challenge(challenge_id), find_user(request, work).account
    if row is None or row.kind is not ChallengeKind.OCRA:
        context.keyring.open_decoy(Purpose.CREDENTIAL)
        return None
    asked = _Asked(open_record(context, row, AskedQuestion), row)
    return asked if row.owner_id == (NO_OWNER if account is None else account.id) else None


def _parameters_of(request: Request, context: Context, found: Subject) -> OtpParameters:
    """Under which an answer is judged that can't be right."""
    if found.token is not None:
        parameters = context.snapshot.parameters(found.token)
        if questions.answers_questions(parameters):
            return parameters
    return nobodys_type(request, context) or _NOBODYS


def _about_its_token(request: Request, asked: _Asked | None) -> Request:
    """A question says itself which token it was put to, where the channel doesn't."""
    message: VerifyOcraRequest = request.message
    if message.token or asked is None or not asked.record.token:
        return request
    message = msgspec.structs.replace(message, token=asked.record.token)
    return msgspec.structs.replace(request, message=message)


def _refusal(
    request: Request, context: Context, asked: _Asked | None, token: Token | None
) -> ResponseCode | None:
    """Why this question can't be answered by this token now, if so."""
    if token is None:
        return ResponseCode.NO_TOKEN
    if asked is None or (asked.row is not None and asked.record.token != token.serial):
        return ResponseCode.CHALLENGE_UNKNOWN
    if asked.row is not None:
        return _NOT_OPEN.get(shown_challenge_state(asked.row, request.received_ms))
    parameters, record = context.snapshot.parameters(token), asked.record
    fits = questions.is_question(parameters, record.question)
    if fits and is_session(parameters, record.session) and not questions.needs_issued(parameters):
        return None
    return ResponseCode.QUESTION_NOT_PERMITTED


class _Pin(NamedTuple):
    """What came of the PIN: its hash as the token mixes it in, None where there is none to be had;
    whether the one that came along is the one that is kept.
    """

    hashed: bytes | None
    right: bool = True


def _pin_of(request: Request, work: WorkingSet, context: Context, found: Subject) -> _Pin:
    """Of the PIN that is kept, else of the one that came along."""
    assert found.token is not None
    parameters = context.snapshot.parameters(found.token)
    if not questions.needs_pin(parameters):
        return _Pin(b"")
    given, suite = request.message.pin.reveal(), parameters.suite
    kept = kept_pin(context, pin_row(work, found.account, found.token))
    if given:
        right = kept is None or pin_is_right(context, found.account, kept, given)
        return _Pin(ocra.pin_hash(suite, given), right)
    there = kept is not None and kept.hash_name == suite.pin_hash
    return _Pin(kept.hashed if kept is not None and there else None)


class _Judge:
    """The engine's decision about an answer: a judge for `tried`. Afterwards `kept` holds the
    digests that the token remembers.
    """

    def __init__(self, answer: str, now_ms: int) -> None:
        self._answer, self._now_ms = answer, now_ms
        self._inputs: Inputs | None = None
        self._instead = _NOBODYS
        self.kept = b""

    def about_nothing(self, parameters: OtpParameters) -> None:
        """Says what the work is done with where there is nothing to be right about."""
        self._instead = parameters

    def about(
        self, parameters: OtpParameters, token: Token, asked: _Asked, pin: _Pin
    ) -> ResponseCode | None:
        """Says what the answer is about; the refusal where the PIN is missing. Without this, and
        after a refusal, the decision costs what others cost and means nothing.
        """
        if pin.hashed is None:
            return ResponseCode.TOKEN_PIN_NOT_SET
        record = asked.record
        self._inputs = inputs_of(parameters, record.question, record.session, pin.hashed)
        self.kept = extra_of(token.extra).questions
        if not pin.right:
            self._answer = ""
        return None

    def __call__(self, parameters: OtpParameters, seed: Seed, state: OtpState) -> Verdict:
        inputs = self._inputs
        if inputs is None:
            parameters = self._instead
            inputs = questions.nothing_asked(parameters)
        before = answers.State(state, self.kept)
        after = answers.verify_answer(parameters, seed, before, inputs, self._answer, self._now_ms)
        self.kept = after.questions
        return after.verdict


def _settled(decision: Decision, context: Context, asked: _Asked | None, judge: _Judge) -> Decision:
    """The decision with what else changes: the question, and the digests that the token keeps."""
    changes: dict[str, Any] = {"body": None}
    if decision.body is not None:
        body = VerifyOcraResponse(**msgspec.structs.asdict(decision.body))
        if decision.code is ResponseCode.APPROVED and asked is not None:
            record = asked.record
            shown = record.shown or record.question
            body = msgspec.structs.replace(body, question=shown, text_digest=record.text)
        changes["body"] = body
    if asked is not None and asked.row is not None and asked.row.state is ChallengeState.OPEN:
        # Written even where it stays as it was: a refusal must cost what a wrong answer costs.
        changes["challenges"] = (_row_after(asked.row, decision, context),)
    if decision.code is ResponseCode.APPROVED:
        changes |= _remembering(decision, judge.kept)
    return msgspec.structs.replace(decision, **changes)


def _row_after(row: Challenge, decision: Decision, context: Context) -> Challenge:
    """The question after this answer. One that is nobody's is spent like any other."""
    if decision.code is ResponseCode.APPROVED:
        return msgspec.structs.replace(row, state=ChallengeState.USED)
    if decision.code is not ResponseCode.WRONG_CODE and row.owner_id != NO_OWNER:
        return row
    parameters = _NOBODYS
    if decision.token is not None:
        parameters = context.snapshot.parameters(decision.token)
    failures = row.failures + 1
    spent = failures >= parameters.challenge_tries
    state = ChallengeState.FAILED if spent else row.state
    return msgspec.structs.replace(row, failures=failures, state=state)


def _remembering(decision: Decision, kept: bytes) -> dict[str, Any]:
    (token,) = decision.tokens or decision.rebound_tokens
    extra = extra_of(token.extra)
    if extra.questions == kept:
        return {}
    changed = msgspec.structs.replace(extra, questions=kept)
    token = msgspec.structs.replace(token, extra=stored_extra(changed))
    return {"tokens": (), "rebound_tokens": (token,)}
