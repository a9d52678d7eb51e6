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
from tigertally_engines.otp.state import OtpState
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
from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.messages.sms import SendSmsCodeRequest, SendSmsCodeResponse
from tigertally_server.domain.account import Account
from tigertally_server.domain.challenge import Challenge, ChallengeKind, ChallengeState
from tigertally_server.domain.credential import CredentialKind, CredentialState
from tigertally_server.domain.message import MessageState
from tigertally_server.domain.send_count import SendCount
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import new_challenge, new_message, open_record
from tigertally_server.services.sms.asked import BadTransaction, transaction_of
from tigertally_server.services.sms.limits import (
    asked_in_vain,
    counted,
    exceeded,
    last_in_vain,
    need_counters,
    rules_for,
    sender_of,
)
from tigertally_server.services.sms.notices import need_phone
from tigertally_server.services.sms.phones import bad_field
from tigertally_server.services.sms.records import MessageRecord, Phone, nobodys_key, phone_of
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
    found, now_ms, phone = find_user(request, work), request.received_ms, None
    if found.account is not None:
        phone = phone_of(context, work, found.account, now_ms)
    refusal = _refusal(request, work, context, found, phone, parameters)
    in_vain = refusal is not None and _is_hidden(request, refusal)
    if refusal is not None and not in_vain:
        return _refused(request, found, refusal, phone, parameters)
    keyring, sender = context.keyring, sender_of(request)
    sent_ms = -1 if phone is None else phone.credential.factor.moving
    if in_vain:
        sent_ms = max(sent_ms, last_in_vain(work, keyring, sender))
    if now_ms < _resend_at(sent_ms, parameters):
        return _refused(request, found, ResponseCode.SMS_TOO_SOON, phone, parameters)
    number = "" if phone is None or in_vain else _number(phone, parameters)
    rules = rules_for(context.sms, keyring, sender, number, now_ms)
    if exceeded(work, rules, now_ms) is not None:
        return _refused(request, found, ResponseCode.SMS_LIMIT_REACHED, phone, parameters)
    language = "" if phone is None else phone.record.language
    template = _template(request, context, transaction, language)
    text = getattr(message, "text", "")
    issue = _Issue(
        found.account, phone, number, transaction, parameters, template, message.app, text
    )
    counts = counted(rules, now_ms)
    if refusal is None:
        return _issued(request, work, context, issue, counts)
    return _as_if_issued(request, work, context, issue, counts, refusal)


def _is_hidden(request: Request, refusal: ResponseCode) -> bool:
    """Whether the channel must not learn that nothing was sent."""
    return CODES[refusal].hidden and not request.channel.disclose


def _number(phone: Phone, parameters: SmsParameters) -> str:
    return phone.newest_number if parameters.new_number_at_once else phone.record.number


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
    found: Subject,
    phone: Phone | None,
    parameters: SmsParameters,
) -> ResponseCode | None:
    """Why this customer gets no code now, however few were sent."""
    message: SendSmsCodeRequest = request.message
    if found.refusal is not None or found.account is None:
        return found.refusal or ResponseCode.USER_UNKNOWN
    if phone is None:
        return ResponseCode.NO_PHONE
    if phone.waits_until_ms and not parameters.new_number_at_once:
        return ResponseCode.PHONE_COOLING_OFF
    if request.received_ms < phone.credential.factor.locked_until_ms:
        return ResponseCode.SMS_LOCKED
    if message.app:
        app = work.credential(found.account, CredentialKind.APP_KEY, message.app)
        if app is None or app.state is not CredentialState.ACTIVE:
            return ResponseCode.APP_UNKNOWN
    countries = context.sms.countries
    if countries and country_of(_number(phone, parameters)) not in countries:
        return ResponseCode.SMS_DESTINATION_REFUSED
    return None


