"""A customer's phone: bind, change, cancel a change, unbind, unlock, ask about.

Changing the number is the binding of a new one: it waits for its cooling-off, the old number is
told at once, and codes that were sent to the old number end. Meanwhile only scenes that permit it
send, and to the new number: the old one may be in other hands, which may be why it is changed.
Neither binding anew nor changing nor waiting clears failures or a lock; only UNLOCK_SMS and a right
code do.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tigertally_engines.otp import decide as otp
from tigertally_engines.otp.penalty import remaining_tries
from tigertally_engines.sms.numbers import BadNumber, country_of, normalised
from tigertally_engines.sms.templates import LANGUAGES
from tigertally_engines.sms.wording import tail
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.messages.sms import PhoneActRequest, PhoneRequest, PhoneResponse
from tigertally_protocol.transactions import PhoneState
from tigertally_server.domain.account import Account
from tigertally_server.domain.challenge import Challenge, ChallengeKind, ChallengeState
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import new_credential, resealed
from tigertally_server.services.sms.limits import tag_of
from tigertally_server.services.sms.notices import NOBODY, Told, need_notice, notice_to
from tigertally_server.services.sms.policy import HOUR_MS
from tigertally_server.services.sms.records import (
    NO_PHONE,
    Phone,
    PhoneRecord,
    WaitingNumber,
    ended_change,
    new_phone_record,
    phone_of,
    with_number,
)
from tigertally_server.services.subject import Subject, find_user, need_user, personal_of
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_SMS, _CHANGE = CredentialKind.SMS, CredentialKind.PHONE_CHANGE
UNBOUND: Final = PhoneResponse(phone_state=PhoneState.UNBOUND)


def need_phone_request(request: Request, needs: Needs) -> None:
    """Customer, phone, codes under way, and what a notice needs."""
    need_user(request, needs)
    need_notice(request, needs)
    message = request.message
    institution = request.institution_of(message.institution)
    needs.open_challenges.add((institution, message.customer, ChallengeKind.SMS_CODE))
    needs.credential_ids += 1


def bind_phone(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The first number, or one after an unbinding."""
    message: PhoneRequest = request.message
    found = find_user(request, work)
    number, refusal = _number_of(request, context)
    if refusal is not None:
        return refusal
    if found.refusal is not None or found.account is None:
        return _refused(request, found)
    account, now_ms = found.account, request.received_ms
    phone = phone_of(context, work, account, now_ms)
    if phone is not None:
        return _refused(request, found, ResponseCode.PHONE_ALREADY_BOUND, _standing(context, phone))
    record = new_phone_record(context, number, message.language)
    known = work.credential(account, _SMS)
    bound = (
        new_credential(context, work, account, _SMS, record, now_ms=now_ms)
        if known is None
        else resealed(context, known, record)
    )
    usable_ms = now_ms + context.sms.bind_cooling_off_ms if context.sms.bind_cooling_off_ms else 0
    bound = msgspec.structs.replace(
        bound,
        state=CredentialState.ACTIVE,
        tag=tag_of(context.keyring, number),
        changed_at_ms=now_ms,
        valid_from_ms=usable_ms,
    )
    told = _tell(request, work, context, account, "notice_phone_bound", record, record.number)
    body = _standing(context, Phone(bound, record, usable_ms))
    rows = {"new_credentials" if known is None else "credentials": (bound,)}
    return _changed(request, account, bound, body, told, **rows)


