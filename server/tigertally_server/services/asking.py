"""Questions that the server asks a token: challenge, signature challenge, and the server's own
answer by which it proves itself (host code). `answering` verifies what the customer makes of them.

Where the channel's policy hides reasons, anybody is asked a question, so that asking tells nothing
about who there is; such a question has no right answer.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final, NamedTuple

import msgspec

from tigertally_engines.otp import ocra, questions
from tigertally_engines.otp.ocra import Inputs
from tigertally_engines.otp.parameters import OtpParameters, VerificationMode
from tigertally_engines.otp.seeds import Seed
from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.messages.ocra import (
    NO_DIGEST,
    HostCodeRequest,
    HostCodeResponse,
    IssueOcraChallengeRequest,
    IssueOcraChallengeResponse,
)
from tigertally_protocol.secret import SecretText
from tigertally_server.domain.account import Account
from tigertally_server.domain.challenge import (
    Challenge,
    ChallengeKind,
    ChallengeState,
    shown_challenge_state,
)
from tigertally_server.domain.token import Token
from tigertally_server.services.context import Context
from tigertally_server.services.device_seeds import need_made, open_seed
from tigertally_server.services.keyring import Purpose
from tigertally_server.services.modes import find_verifiable_token, nobodys_type
from tigertally_server.services.request import Decision, Personal, Request
from tigertally_server.services.sealed_records import new_challenge
from tigertally_server.services.subject import (
    Subject,
    need_open_challenges,
    need_user_and_token,
    personal_of,
)
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

OPEN_AT_ONCE: Final = 8
"""Questions of one customer that may wait for their answers; a further one ends the oldest."""


class AskedQuestion(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The record of a question.

    token     serial of the token that was asked; "" = nobody's
    question  what the token computes over: in the mutual forms both questions, put together
    shown     the server's own question, as the customer saw it
    text      digest of the text it stands for; zeros = none
    session   session information
    """

    token: str
    question: str
    shown: str
    text: bytes = NO_DIGEST
    session: str = ""

    def __repr__(self) -> str:
        return f"AskedQuestion(token={self.token!r})"


class _Asking(NamedTuple):
    """What is asked of whom. `token` is None for a question that is nobody's."""

    parameters: OtpParameters
    account: Account | None
    token: Token | None


def need_question(request: Request, needs: Needs) -> None:
    """Customer, tokens, and the questions that are open."""
    need_user_and_token(request, needs)
    need_open_challenges(request, needs, ChallengeKind.OCRA)


def issue_challenge(request: Request, work: WorkingSet, context: Context) -> Decision:
    """One question, drawn here or given by the channel; its answer is verified by its id."""
    message: IssueOcraChallengeRequest = request.message
    found = find_verifiable_token(request, work, context, VerificationMode.QUESTION)
    asking = _asking(request, context, found)
    if asking is None:
        return _refused(request, found)
    if (bad := _bad_field(asking.parameters, message)) is not None:
        return _malformed(IssueOcraChallengeResponse(detail=bad))
    challenge_id = context.keyring.challenge_id()
    question = message.question
    if question and questions.needs_issued(asking.parameters):
        code = ResponseCode.QUESTION_NOT_PERMITTED
        return _refused(request, Subject(found.account, found.token, code))
    question = question or _drawn(asking.parameters, message.text_digest, challenge_id)
    row = _row(request, context, asking, challenge_id, question, question)
    body = IssueOcraChallengeResponse(**_shown(request, asking, row, question))
    decision = _asked(request, work, found, row)
    return msgspec.structs.replace(decision, body=body)


