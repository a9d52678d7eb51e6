"""Verify a code for the transaction it was sent for: by the code itself, or by MS-CHAPv2.

Failures count on the customer's phone, over all codes; each code dies after a few tries of its own,
and is used once, because its row is locked when it is read. A lock or delay is judged before
anything about the code is, and a transaction that differs before the code: neither answer says
anything about a code, and neither costs a try.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, Final

import msgspec

from tigertally_engines.otp import chap
from tigertally_engines.otp.penalty import after_failure, remaining_tries
from tigertally_engines.otp.state import OtpState
from tigertally_engines.sms import codes as engine
from tigertally_engines.sms.codes import Issued
from tigertally_engines.sms.parameters import SmsParameters
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.messages.sms import (
    VerifySmsCodeRequest,
    VerifySmsMschapRequest,
    VerifySmsMschapResponse,
    VerifySmsResponse,
)
from tigertally_server.domain.account import Account
from tigertally_server.domain.challenge import (
    CHALLENGE_ID_BYTES,
    Challenge,
    ChallengeKind,
    ChallengeState,
    shown_challenge_state,
)
from tigertally_server.domain.credential import Credential
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import open_record
from tigertally_server.services.sms.asked import BadTransaction, transaction_of
from tigertally_server.services.sms.notices import NOBODY, Told, need_phone, notice
from tigertally_server.services.sms.phones import bad_field
from tigertally_server.services.sms.records import Phone, phone_of
from tigertally_server.services.subject import Subject, find_user, need_user, personal_of
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

Check = Callable[[str], bool]
"""Whether what the peer sent is right, given the code."""

_ENDED: Final = {
    ChallengeState.USED: ResponseCode.REPLAYED_CODE,
    ChallengeState.CANCELLED: ResponseCode.SMS_CODE_CANCELLED,
    ChallengeState.FAILED: ResponseCode.SMS_CODE_CANCELLED,
    ChallengeState.EXPIRED: ResponseCode.SMS_CODE_EXPIRED,
}


def need_verifying(request: Request, needs: Needs) -> None:
    """Customer, phone and the challenge, locked."""
    need_user(request, needs)
    need_phone(request, needs)
    challenge_id = challenge_id_of(request.message.challenge)
    if challenge_id is not None:
        needs.challenges.add(challenge_id)


def challenge_id_of(text: str) -> bytes | None:
    """The id that a message names, None where it can't be one."""
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        return None
    return octets if len(octets) == CHALLENGE_ID_BYTES and octets.hex() == text else None


