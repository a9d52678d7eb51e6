"""Apps that codes can be sealed for: register an app's key, remove it. Then warnings, and what
became of a message.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tigertally_engines.sms.sealing import AppKey
from tigertally_engines.sms.templates import LANGUAGES, WIDTHS
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.sms import (
    AppRequest,
    AppResponse,
    QuerySmsRequest,
    QuerySmsResponse,
    RegisterAppKeyRequest,
    SendSmsWarningRequest,
    SendSmsWarningResponse,
)
from tigertally_server.domain.credential import CredentialKind, CredentialState
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import new_credential, resealed
from tigertally_server.services.sms.limits import (
    counted,
    exceeded,
    need_counters,
    rules_for,
    sender_of,
)
from tigertally_server.services.sms.notices import NOBODY, Told, need_notice, notice
from tigertally_server.services.sms.phones import bad_field
from tigertally_server.services.sms.records import phone_of
from tigertally_server.services.sms.verifying import challenge_id_of
from tigertally_server.services.subject import Subject, find_user, need_user, personal_of
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

APPS_MAX: Final = 8
_NO_KEY: Final = AppKey("", b"")
_KIND: Final = CredentialKind.APP_KEY


def need_apps(request: Request, needs: Needs) -> None:
    """Customer, apps, and what a notice needs."""
    message: RegisterAppKeyRequest | AppRequest = request.message
    need_user(request, needs)
    need_notice(request, needs)
    institution = request.institution_of(message.institution)
    needs.credentials.add((institution, message.customer, _KIND))
    needs.credential_ids += 1


def register_app_key(request: Request, work: WorkingSet, context: Context) -> Decision:
    """A key for one app; an older one of the same app is replaced, and the customer is told."""
    message: RegisterAppKeyRequest = request.message
    try:
        key = AppKey(message.algorithm, bytes.fromhex(message.app_key.reveal()))
    except ValueError:
        return bad_field(AppResponse(detail="app_key"))
    if not key.usable:
        known = message.algorithm in ("sm4-gcm", "aes-gcm")
        return bad_field(AppResponse(detail="app_key" if known else "algorithm"))
    found = find_user(request, work)
    account = found.account
    if found.refusal is not None or account is None:
        return _decision(request, found, found.refusal or ResponseCode.USER_UNKNOWN)
    old = work.credential(account, _KIND, message.app)
    count = _count(work, found)
    if (old is None or old.state is not CredentialState.ACTIVE) and count >= APPS_MAX:
        return _decision(request, found, ResponseCode.ILLEGAL_TRANSITION, count)
    now_ms = request.received_ms
    if old is None:
        made = new_credential(context, work, account, _KIND, key, now_ms=now_ms, slot=message.app)
        rows: dict[str, Any] = {"new_credentials": (made,)}
    else:
        made = msgspec.structs.replace(
            resealed(context, old, key), state=CredentialState.ACTIVE, changed_at_ms=now_ms
        )
        rows = {"credentials": (made,)}
    fresh = old is None or old.state is not CredentialState.ACTIVE
    told = notice(request, work, context, account, "notice_app_bound")
    return _decision(
        request, found, ResponseCode.CHANGED, count + fresh, told, credential=made, **rows
    )


def remove_app_key(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The key is forgotten; no code is sealed for this app any more."""
    message: AppRequest = request.message
    found = find_user(request, work)
    account = found.account
    if found.refusal is not None or account is None:
        return _decision(request, found, found.refusal or ResponseCode.USER_UNKNOWN)
    count, old = _count(work, found), work.credential(account, _KIND, message.app)
    if old is None or old.state is not CredentialState.ACTIVE:
        return _decision(request, found, ResponseCode.APP_UNKNOWN, count)
    gone = msgspec.structs.replace(
        resealed(context, old, _NO_KEY),
        state=CredentialState.VOID,
        changed_at_ms=request.received_ms,
    )
    return _decision(
        request, found, ResponseCode.CHANGED, count - 1, credential=gone, credentials=(gone,)
    )


def _count(work: WorkingSet, found: Subject) -> int:
    assert found.account is not None
    apps = work.credentials(found.account, _KIND)
    return sum(app.state is CredentialState.ACTIVE for app in apps)


def _decision(
    request: Request,
    found: Subject,
    code: ResponseCode,
    count: int = 0,
    told: Told = NOBODY,
    **rows: Any,
) -> Decision:
    message: RegisterAppKeyRequest | AppRequest = request.message
    return Decision(
        code=code,
        body=AppResponse(app=message.app, app_count=count),
        reference=message.reference,
        account=found.account,
        personal=personal_of(request, reason=getattr(message, "reason", "")),
        messages=told.messages,
        counts=told.counts,
        **rows,
    )


def need_warning(request: Request, needs: Needs) -> None:
    """Customer, phone and every counter that could say no."""
    need_user(request, needs)
    need_notice(request, needs)
    need_counters(request, needs)


def send_warning(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The bank's own words, under the same limits as codes."""
    message: SendSmsWarningRequest = request.message
    if not context.sms.enabled:
        return _told(request, Subject(), ResponseCode.SMS_NOT_CONFIGURED)
    if len(message.words) > WIDTHS["words"]:
        return bad_field(SendSmsWarningResponse(detail="words"))
    if message.language and message.language not in LANGUAGES:
        return bad_field(SendSmsWarningResponse(detail="language"))
    found, now_ms = find_user(request, work), request.received_ms
    account = found.account
    if found.refusal is not None or account is None:
        return _told(request, found, found.refusal or ResponseCode.USER_UNKNOWN)
    phone = phone_of(context, work, account, now_ms)
    if phone is None:
        return _told(request, found, ResponseCode.NO_PHONE)
    number = phone.record.number
    rules = rules_for(context.sms, context.keyring, sender_of(request), number, now_ms)
    told = NOBODY
    if exceeded(work, rules, now_ms) is None:
        words = {"words": message.words}
        told = notice(request, work, context, account, "notice_warning", words)
    if not told.messages:
        return _told(request, found, ResponseCode.SMS_LIMIT_REACHED)
    told = told.also(Told(counts=counted(rules, now_ms)))
    return _told(request, found, ResponseCode.CHANGED, told)


def _told(request: Request, found: Subject, code: ResponseCode, told: Told = NOBODY) -> Decision:
    ids = [message.id.hex() for message in told.messages]
    return Decision(
        code=code,
        body=SendSmsWarningResponse(message_id=ids[0]) if ids else None,
        reference=request.message.reference,
        account=found.account,
        personal=personal_of(request),
        messages=told.messages,
        counts=told.counts,
    )


def need_message(request: Request, needs: Needs) -> None:
    """The customer and the message asked about."""
    need_user(request, needs)
    message_id = challenge_id_of(request.message.message_id)
    if message_id is not None:
        needs.messages.add(message_id)


def query_sms(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Read-only. Another customer's message is as unknown as none."""
    message: QuerySmsRequest = request.message
    message_id = challenge_id_of(message.message_id)
    if message_id is None:
        return bad_field(QuerySmsResponse(detail="message_id"))
    found = find_user(request, work)
    row = work.message(message_id)
    if found.account is None or row is None or row.account_id != found.account.id:
        return Decision(code=ResponseCode.ANSWERED, body=QuerySmsResponse())
    body = QuerySmsResponse(
        message_state=row.state,
        attempts=min(row.attempts, 255),
        purpose_word=row.purpose,
        queued_at=row.created_at_ms,
        expires_at=row.expires_at_ms,
        delivery_reason=row.reason[:32],
    )
    return Decision(code=ResponseCode.ANSWERED, body=body)