class _Issue(msgspec.Struct, frozen=True, gc=False):
    """What a code is sent for, and to whom. `phone` None: to nobody."""

    account: Account | None
    phone: Phone | None
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
    key = nobodys_key(context) if phone is None else phone.record.key
    challenge, shown = _challenge(request, context, issue, key)
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
    factor = OtpState() if phone is None else phone.credential.factor
    factor = msgspec.structs.replace(factor, moving=now_ms)
    own = None
    if phone is not None:
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
        credentials=() if phone is None or own is None else (own, *phone.changed[1:]),
        new_challenges=(challenge,),
        challenges=_superseded(work, context, request, issue),
        messages=(message,),
        counts=counts,
    )


def _as_if_issued(
    request: Request,
    work: WorkingSet,
    context: Context,
    issue: _Issue,
    counts: tuple[SendCount, ...],
    refusal: ResponseCode,
) -> Decision:
    """Nothing is sent, and a channel from which reasons are hidden can't tell: it gets a challenge
    that nobody has the code of. The entry says why, and the phone stays as it is.
    """
    decision = _issued(request, work, context, issue, counts)
    (message,) = decision.messages
    personal = personal_of(
        request,
        end_user_address=request.message.end_user_address,
        reason=f"sent in nobody's name: {refusal.name}",
    )
    vain = asked_in_vain(context.keyring, sender_of(request), request.received_ms)
    unsent = msgspec.structs.replace(message, state=MessageState.EXPIRED, reason="not sent")
    return msgspec.structs.replace(
        decision,
        personal=personal,
        credential=None if issue.phone is None else issue.phone.credential,
        credentials=(),
        messages=(unsent,),
        counts=(*counts, vain),
        decoy_credentials=int(issue.phone is None),
    )


def _challenge(
    request: Request, context: Context, issue: _Issue, key: bytes
) -> tuple[Challenge, str]:
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
    return challenge, engine.server_code(key, nonce)


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
        "text": issue.text,
    }


def _superseded(
    work: WorkingSet, context: Context, request: Request, issue: _Issue
) -> tuple[Challenge, ...]:
    """Older codes of this channel that end: for the same transaction, and beyond those that may
    wait side by side.
    """
    if issue.account is None:
        return ()
    digest = issue.transaction.digest()
    same: list[Challenge] = []
    others: list[Challenge] = []
    for challenge in work.open_challenges(issue.account, ChallengeKind.SMS_CODE):
        lapsed = challenge.expires_at_ms <= request.received_ms
        if lapsed or challenge.channel_id != request.channel.id:
            continue
        issued = open_record(context, challenge, Issued)
        (same if issued.digest == digest else others).append(challenge)
    too_many = max(0, len(others) + 1 - issue.parameters.open_max)
    return tuple(
        msgspec.structs.replace(challenge, state=ChallengeState.CANCELLED)
        for challenge in (*same, *others[:too_many])
    )


def _resend_at(sent_ms: int, parameters: SmsParameters) -> int:
    """0: at once. Without a wait, requests decided in another order than they came in don't count
    as too soon.
    """
    wait_ms = parameters.resend_s * 1000
    return sent_ms + wait_ms if wait_ms and sent_ms >= 0 else 0


def _standing(phone: Phone, parameters: SmsParameters, now_ms: int) -> SendSmsCodeResponse:
    factor = phone.credential.factor
    resend_ms = _resend_at(factor.moving, parameters)
    return SendSmsCodeResponse(
        remaining_tries=min(remaining_tries(parameters, factor, now_ms), BLANK_TRIES - 1),
        resend_at=resend_ms if resend_ms > now_ms else 0,
        locked_until=factor.locked_until_ms if factor.locked_until_ms > now_ms else 0,
    )


def _refused(
    request: Request,
    found: Subject,
    code: ResponseCode,
    phone: Phone | None = None,
    parameters: SmsParameters | None = None,
) -> Decision:
    message: SendSmsCodeRequest = request.message
    body = None
    # Where reasons are hidden, so is when the next code could be sent.
    if phone is not None and parameters is not None and request.channel.disclose:
        body = _standing(phone, parameters, request.received_ms)
    return Decision(
        code=code,
        body=body,
        reference=message.reference,
        account=found.account,
        credential=None if phone is None else phone.credential,
        personal=personal_of(request, end_user_address=message.end_user_address),
        decoy_credentials=int(phone is None),
    )
