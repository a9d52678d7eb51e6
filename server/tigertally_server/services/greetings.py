"""The reserved greeting (预留信息): kept for a customer, shown to whoever says to be that customer.

Reading it is a transaction of its own, so that a channel shows greetings only where the bank lets
it. Who asks for a customer that there is not, or who chose none, gets an invented one, the same
each time: that somebody is known here is nobody's business.
"""

from __future__ import annotations

import msgspec

from tigertally_engines.greeting import text as greetings
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.greeting import (
    GetGreetingRequest,
    GetGreetingResponse,
    SetGreetingRequest,
    SetGreetingResponse,
)
from tigertally_protocol.secret import SecretText
from tigertally_server.domain.account import Account
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import Purpose
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import new_credential, open_record, resealed
from tigertally_server.services.subject import find_user, need_user, personal_of
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs


class GreetingRecord(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is kept; "" where it was taken back."""

    text: str

    def __repr__(self) -> str:
        return "GreetingRecord(«secret»)"


def need_greeting(request: Request, needs: Needs) -> None:
    """The customer, and the greeting."""
    message: GetGreetingRequest | SetGreetingRequest = request.message
    need_user(request, needs)
    institution = request.institution_of(message.institution)
    needs.credentials.add((institution, message.customer, CredentialKind.GREETING))


def need_new_greeting(request: Request, needs: Needs) -> None:
    """And an id for a first one."""
    need_greeting(request, needs)
    needs.credential_ids += 1


def set_greeting(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Keeps the text, or takes it back where it is blank."""
    message: SetGreetingRequest = request.message
    found = find_user(request, work)
    text = greetings.normalised(message.greeting.reveal())
    rule = greetings.unsuitable(text) if text else ""
    if found.refusal is not None or found.account is None:
        return _decision(request, found.account, found.refusal or ResponseCode.USER_UNKNOWN)
    if rule:
        return _decision(request, found.account, ResponseCode.GREETING_UNSUITABLE, rule)
    record = GreetingRecord(text)
    decision = _decision(request, found.account, ResponseCode.CHANGED)
    known = work.credential(found.account, CredentialKind.GREETING)
    if known is None:
        row = new_credential(
            context,
            work,
            found.account,
            CredentialKind.GREETING,
            record,
            now_ms=request.received_ms,
        )
        return msgspec.structs.replace(decision, new_credentials=(row,), credential=row)
    row = msgspec.structs.replace(
        resealed(context, known, record), changed_at_ms=request.received_ms
    )
    return msgspec.structs.replace(decision, credentials=(row,), credential=known)


def get_greeting(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Read-only, and the same answer for everybody: a text."""
    message: GetGreetingRequest = request.message
    found = find_user(request, work)
    row = None
    if found.refusal is None and found.account is not None:
        row = work.credential(found.account, CredentialKind.GREETING)
    text = _kept_text(context, row)
    name = f"greeting\0{request.institution_of(message.institution)}\0{message.customer}"
    invented = greetings.invented(context.keyring.invented(name.encode()))
    body = GetGreetingResponse(greeting=SecretText(text or invented))
    return Decision(code=ResponseCode.ANSWERED, body=body)


def _kept_text(context: Context, row: Credential | None) -> str:
    if row is None or row.state is not CredentialState.ACTIVE:
        context.keyring.open_decoy(Purpose.CREDENTIAL)
        return ""
    return open_record(context, row, GreetingRecord).text


def _decision(
    request: Request, account: Account | None, code: ResponseCode, detail: str = ""
) -> Decision:
    message: SetGreetingRequest = request.message
    return Decision(
        code=code,
        body=SetGreetingResponse(detail=detail) if detail else None,
        reference=message.reference,
        account=account,
        personal=personal_of(request),
    )
