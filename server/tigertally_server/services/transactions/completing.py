"""Complete a verification, let customer service confirm or refuse it, tell what is known of it.

The transaction is judged before the proof: fields that are not those of the text cost no try and
tell nothing about the code. A verification approves once, because its row is locked when it is
read.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.messages.transaction_verification import (
    CompleteTransactionRequest,
    ConfirmByServiceRequest,
    QueryTransactionResponse,
    TransactionResponse,
)
from tigertally_protocol.secret import SecretText
from tigertally_server.domain.challenge import ChallengeState
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Personal, Request
from tigertally_server.services.subject import Subject, need_open_challenges, need_user, personal_of
from tigertally_server.services.transactions.records import (
    BadField,
    Verification,
    fields_of,
    find_verification,
    verification_id,
)
from tigertally_server.services.transactions.ways import SERVICE, WAYS, answering_request
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_CONFIRM, _REFUSE = "confirm", "refuse"
_SHOWN_TEXT: Final = frozenset({ResponseCode.APPROVED, ResponseCode.CHANGED})


def need_verification(request: Request, needs: Needs) -> None:
    """Customer and verification, locked."""
    need_user(request, needs)
    named = verification_id(request)
    if named is not None:
        needs.challenges.add(named)


def need_completing(request: Request, needs: Needs) -> None:
    """And what the way of confirming asks for."""
    message: CompleteTransactionRequest = request.message
    need_verification(request, needs)
    way = WAYS.get(message.method)
    if way is not None:
        need_open_challenges(request, needs, way.kind)
        way.need_answer(answering_request(request, way), needs)


def complete_transaction(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Is this the transaction, and is the proof right."""
    message: CompleteTransactionRequest = request.message
    if message.method not in (SERVICE, *WAYS):
        return _bad_field("method")
    found, verification = find_verification(request, work, context)
    if verification is None or verification.row.channel_id != request.channel.id:
        return _refused(request, found, ResponseCode.VERIFICATION_UNKNOWN)
    record = verification.record
    if message.method != record.method:
        return _bad_field("method")
    refusal = verification.refusal(request.received_ms)
    if refusal is not None:
        return _answer(request, verification, refusal)
    known = record.composed.fields
    try:
        fields = fields_of(message, known.language, known.ordered_at_ms)
    except BadField as problem:
        return _bad_field(problem.field)
    if fields != known:
        return _answer(request, verification, ResponseCode.TEXT_DIFFERS)
    if record.method == SERVICE:
        return _completed_by_service(request, context, found, verification)
    return _proven(request, work, context, verification)


def _completed_by_service(
    request: Request, context: Context, found: Subject, verification: Verification
) -> Decision:
    if not verification.record.confirmed_by:
        return _answer(request, verification, ResponseCode.NOT_CONFIRMED_YET)
    if found.refusal is not None:
        return _refused(request, found, found.refusal)
    return _ended(request, context, verification, ResponseCode.APPROVED, ChallengeState.USED)


def _proven(
    request: Request, work: WorkingSet, context: Context, verification: Verification
) -> Decision:
    """The decision of the way's own service, with the verification's end."""
    record = verification.record
    way = WAYS[record.method]
    tried = way.verify(answering_request(request, way, record), work, context)
    if tried.code is ResponseCode.BAD_FIELD:
        return _bad_field("proof" if tried.body.detail in {"otp", "answer"} else tried.body.detail)
    spent = any(
        row.id == record.inner and row.state is not ChallengeState.OPEN for row in tried.challenges
    )
    if tried.code is ResponseCode.APPROVED:
        own = _ended(request, context, verification, tried.code, ChallengeState.USED)
    elif spent:
        own = _ended(request, context, verification, tried.code, ChallengeState.FAILED)
    else:
        own = _answer(request, verification, tried.code)
    body: TransactionResponse = own.body
    if tried.body is not None:
        body = msgspec.structs.replace(
            body,
            remaining_tries=tried.body.remaining_tries,
            locked_until=tried.body.locked_until,
            token=getattr(tried.body, "token", ""),
        )
    return msgspec.structs.replace(
        tried,
        body=body,
        personal=own.personal,
        challenges=(*tried.challenges, *own.challenges),
    )


