"""Send a code for a transaction.

The code is made when the dispatcher hands the text over and when it is verified, and kept nowhere:
what is kept is a challenge (nonce, transaction digest, form) and a text with a mark in the code's
place. A code for the same transaction takes the place of an older one; a new code is no new
beginning for failures and locks, and while they are locked none is sent.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tigertally_engines.otp.penalty import remaining_tries
from tigertally_engines.sms import codes as engine
from tigertally_engines.sms.codes import Issued
from tigertally_engines.sms.numbers import country_of
from tigertally_engines.sms.parameters import SmsParameters
from tigertally_engines.sms.templates import (
    CODE_KIND,
    LANGUAGES,
    SEALED_SUFFIX,
    TEXT_KIND,
    Template,
    kind_of,
)
from tigertally_engines.sms.transaction import Transaction
from tigertally_engines.sms.wording import amount_text, tail
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.messages.sms import SendSmsCodeRequest, SendSmsCodeResponse
from tigertally_server.domain.account import Account
from tigertally_server.domain.challenge import Challenge, ChallengeKind, ChallengeState
from tigertally_server.domain.credential import CredentialKind, CredentialState
from tigertally_server.domain.send_count import SendCount
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import new_challenge, new_message, open_record
from tigertally_server.services.sms.asked import BadTransaction, transaction_of
from tigertally_server.services.sms.limits import (
    counted,
    exceeded,
    need_counters,
    rules_for,
    sender_of,
)
from tigertally_server.services.sms.notices import need_phone
from tigertally_server.services.sms.phones import bad_field
from tigertally_server.services.sms.records import MessageRecord, Phone, phone_of
from tigertally_server.services.subject import Subject, find_user, need_user, personal_of
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_FOR_CODES: Final = (CODE_KIND, TEXT_KIND)
_SHOWN: Final = {
    "amount": "amount",
    "payee_tail": "payee",
    "payee_name": "payee_name",
    "purpose": "purpose",
    "text": "text",
}
"""Placeholder → the field it shows. What a text shows must be there: the customer confirms it."""


def need_sending(request: Request, needs: Needs) -> None:
    """Customer, phone, app, codes under way, and every counter that could say no."""
    message: SendSmsCodeRequest = request.message
    need_user(request, needs)
    need_phone(request, needs)
    need_counters(request, needs)
    institution = request.institution_of(message.institution)
    needs.open_challenges.add((institution, message.customer, ChallengeKind.SMS_CODE))
    if message.app:
        needs.credentials.add((institution, message.customer, CredentialKind.APP_KEY))


def send_code(request: Request, work: WorkingSet, context: Context) -> Decision:
    """A challenge, and a text on its way."""
    message: SendSmsCodeRequest = request.message
    if not context.sms.enabled:
        return _refused(request, Subject(), ResponseCode.SMS_NOT_CONFIGURED)
    try:
        transaction = transaction_of(request)
        parameters = context.sms.parameters_of(transaction.scene)
        _template(request, context, transaction, "")
    except BadTransaction as problem:
        return bad_field(SendSmsCodeResponse(detail=problem.field))
    found = find_user(request, work)
    if found.refusal is not None or found.account is None:
        return _refused(request, found, ResponseCode.USER_UNKNOWN)
    account, now_ms = found.account, request.received_ms
    phone = phone_of(context, work, account, now_ms)
    if phone is None:
        return _refused(request, found, ResponseCode.NO_PHONE)
    number = phone.newest_number if parameters.new_number_at_once else phone.record.number
    refusal = _refusal(request, work, context, account, phone, parameters, number)
    if refusal is not None:
        body = _standing(phone, parameters, now_ms)
        return _refused(request, found, refusal, body, phone)
    rules = rules_for(context.sms, context.keyring, sender_of(request), number, now_ms)
    if exceeded(work, rules, now_ms) is not None:
        body = _standing(phone, parameters, now_ms)
        return _refused(request, found, ResponseCode.SMS_LIMIT_REACHED, body, phone)
    template = _template(request, context, transaction, phone.record.language)
    text = getattr(message, "text", "")
    issue = _Issue(account, phone, number, transaction, parameters, template, message.app, text)
    return _issued(request, work, context, issue, counted(rules, now_ms))


def _template(
    request: Request, context: Context, transaction: Transaction, language: str
) -> Template:
    """The text of this scene. Raises BadTransaction where there is none, or where it would show
    something that the transaction doesn't have.
    """
    message: SendSmsCodeRequest = request.message
    if message.language and message.language not in LANGUAGES:
        raise BadTransaction("language")
    name = transaction.scene + (SEALED_SUFFIX if message.app else "")
    shown = context.sms.language_of(message.language, language, request.channel.name)
    template = context.sms.texts.find(request.channel.name, shown, name)
    if template is None or kind_of(transaction.scene) not in _FOR_CODES:
        raise BadTransaction("scene")
    for placeholder, field in _SHOWN.items():
        if placeholder in template.placeholders and not getattr(message, field, ""):
            raise BadTransaction(field)
    return template


def _refusal(
    request: Request,
    work: WorkingSet,
    context: Context,
    account: Account,
    phone: Phone,
    parameters: SmsParameters,
    number: str,
) -> ResponseCode | None:
    """Why this phone gets no code now, counters apart."""
    message: SendSmsCodeRequest = request.message
    factor, now_ms = phone.credential.factor, request.received_ms
    if phone.waits_until_ms and not parameters.new_number_at_once:
        return ResponseCode.PHONE_COOLING_OFF
    if now_ms < factor.locked_until_ms:
        return ResponseCode.SMS_LOCKED
    if now_ms < _resend_at(phone, parameters):
        return ResponseCode.SMS_TOO_SOON
    if message.app:
        app = work.credential(account, CredentialKind.APP_KEY, message.app)
        if app is None or app.state is not CredentialState.ACTIVE:
            return ResponseCode.APP_UNKNOWN
    countries = context.sms.countries
    if countries and country_of(number) not in countries:
        return ResponseCode.SMS_DESTINATION_REFUSED
    return None


class _Issue(msgspec.Struct, frozen=True, gc=False):
    """What a code is sent for, and to whom."""

    account: Account
    phone: Phone
    number: str
    transaction: Transaction
    parameters: SmsParameters
    template: Template
    app: str
    text: str


def _issued(
    request: Request,
    work: WorkingSet,
    context: Context,
    issue: _Issue,
    counts: tuple[SendCount, ...],
) -> Decision:
    parameters, phone, now_ms = issue.parameters, issue.phone, request.received_ms
    challenge, shown = _challenge(request, context, issue)
    values = _values(context, issue, shown, context.sms.sign)
    record = MessageRecord(issue.number, issue.template.render(values), challenge.id, issue.app)
    message = new_message(
        context,
        request,
        issue.account,
        issue.transaction.scene,
        record,
        lasts_ms=parameters.valid_s * 1000,
    )
    # The moving factor of a phone is when the last code was sent.
    factor = msgspec.structs.replace(phone.credential.factor, moving=now_ms)
    own = msgspec.structs.replace(phone.credential, factor=factor)
    body = SendSmsCodeResponse(
        challenge=challenge.id.hex(),
        message_id=message.id.hex(),
        server_code=shown,
        remaining_tries=min(remaining_tries(parameters, factor, now_ms), BLANK_TRIES - 1),
        expires_at=challenge.expires_at_ms,
        resend_at=now_ms + parameters.resend_s * 1000,
    )
    return Decision(
        code=ResponseCode.CHANGED,
        body=body,
        reference=request.message.reference,
        account=issue.account,
        credential=own,
        personal=personal_of(request, end_user_address=request.message.end_user_address),
        credentials=(own, *phone.changed[1:]),
        new_challenges=(challenge,),
        challenges=_superseded(work, context, request, issue),
        messages=(message,),
        counts=counts,
    )


def _challenge(request: Request, context: Context, issue: _Issue) -> tuple[Challenge, str]:
    """(the challenge, its server identification code)."""
    parameters = issue.parameters
    nonce = context.keyring.random_bytes(engine.NONCE_BYTES)
    issued = Issued(
        nonce,
        issue.transaction.digest(),
        parameters.digits,
        parameters.hash,
        issue.transaction.scene,
        issue.app,
    )
    challenge = new_challenge(
        context,
        request,
        issue.account,
        ChallengeKind.SMS_CODE,
        issued,
        lasts_ms=parameters.valid_s * 1000,
    )
    return challenge, engine.server_code(issue.phone.record.key, nonce)


def _values(context: Context, issue: _Issue, server_code: str, sign: str) -> dict[str, str]:
    transaction = issue.transaction
    language = issue.template.language
    return {
        "sign": sign,
        "server_code": server_code,
        "minutes": str(-(-issue.parameters.valid_s // 60)),
        "amount": amount_text(transaction.amount, transaction.currency, language),
        "payee_name": transaction.payee_name,
        "payee_tail": tail(transaction.payee),
        "purpose": transaction.purpose,
        "words": "",
        "text": issue.text,
    }


def _superseded(
    work: WorkingSet, context: Context, request: Request, issue: _Issue
) -> tuple[Challenge, ...]:
    """Older codes of this channel that end: for the same transaction, and beyond those that may
    wait side by side.
    """
    digest = issue.transaction.digest()
    same: list[Challenge] = []
    others: list[Challenge] = []
    for challenge in work.open_challenges(issue.account, ChallengeKind.SMS_CODE):
        if challenge.channel_id != request.channel.id:
            continue
        issued = open_record(context, challenge, Issued)
        (same if issued.digest == digest else others).append(challenge)
    too_many = max(0, len(others) + 1 - issue.parameters.open_max)
    return tuple(
        msgspec.structs.replace(challenge, state=ChallengeState.CANCELLED)
        for challenge in (*same, *others[:too_many])
    )


def _resend_at(phone: Phone, parameters: SmsParameters) -> int:
    sent_ms = phone.credential.factor.moving
    return sent_ms + parameters.resend_s * 1000 if sent_ms >= 0 else 0


def _standing(phone: Phone, parameters: SmsParameters, now_ms: int) -> SendSmsCodeResponse:
    factor = phone.credential.factor
    return SendSmsCodeResponse(
        remaining_tries=min(remaining_tries(parameters, factor, now_ms), BLANK_TRIES - 1),
        resend_at=resend if (resend := _resend_at(phone, parameters)) > now_ms else 0,
        locked_until=factor.locked_until_ms if factor.locked_until_ms > now_ms else 0,
    )


def _refused(
    request: Request,
    found: Subject,
    code: ResponseCode,
    body: SendSmsCodeResponse | None = None,
    phone: Phone | None = None,
) -> Decision:
    message: SendSmsCodeRequest = request.message
    return Decision(
        code=found.refusal or code,
        body=body,
        reference=message.reference,
        account=found.account,
        credential=None if phone is None else phone.credential,
        personal=personal_of(request, end_user_address=message.end_user_address),
    )
