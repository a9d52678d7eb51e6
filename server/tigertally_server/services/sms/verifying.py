"""Verify a code for the transaction it was sent for: by the code itself, or by MS-CHAPv2.

Failures count on the customer's phone, over all codes; each code dies after a few tries of its own,
and is used once, because its row is locked when it is read. A lock or delay is judged before
anything about the code is, and a transaction that differs before the code: neither answer says
anything about a code, and neither costs a try. All the work is done whatever the refusal, and the
same statements run, so that a channel from which reasons are hidden can't tell them apart.
"""

from __future__ import annotations

import hmac
from typing import Any, Final

import msgspec

from tigertally_engines.otp import chap
from tigertally_engines.otp.penalty import after_failure, remaining_tries
from tigertally_engines.otp.state import OtpState
from tigertally_engines.sms import codes as engine
from tigertally_engines.sms.codes import Check, Issued, SmsResult
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
from tigertally_server.services.keyring import Purpose
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import open_record
from tigertally_server.services.sms.asked import BadTransaction, transaction_of
from tigertally_server.services.sms.notices import NOBODY, Told, need_phone, notice
from tigertally_server.services.sms.phones import bad_field
from tigertally_server.services.sms.records import Phone, nobodys_key, phone_of
from tigertally_server.services.subject import Subject, find_user, need_user, personal_of
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_RESULTS: Final = {
    SmsResult.APPROVED: ResponseCode.APPROVED,
    SmsResult.WRONG: ResponseCode.WRONG_CODE,
    SmsResult.TRANSACTION_DIFFERS: ResponseCode.TRANSACTION_DIFFERS,
}

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
    tried = _try(request, work, context, engine.typed(message.otp.reveal()))
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
    """What came of a try. `phone` and `row` as they were found; `code`: the right one, where it was
    given.
    """

    result: ResponseCode
    found: Subject = Subject()
    phone: Phone | None = None
    row: Challenge | None = None
    rules: SmsParameters | None = None
    factor: OtpState | None = None
    state: ChallengeState | None = None
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
    found, now_ms = find_user(request, work), request.received_ms
    phone = None
    if found.account is not None:
        phone = phone_of(context, work, found.account, now_ms)
    key = nobodys_key(context) if phone is None else phone.record.key
    row = work.challenge(challenge_id)
    if row is not None and row.kind is ChallengeKind.SMS_CODE:
        issued = open_record(context, row, Issued)
    else:
        row, issued = None, _nobodys_code(context, digest)
    result, code = engine.verify(key, issued, digest, check)
    tried = _Tried(
        result=_refusal(request, found, phone, row) or _RESULTS[result],
        found=found,
        phone=phone,
        row=row,
        rules=context.sms.parameters_of(issued.scene),
    )
    if tried.result is ResponseCode.APPROVED:
        return _approved(tried, code)
    return _failed(request, work, context, tried)


def _refusal(
    request: Request, found: Subject, phone: Phone | None, row: Challenge | None
) -> ResponseCode | None:
    """Why the code counts for nothing, whatever it is."""
    if found.refusal is not None or found.account is None:
        return found.refusal or ResponseCode.USER_UNKNOWN
    if phone is None:
        return ResponseCode.NO_PHONE
    if row is None or not _is_own(row, found.account, request):
        return ResponseCode.SMS_CODE_UNKNOWN
    held = _held(phone.credential.factor, request.received_ms)
    return held or _ENDED.get(shown_challenge_state(row, request.received_ms))


def _nobodys_code(context: Context, digest: bytes) -> Issued:
    """For the work that an unknown challenge costs; its parts are opened as a known one's are."""
    context.keyring.open_decoy(Purpose.CREDENTIAL)
    return Issued(bytes(engine.NONCE_BYTES), digest, 6, "sha256", "")


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


def _approved(tried: _Tried, code: str) -> _Tried:
    """Failures are forgotten, and the next code may be sent at once."""
    return msgspec.structs.replace(tried, factor=OtpState(), state=ChallengeState.USED, code=code)


def _failed(request: Request, work: WorkingSet, context: Context, tried: _Tried) -> _Tried:
    """A wrong code is one failure, of the phone and of the code. Any other refusal is none."""
    phone, row, rules, account = tried.phone, tried.row, tried.rules, tried.found.account
    if tried.result is not ResponseCode.WRONG_CODE:
        return tried
    assert phone is not None
    assert row is not None
    assert rules is not None
    before = phone.credential.factor
    factor = after_failure(rules, before, request.received_ms, rules.throttle_after)
    told = NOBODY
    if factor.locked_until_ms > before.locked_until_ms and account is not None:
        count = {"count": str(factor.failures)}
        told = notice(request, work, context, account, "notice_locked", count)
    spent = row.failures + 1 >= rules.code_tries
    state = ChallengeState.FAILED if spent else ChallengeState.OPEN
    return msgspec.structs.replace(tried, factor=factor, state=state, told=told)


def _decision(request: Request, tried: _Tried, cls: type[Any], **fields: Any) -> Decision:
    message = request.message
    if tried.result is ResponseCode.BAD_FIELD:
        return bad_field(cls(detail=tried.detail))
    own = None if tried.phone is None else tried.phone.credential
    if own is not None and tried.factor is not None:
        own = msgspec.structs.replace(own, factor=tried.factor)
    return Decision(
        code=tried.result,
        body=cls(challenge=message.challenge, **_standing(request, tried, own), **fields),
        reference=message.reference,
        account=tried.found.account,
        credential=own,
        personal=personal_of(request, end_user_address=message.end_user_address),
        credentials=_credentials(tried, own),
        challenges=_challenges(tried),
        messages=tried.told.messages,
        counts=tried.told.counts,
        decoy_credentials=int(own is None),
    )


def _standing(request: Request, tried: _Tried, own: Credential | None) -> dict[str, int]:
    if own is None or tried.rules is None:
        return {}
    now_ms, until_ms = request.received_ms, own.factor.locked_until_ms
    tries = remaining_tries(tried.rules, own.factor, now_ms)
    return {
        "remaining_tries": min(tries, BLANK_TRIES - 1),
        "locked_until": until_ms if until_ms > now_ms else 0,
    }


def _credentials(tried: _Tried, own: Credential | None) -> tuple[Credential, ...]:
    """Rows that change. The phone's is written anyway: the entry is about it."""
    if own is None or tried.phone is None or tried.factor is None:
        return ()
    return (own, *tried.phone.changed[1:])


def _challenges(tried: _Tried) -> tuple[Challenge, ...]:
    """Written even where it stays as it was: a refusal must cost what a wrong code costs."""
    row = tried.row
    if row is None or row.state is not ChallengeState.OPEN:
        return ()
    if tried.state is None:
        return (row,)
    failed = tried.result is ResponseCode.WRONG_CODE
    return (msgspec.structs.replace(row, state=tried.state, failures=row.failures + failed),)
