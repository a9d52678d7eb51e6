"""How a transaction can be confirmed: a code by SMS or a token's answer, each bound to the text's
digest by its own service; one row each. Customer service needs no service of another's.

A way makes the inner request that its service understands and reads that service's answer. The
inner challenge is found among the customer's open ones: its id never leaves the server, so nothing
but the verification it belongs to can use it up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from tigertally_engines.sms.templates import TEXT_SCENE
from tigertally_engines.transaction.text import Composed
from tigertally_protocol.messages.ocra import IssueOcraChallengeRequest, VerifyOcraRequest
from tigertally_protocol.messages.sms import SendSmsCodeRequest, VerifySmsCodeRequest
from tigertally_protocol.messages.transaction_verification import (
    BeginTransactionRequest,
    CompleteTransactionRequest,
)
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.challenge import ChallengeKind
from tigertally_server.services import answering, asking
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sms import issuing
from tigertally_server.services.sms import verifying as sms_verifying
from tigertally_server.services.transactions.records import VerificationRecord
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

SERVICE: Final = "service"

Needing = Callable[[Request, Needs], None]
Deciding = Callable[[Request, WorkingSet, Context], Decision]


class CodeOverText(SendSmsCodeRequest, frozen=True, gc=False):
    """The service's own message: no channel can hand in a text."""

    text: str = ""


class Way(NamedTuple):
    """`question` and `answer` make the inner messages."""

    kind: ChallengeKind
    asks: Transaction
    question: Callable[[BeginTransactionRequest, Composed | None], Any]
    need_asking: Needing
    ask: Deciding
    verifies: Transaction
    answer: Callable[[CompleteTransactionRequest, VerificationRecord | None], Any]
    need_answer: Needing
    verify: Deciding


def _named(message: BeginTransactionRequest | CompleteTransactionRequest) -> dict[str, Any]:
    return {
        "institution": message.institution,
        "customer": message.customer,
        "reference": message.reference,
        "end_user_address": message.end_user_address,
    }


def _bound(composed: Composed) -> dict[str, Any]:
    """What the code is computed over: the text's digest, and the fields for the template."""
    fields = composed.fields
    return {
        "scene": TEXT_SCENE,
        "amount": fields.units,
        "currency": fields.currency,
        "payee": fields.payee,
        "payee_name": fields.payee_name,
        "purpose": fields.purpose,
        "free_fields": f"text={composed.digest().hex()}",
    }


def _sms_question(message: BeginTransactionRequest, composed: Composed | None) -> CodeOverText:
    bare = CodeOverText(**_named(message), app=message.app)
    if composed is None:
        return bare
    return msgspec.structs.replace(
        bare, language=composed.fields.language, text=composed.text, **_bound(composed)
    )


def _sms_answer(
    message: CompleteTransactionRequest, record: VerificationRecord | None
) -> VerifySmsCodeRequest:
    bare = VerifySmsCodeRequest(**_named(message), otp=message.proof)
    if record is None:
        return bare
    return msgspec.structs.replace(bare, challenge=record.inner.hex(), **_bound(record.composed))


def _ocra_question(
    message: BeginTransactionRequest, composed: Composed | None
) -> IssueOcraChallengeRequest:
    bare = IssueOcraChallengeRequest(**_named(message), token=message.token)
    if composed is None:
        return bare
    return msgspec.structs.replace(bare, text_digest=composed.digest())


def _ocra_answer(
    message: CompleteTransactionRequest, record: VerificationRecord | None
) -> VerifyOcraRequest:
    challenge = "" if record is None else record.inner.hex()
    return VerifyOcraRequest(
        **_named(message), challenge=challenge, answer=message.proof, pin=message.pin
    )


WAYS: Final[dict[str, Way]] = {
    "sms": Way(
        ChallengeKind.SMS_CODE,
        Transaction.SEND_SMS_CODE,
        _sms_question,
        issuing.need_sending,
        issuing.send_code,
        Transaction.VERIFY_SMS_CODE,
        _sms_answer,
        sms_verifying.need_verifying,
        sms_verifying.verify_code,
    ),
    "ocra": Way(
        ChallengeKind.OCRA,
        Transaction.ISSUE_OCRA_CHALLENGE,
        _ocra_question,
        asking.need_question,
        asking.issue_challenge,
        Transaction.VERIFY_OCRA,
        _ocra_answer,
        answering.need_answer,
        answering.verify_answer,
    ),
}


def asking_request(request: Request, way: Way, composed: Composed | None = None) -> Request:
    """The beginning as the way's own service sees it; without a text only to say what it needs."""
    message = way.question(request.message, composed)
    return msgspec.structs.replace(request, message=message, transaction=way.asks)


def answering_request(
    request: Request, way: Way, record: VerificationRecord | None = None
) -> Request:
    """The completion as the way's own service sees it."""
    message = way.answer(request.message, record)
    return msgspec.structs.replace(request, message=message, transaction=way.verifies)