def host_code(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The server answers the customer's question first (RFC 6287 section 7.2), and asks its own."""
    message: HostCodeRequest = request.message
    found = find_verifiable_token(request, work, context, VerificationMode.QUESTION)
    if found.refusal is None and not _has_host_suite(context, found):
        found = Subject(found.account, found.token, ResponseCode.METHOD_NOT_OF_TOKEN)
    asking = _asking(request, context, found)
    if asking is None:
        return _refused(request, found)
    if (bad := _bad_field(asking.parameters, message)) is not None:
        return _malformed(HostCodeResponse(detail=bad))
    challenge_id = request.drawn or context.keyring.challenge_id()
    own = _drawn(asking.parameters, message.text_digest, challenge_id)
    code = _host_code(request, context, asking, ocra.both(message.question, own), challenge_id)
    to_answer = ocra.both(own, message.question)
    row = _row(request, context, asking, challenge_id, to_answer, own)
    shown = _shown(request, asking, row, own)
    decision = _asked(request, work, found, row)
    body = HostCodeResponse(**shown, host_code=SecretText(code))
    return msgspec.structs.replace(decision, body=body)


def _has_host_suite(context: Context, found: Subject) -> bool:
    token = found.token
    return token is not None and context.snapshot.parameters(token).host_suite is not None


def inputs_of(parameters: OtpParameters, question: str, session: str, pin_hash: bytes) -> Inputs:
    """What a token mixes in, of what there is."""
    octets = session.encode() if questions.session_bytes(parameters) else b""
    return Inputs(question, pin_hash, octets)


def is_session(parameters: OtpParameters, session: str) -> bool:
    """Whether there is session information exactly where the token mixes some in."""
    longest = questions.session_bytes(parameters)
    return bool(session) == bool(longest) and len(session.encode()) <= longest


def _asking(request: Request, context: Context, found: Subject) -> _Asking | None:
    """None where the refusal is told."""
    if found.refusal is None and found.token is not None:
        return _Asking(context.snapshot.parameters(found.token), found.account, found.token)
    if request.channel.disclose or not CODES[found.refusal or ResponseCode.NO_TOKEN].hidden:
        return None
    host = isinstance(request.message, HostCodeRequest)
    parameters = nobodys_type(request, context, with_host_suite=host)
    return None if parameters is None else _Asking(parameters, found.account, None)


def _bad_field(
    parameters: OtpParameters, message: IssueOcraChallengeRequest | HostCodeRequest
) -> str | None:
    if message.question and not questions.is_question(parameters, message.question):
        return "question"
    return None if is_session(parameters, message.session) else "session"


def _drawn(parameters: OtpParameters, text_digest: bytes, challenge_id: bytes) -> str:
    """A question that nobody can foresee (the id is random), and that belongs to the text where
    there is one. Of one id it is one question, so that a decision can be made again.
    """
    length = 2 * questions.question_length(parameters)
    octets = hashlib.shake_256(bytes(text_digest) + challenge_id).digest(length)
    return questions.draw_question(parameters, octets)


def _host_code(
    request: Request, context: Context, asking: _Asking, question: str, drawn: bytes
) -> str:
    message: HostCodeRequest = request.message
    token, suite = asking.token, asking.parameters.host_suite
    assert suite is not None
    if token is None:
        seed, state = _nobodys_seed(context), OtpState()
    else:
        seed, state = open_seed(context, request, token), token.otp
    session = message.session.encode() if suite.session_bytes else b""
    inputs = Inputs(question, b"", session)
    code = questions.host_code(asking.parameters, seed, state, inputs, request.received_ms)
    need_made(seed, drawn)
    return code


def _nobodys_seed(context: Context) -> Seed:
    return context.keyring.open_decoy(Purpose.SEED)


def _row(
    request: Request,
    context: Context,
    asking: _Asking,
    challenge_id: bytes,
    question: str,
    shown: str,
) -> Challenge:
    message: IssueOcraChallengeRequest | HostCodeRequest = request.message
    serial = "" if asking.token is None else asking.token.serial
    record = AskedQuestion(serial, question, shown, bytes(message.text_digest), message.session)
    return new_challenge(
        context,
        request,
        asking.account,
        ChallengeKind.OCRA,
        record,
        lasts_ms=asking.parameters.challenge_s * 1000,
        challenge_id=challenge_id,
    )


def _shown(request: Request, asking: _Asking, row: Challenge, question: str) -> dict[str, Any]:
    """What the answers have in common. A channel that may not know is told no token but its own."""
    known = asking.token is not None and request.channel.disclose
    return {
        "token": asking.token.serial if known and asking.token else request.message.token,
        "challenge": row.id.hex(),
        "question": question,
        "expires_at": row.expires_at_ms,
    }


def _asked(request: Request, work: WorkingSet, found: Subject, row: Challenge) -> Decision:
    ended: tuple[Challenge, ...] = ()
    if found.account is not None:
        waiting = work.open_challenges(found.account, ChallengeKind.OCRA)
        ended = tuple(_ended(waiting, request.received_ms))
    return Decision(
        code=ResponseCode.CHANGED,
        reference=request.message.reference,
        account=found.account,
        token=found.token,
        personal=_personal(request, found),
        new_challenges=(row,),
        challenges=ended,
    )


def _ended(waiting: list[Challenge], now_ms: int) -> list[Challenge]:
    """Those that lapsed, and the oldest where there would be too many."""
    shown = [(row, shown_challenge_state(row, now_ms)) for row in waiting]
    lapsed = [row for row, state in shown if state is ChallengeState.EXPIRED]
    alive = [row for row, state in shown if state is ChallengeState.OPEN]
    displaced = alive[: max(0, len(alive) - OPEN_AT_ONCE + 1)]
    return [
        *(msgspec.structs.replace(row, state=ChallengeState.EXPIRED) for row in lapsed),
        *(msgspec.structs.replace(row, state=ChallengeState.CANCELLED) for row in displaced),
    ]


def _personal(request: Request, found: Subject) -> Personal:
    reason = "" if found.refusal is None else f"asked in nobody's name: {found.refusal.name}"
    address = request.message.end_user_address
    return personal_of(request, end_user_address=address, reason=reason)


def _refused(request: Request, found: Subject) -> Decision:
    return Decision(
        code=found.refusal or ResponseCode.NO_TOKEN,
        reference=request.message.reference,
        account=found.account,
        token=found.token,
        personal=personal_of(request, end_user_address=request.message.end_user_address),
    )


def _malformed(body: IssueOcraChallengeResponse | HostCodeResponse) -> Decision:
    return Decision(code=ResponseCode.BAD_FIELD, body=body)