def change_phone(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Another number, after its cooling-off. The same number again starts the wait again."""
    message: PhoneRequest = request.message
    found = find_user(request, work)
    number, refusal = _number_of(request, context)
    if refusal is not None:
        return refusal
    if found.refusal is not None or found.account is None:
        return _refused(request, found)
    account, now_ms = found.account, request.received_ms
    phone = phone_of(context, work, account, now_ms)
    if phone is None:
        return _refused(request, found, ResponseCode.NO_PHONE, UNBOUND)
    if number == phone.record.number:
        return _refused(request, found, ResponseCode.PHONE_ALREADY_BOUND, _standing(context, phone))
    waiting = WaitingNumber(number, message.language)
    after, rows = _with_change(context, work, account, phone, waiting, now_ms)
    hours = {"hours": str(-(-context.sms.change_cooling_off_ms // HOUR_MS))}
    old, new = phone.record, phone.record.language if not message.language else message.language
    told = _tell(request, work, context, account, "notice_phone_change", old, number, hours)
    to_new = PhoneRecord(b"", number, new)
    told = told.also(
        _tell(request, work, context, account, "notice_phone_changed", to_new, number, hours)
    )
    cancelled = _cancelled_codes(work, account)
    body = _standing(context, after)
    return _changed(request, account, after.credential, body, told, challenges=cancelled, **rows)


def _with_change(
    context: Context,
    work: WorkingSet,
    account: Account,
    phone: Phone,
    waiting: WaitingNumber,
    now_ms: int,
) -> tuple[Phone, dict[str, tuple[Credential, ...]]]:
    """(the phone afterwards, its rows for the decision)."""
    known = work.credential(account, _CHANGE)
    wait_ms = context.sms.change_cooling_off_ms
    if not wait_ms:
        own, record = with_number(context, phone.credential, phone.record, waiting, now_ms)
        ended = () if known is None else (ended_change(context, known, now_ms),)
        return Phone(own, record), {"credentials": (own, *ended)}
    change = (
        new_credential(context, work, account, _CHANGE, waiting, now_ms=now_ms)
        if known is None
        else resealed(context, known, waiting)
    )
    change = msgspec.structs.replace(
        change,
        state=CredentialState.PENDING,
        tag=tag_of(context.keyring, waiting.number),
        changed_at_ms=now_ms,
        valid_from_ms=now_ms + wait_ms,
    )
    after = Phone(phone.credential, phone.record, change.valid_from_ms, waiting)
    own_rows = phone.changed[:1]
    if known is None:
        return after, {"credentials": own_rows, "new_credentials": (change,)}
    return after, {"credentials": (*own_rows, change)}


def cancel_phone_change(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The number that waits is forgotten; the old one stays."""
    found = find_user(request, work)
    if found.refusal is not None or found.account is None:
        return _refused(request, found)
    account, now_ms = found.account, request.received_ms
    phone = phone_of(context, work, account, now_ms)
    change = work.credential(account, _CHANGE)
    if phone is None:
        return _refused(request, found, ResponseCode.NO_PHONE, UNBOUND)
    if phone.waiting is None or change is None:
        return _refused(request, found, ResponseCode.NO_PHONE_CHANGE, _standing(context, phone))
    ended = ended_change(context, change, now_ms)
    body = _standing(context, Phone(phone.credential, phone.record))
    return _changed(
        request,
        account,
        phone.credential,
        body,
        credentials=(ended,),
        challenges=_cancelled_codes(work, account),
    )


def unbind_phone(request: Request, work: WorkingSet, context: Context) -> Decision:
    """No codes any more; number and key are forgotten, failures and locks are not."""
    found = find_user(request, work)
    if found.account is None:
        return _refused(request, found)
    account, now_ms = found.account, request.received_ms
    phone = phone_of(context, work, account, now_ms)
    if phone is None:
        return _refused(request, found, ResponseCode.NO_PHONE, UNBOUND)
    record = phone.record
    told = _tell(request, work, context, account, "notice_phone_unbound", record, record.number)
    gone = msgspec.structs.replace(
        resealed(context, phone.credential, NO_PHONE),
        state=CredentialState.VOID,
        tag=b"",
        changed_at_ms=now_ms,
    )
    change = work.credential(account, _CHANGE)
    ended = () if change is None else (ended_change(context, change, now_ms),)
    cancelled = _cancelled_codes(work, account)
    return _changed(
        request, account, gone, UNBOUND, told, credentials=(gone, *ended), challenges=cancelled
    )


def unlock_sms(request: Request, work: WorkingSet, context: Context) -> Decision:
    """An operator's act: failures, lock and delay are gone."""
    found = find_user(request, work)
    if found.refusal is not None or found.account is None:
        return _refused(request, found)
    phone = phone_of(context, work, found.account, request.received_ms)
    if phone is None:
        return _refused(request, found, ResponseCode.NO_PHONE, UNBOUND)
    own = msgspec.structs.replace(phone.credential, factor=otp.unlock(phone.credential.factor))
    after = Phone(own, phone.record, phone.waits_until_ms, phone.waiting)
    body = _standing(context, after)
    return _changed(request, found.account, own, body, credentials=(own, *phone.changed[1:]))


def query_phone(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Read-only."""
    found = find_user(request, work)
    if found.refusal is not None or found.account is None:
        return _refused(request, found)
    phone = phone_of(context, work, found.account, request.received_ms)
    body = UNBOUND if phone is None else _standing(context, phone, request.received_ms)
    return Decision(code=ResponseCode.ANSWERED, body=body)


# What they have in common.


def _number_of(request: Request, context: Context) -> tuple[str, Decision | None]:
    """The number of the message in its one form, or what is wrong with the message."""
    message: PhoneRequest = request.message
    if message.language and message.language not in LANGUAGES:
        return "", bad_field(PhoneResponse(detail="language"))
    try:
        number = normalised(message.mobile.reveal(), context.sms.home_country)
    except BadNumber:
        return "", bad_field(PhoneResponse(detail="mobile"))
    countries = context.sms.countries
    if countries and country_of(number) not in countries:
        return "", Decision(
            code=ResponseCode.SMS_DESTINATION_REFUSED,
            reference=message.reference,
            personal=personal_of(request),
        )
    return number, None


def bad_field(body: Any) -> Decision:
    """Refused, nothing recorded; `body.detail` names the field."""
    return Decision(code=ResponseCode.BAD_FIELD, body=body)


def _standing(context: Context, phone: Phone, now_ms: int = 0) -> PhoneResponse:
    factor, rules = phone.credential.factor, context.sms.parameters
    return PhoneResponse(
        phone_state=PhoneState.COOLING_OFF if phone.waits_until_ms else PhoneState.BOUND,
        remaining_tries=min(remaining_tries(rules, factor, now_ms), BLANK_TRIES - 1),
        locked_until=factor.locked_until_ms if factor.locked_until_ms > now_ms else 0,
        usable_from=phone.waits_until_ms,
        number_tail=tail(phone.newest_number),
        language=phone.record.language,
    )


def _cancelled_codes(work: WorkingSet, account: Account) -> tuple[Challenge, ...]:
    return tuple(
        msgspec.structs.replace(challenge, state=ChallengeState.CANCELLED)
        for challenge in work.open_challenges(account, ChallengeKind.SMS_CODE)
    )


def _tell(
    request: Request,
    work: WorkingSet,
    context: Context,
    account: Account,
    name: str,
    to: PhoneRecord,
    shown: str,
    values: dict[str, str] | None = None,
) -> Told:
    given = {"number_tail": tail(shown), **(values or {})}
    return notice_to(request, work, context, account, name, to.number, to.language, given)


def _changed(
    request: Request,
    account: Account,
    credential: Credential,
    body: PhoneResponse,
    told: Told = NOBODY,
    **rows: Any,
) -> Decision:
    message: PhoneRequest | PhoneActRequest = request.message
    return Decision(
        code=ResponseCode.CHANGED,
        body=body,
        reference=message.reference,
        account=account,
        credential=credential,
        personal=personal_of(request, reason=getattr(message, "reason", "")),
        messages=told.messages,
        counts=told.counts,
        **rows,
    )


def _refused(
    request: Request,
    found: Subject,
    code: ResponseCode | None = None,
    body: PhoneResponse | None = None,
) -> Decision:
    return Decision(
        code=code or found.refusal or ResponseCode.USER_UNKNOWN,
        body=body,
        reference=request.message.reference,
        account=found.account,
        personal=personal_of(request, reason=getattr(request.message, "reason", "")),
    )
