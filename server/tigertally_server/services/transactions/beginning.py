"""Begin a verification: compose the text, send the code or ask the question that is bound to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from tigertally_engines.transaction.text import Composed, compose
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.messages.transaction_verification import (
    BeginTransactionRequest,
    BeginTransactionResponse,
)
from tigertally_protocol.secret import SecretText
from tigertally_server.domain.account import Account
from tigertally_server.domain.challenge import ChallengeKind
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Personal, Request
from tigertally_server.services.sealed_records import new_challenge
from tigertally_server.services.subject import find_user, need_user, personal_of
from tigertally_server.services.transactions.records import (
    BadField,
    VerificationRecord,
    fields_of,
)
from tigertally_server.services.transactions.ways import SERVICE, WAYS, asking_request
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

LASTS_DEFAULT_S: Final = 600
LASTS_MAX_S: Final = 86_400
_TOLD: Final = ("server_code", "message_id", "token", "question", "resend_at")
_STANDING: Final = ("remaining_tries", "locked_until", "resend_at")


def need_beginning(request: Request, needs: Needs) -> None:
    """The customer, and what the way of confirming asks for."""
    message: BeginTransactionRequest = request.message
    need_user(request, needs)
    way = WAYS.get(message.method)
    if way is not None:
        way.need_asking(asking_request(request, way), needs)


def begin_transaction(request: Request, work: WorkingSet, context: Context) -> Decision:
    """A verification, and whatever the customer is asked for it."""
    message: BeginTransactionRequest = request.message
    try:
        composed = _composed(request, context)
    except BadField as problem:
        return _bad_field(problem.field)
    if message.method == SERVICE:
        return _begun_with_service(request, work, context, composed)
    way = WAYS[message.method]
    asked = way.ask(asking_request(request, way, composed), work, context)
    if asked.code is not ResponseCode.CHANGED:
        return _not_asked(asked, request, composed)
    lasts_ms = min(_lasts_ms(message), asked.body.expires_at - request.received_ms)
    told = {name: getattr(asked.body, name) for name in _TOLD if hasattr(asked.body, name)}
    inner = bytes.fromhex(asked.body.challenge)
    begun = _begun(request, context, asked.account, composed, inner=inner, lasts_ms=lasts_ms)
    remaining = getattr(asked.body, "remaining_tries", BLANK_TRIES)
    body = msgspec.structs.replace(begun.body, remaining_tries=remaining, **told)
    return msgspec.structs.replace(
        asked,
        body=body,
        personal=_personal(request, composed, asked.personal),
        new_challenges=(*asked.new_challenges, *begun.new_challenges),
    )


def _composed(request: Request, context: Context) -> Composed:
    """Raises BadField."""
    message: BeginTransactionRequest = request.message
    if message.method not in (SERVICE, *WAYS):
        raise BadField("method")
    if message.lasts_s > LASTS_MAX_S:
        raise BadField("lasts_s")
    language = context.sms.language_of("", "", request.channel.name)
    fields = fields_of(message, language, request.received_ms)
    return compose(fields, _offset_minutes(context, fields.ordered_at_ms))


def _offset_minutes(context: Context, at_ms: int) -> int:
    """How far the bank's clocks were from UTC then."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
    offset = moment.astimezone(context.zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) // 60


def _lasts_ms(message: BeginTransactionRequest) -> int:
    return 1000 * (message.lasts_s or LASTS_DEFAULT_S)


def _begun_with_service(
    request: Request, work: WorkingSet, context: Context, composed: Composed
) -> Decision:
    """Where reasons are hidden it begins for anybody, as a question does: what nobody can confirm
    stays unconfirmed.
    """
    found = find_user(request, work)
    if found.refusal is not None and request.channel.disclose:
        return Decision(
            code=found.refusal,
            reference=request.message.reference,
            account=found.account,
            personal=_personal(request, composed),
        )
    lasts_ms = _lasts_ms(request.message)
    return _begun(request, context, found.account, composed, inner=b"", lasts_ms=lasts_ms)


def _begun(
    request: Request,
    context: Context,
    account: Account | None,
    composed: Composed,
    *,
    inner: bytes,
    lasts_ms: int,
) -> Decision:
    message: BeginTransactionRequest = request.message
    record = VerificationRecord(
        customer=message.customer,
        method=message.method,
        composed=composed,
        digest=composed.digest(),
        inner=inner,
        reference=message.reference,
        maker=request.operator or message.operator,
    )
    row = new_challenge(
        context, request, account, ChallengeKind.CONFIRMATION, record, lasts_ms=lasts_ms
    )
    body = BeginTransactionResponse(
        verification=row.id.hex(),
        text_version=composed.version,
        expires_at=row.expires_at_ms,
        text_digest=record.digest,
        text=SecretText(composed.text),
    )
    return Decision(
        code=ResponseCode.CHANGED,
        body=body,
        reference=message.reference,
        account=account,
        personal=_personal(request, composed),
        new_challenges=(row,),
    )


def _not_asked(asked: Decision, request: Request, composed: Composed) -> Decision:
    if asked.code is ResponseCode.BAD_FIELD:
        return _bad_field(asked.body.detail)
    body = None
    if asked.body is not None:
        standing: dict[str, Any] = {
            name: getattr(asked.body, name) for name in _STANDING if hasattr(asked.body, name)
        }
        body = BeginTransactionResponse(**standing)
    personal = _personal(request, composed, asked.personal)
    return msgspec.structs.replace(asked, body=body, personal=personal)


def _personal(request: Request, composed: Composed, told: Personal | None = None) -> Personal:
    own = personal_of(
        request,
        end_user_address=request.message.end_user_address,
        reason="" if told is None else told.reason,
    )
    return msgspec.structs.replace(own, text=composed.text)


def _bad_field(name: str) -> Decision:
    return Decision(code=ResponseCode.BAD_FIELD, body=BeginTransactionResponse(detail=name))