def verify_code(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The customer typed the code."""
    message: VerifySmsCodeRequest = request.message
    typed = message.otp.reveal()
    tried = _try(request, work, context, lambda code: hmac.compare_digest(code, typed))
    return _decision(request, tried, VerifySmsResponse)


def verify_mschap(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The peer proved by MS-CHAPv2 that it knows the code."""
    message: VerifySmsMschapRequest = request.message
    exchange = chap.Exchange(
        message.user_name, message.authenticator_challenge, message.peer_challenge
    )
    hashed, given = chap.challenge_hash(exchange), message.nt_response
    tried = _try(
        request,
        work,
        context,
        lambda code: hmac.compare_digest(chap.nt_response(hashed, code), given),
    )
    proof = tried.code and chap.authenticator_response(exchange, tried.code, given)
    return _decision(request, tried, VerifySmsMschapResponse, authenticator_response=proof)


class _Tried(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What came of a try. `code`: the right one, where it was given."""

    result: ResponseCode
    found: Subject = Subject()
    factor: OtpState | None = None
    rules: SmsParameters | None = None
    credential: Credential | None = None
    credentials: tuple[Credential, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    told: Told = NOBODY
    detail: str = ""
    code: str = ""


def _try(request: Request, work: WorkingSet, context: Context, check: Check) -> _Tried:
    try:
        digest = transaction_of(request).digest()
    except BadTransaction as problem:
        return _Tried(result=ResponseCode.BAD_FIELD, detail=problem.field)
    challenge_id = challenge_id_of(request.message.challenge)
    if challenge_id is None:
        return _Tried(result=ResponseCode.BAD_FIELD, detail="challenge")
    found = find_user(request, work)
    if found.refusal is not None or found.account is None:
        return _Tried(result=found.refusal or ResponseCode.USER_UNKNOWN, found=found)
    phone = phone_of(context, work, found.account, request.received_ms)
    if phone is None:
        return _Tried(result=ResponseCode.NO_PHONE, found=found)
    challenge = work.challenge(challenge_id)
    if challenge is None or not _is_own(challenge, found.account, request):
        return _standing(found, phone, context.sms.parameters, ResponseCode.SMS_CODE_UNKNOWN)
    issued = open_record(context, challenge, Issued)
    rules = context.sms.parameters_of(issued.scene)
    refusal = _held(phone.credential.factor, request.received_ms) or _ENDED.get(
        shown_challenge_state(challenge, request.received_ms)
    )
    if refusal is not None:
        return _standing(found, phone, rules, refusal)
    if not hmac.compare_digest(issued.digest, digest):
        return _standing(found, phone, rules, ResponseCode.TRANSACTION_DIFFERS)
    code = engine.code_of(phone.record.key, issued)
    if check(code):
        return _approved(found, phone, challenge, rules, code)
    return _failed(request, work, context, found, phone, challenge, rules)


def _is_own(challenge: Challenge, account: Account, request: Request) -> bool:
    return (
        challenge.kind is ChallengeKind.SMS_CODE
        and challenge.owner_id == account.id
        and challenge.channel_id == request.channel.id
    )


def _held(factor: OtpState, now_ms: int) -> ResponseCode | None:
    if now_ms < factor.locked_until_ms:
        return ResponseCode.SMS_LOCKED
    return ResponseCode.SMS_THROTTLED if now_ms < factor.next_try_ms else None


def _standing(found: Subject, phone: Phone, rules: SmsParameters, result: ResponseCode) -> _Tried:
    credential = phone.credential
    return _Tried(
        result=result, found=found, factor=credential.factor, rules=rules, credential=credential
    )


def _approved(
    found: Subject, phone: Phone, challenge: Challenge, rules: SmsParameters, code: str
) -> _Tried:
    """Failures are forgotten, and the next code may be sent at once."""
    factor = OtpState()
    own = msgspec.structs.replace(phone.credential, factor=factor)
    used = msgspec.structs.replace(challenge, state=ChallengeState.USED)
    return _Tried(
        result=ResponseCode.APPROVED,
        found=found,
        factor=factor,
        rules=rules,
        credential=own,
        credentials=(own, *phone.changed[1:]),
        challenges=(used,),
        code=code,
    )


def _failed(
    request: Request,
    work: WorkingSet,
    context: Context,
    found: Subject,
    phone: Phone,
    challenge: Challenge,
    rules: SmsParameters,
) -> _Tried:
    before, now_ms = phone.credential.factor, request.received_ms
    factor = after_failure(rules, before, now_ms, rules.throttle_after)
    own = msgspec.structs.replace(phone.credential, factor=factor)
    failures = challenge.failures + 1
    state = ChallengeState.FAILED if failures >= rules.code_tries else challenge.state
    tried = msgspec.structs.replace(challenge, failures=failures, state=state)
    told = NOBODY
    if factor.locked_until_ms > before.locked_until_ms and found.account is not None:
        count = {"count": str(factor.failures)}
        told = notice(request, work, context, found.account, "notice_locked", count)
    return _Tried(
        result=ResponseCode.WRONG_CODE,
        found=found,
        factor=factor,
        rules=rules,
        credential=own,
        credentials=(own, *phone.changed[1:]),
        challenges=(tried,),
        told=told,
    )


def _decision(request: Request, tried: _Tried, cls: type[Any], **fields: Any) -> Decision:
    message, now_ms = request.message, request.received_ms
    if tried.result is ResponseCode.BAD_FIELD:
        return bad_field(cls(detail=tried.detail))
    body = None
    if tried.factor is not None and tried.rules is not None:
        factor = tried.factor
        body = cls(
            challenge=message.challenge,
            remaining_tries=min(remaining_tries(tried.rules, factor, now_ms), BLANK_TRIES - 1),
            locked_until=factor.locked_until_ms if factor.locked_until_ms > now_ms else 0,
            **fields,
        )
    return Decision(
        code=tried.result,
        body=body,
        reference=message.reference,
        account=tried.found.account,
        credential=tried.credential,
        personal=personal_of(request, end_user_address=message.end_user_address),
        credentials=tried.credentials,
        challenges=tried.challenges,
        messages=tried.told.messages,
        counts=tried.told.counts,
    )