def confirm_by_service(request: Request, work: WorkingSet, context: Context) -> Decision:
    """An operator's word for or against a transaction, over the text that was read out."""
    message: ConfirmByServiceRequest = request.message
    if message.verdict not in {_CONFIRM, _REFUSE}:
        return _bad_field("verdict")
    found, verification = find_verification(request, work, context)
    if verification is None or found.refusal is not None:
        return _refused(request, found, ResponseCode.VERIFICATION_UNKNOWN)
    record = verification.record
    refusal = verification.refusal(request.received_ms)
    if refusal is not None:
        return _answer(request, verification, refusal)
    if bytes(message.text_digest) != record.digest:
        return _answer(request, verification, ResponseCode.TEXT_DIFFERS)
    if message.verdict == _CONFIRM:
        if record.method != SERVICE or record.confirmed_by:
            return _answer(request, verification, ResponseCode.CONFIRMATION_NOT_WANTED)
        if message.operator == record.maker:
            return _answer(request, verification, ResponseCode.SAME_OPERATOR)
    said = msgspec.structs.replace(
        record,
        confirmed_by=message.operator,
        confirmed_at_ms=request.received_ms,
        reason=message.reason,
    )
    after = Verification(verification.row, said, verification.account)
    if message.verdict == _REFUSE:
        return _ended(request, context, after, ResponseCode.CHANGED, ChallengeState.CANCELLED)
    row = after.changed(context, said, ChallengeState.OPEN)
    return msgspec.structs.replace(_answer(request, after, ResponseCode.CHANGED), challenges=(row,))


def query_transaction(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Read-only."""
    found, verification = find_verification(request, work, context)
    if verification is None:
        return _refused(request, found, ResponseCode.VERIFICATION_UNKNOWN)
    row, record = verification.row, verification.record
    body = QueryTransactionResponse(
        verification=row.id.hex(),
        verification_state=verification.state(request.received_ms),
        text_version=record.composed.version,
        method=record.method,
        began_channel=row.channel_id,
        operator=record.maker,
        reference=record.reference,
        act=record.composed.fields.act,
        began_at=row.issued_at_ms,
        expires_at=row.expires_at_ms,
        ended_at=record.ended_at_ms,
        confirmed_at=record.confirmed_at_ms,
        confirmed_by=record.confirmed_by,
        reason=record.reason,
        text_digest=record.digest,
        text=SecretText(record.composed.text),
    )
    return Decision(code=ResponseCode.ANSWERED, body=body)


# What they have in common.


def _ended(
    request: Request,
    context: Context,
    verification: Verification,
    code: ResponseCode,
    state: ChallengeState,
) -> Decision:
    record = msgspec.structs.replace(verification.record, ended_at_ms=request.received_ms)
    row = verification.changed(context, record, state)
    after = Verification(row, record, verification.account)
    return msgspec.structs.replace(_answer(request, after, code), challenges=(row,))


def _answer(request: Request, verification: Verification, code: ResponseCode) -> Decision:
    """Of a request about a verification that was found."""
    row, record = verification.row, verification.record
    body = TransactionResponse(
        verification=row.id.hex(),
        verification_state=verification.state(request.received_ms),
        remaining_tries=BLANK_TRIES,
        text_version=record.composed.version,
        method=record.method,
        expires_at=row.expires_at_ms,
    )
    if code in _SHOWN_TEXT:
        body = msgspec.structs.replace(body, text_digest=record.digest)
    return Decision(
        code=code,
        body=body,
        reference=request.message.reference or record.reference,
        account=verification.account,
        personal=msgspec.structs.replace(_personal(request), text=record.composed.text),
    )


def _refused(request: Request, found: Subject, code: ResponseCode) -> Decision:
    return Decision(
        code=found.refusal or code,
        reference=getattr(request.message, "reference", ""),
        account=found.account,
        personal=_personal(request),
    )


def _personal(request: Request) -> Personal:
    message = request.message
    return personal_of(
        request,
        end_user_address=getattr(message, "end_user_address", ""),
        reason=getattr(message, "reason", ""),
    )


def _bad_field(name: str) -> Decision:
    return Decision(code=ResponseCode.BAD_FIELD, body=TransactionResponse(detail=name))
