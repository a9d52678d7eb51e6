"""Emergency codes (临时应急码): issued while a token is reported lost, verified in its place, ended
with the report.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import msgspec

from tigertally_engines.otp import emergency
from tigertally_engines.otp.decide import OtpResult
from tigertally_engines.otp.emergency import EmergencyCode
from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.activation import (
    IssueEmergencyCodeRequest,
    IssueEmergencyCodeResponse,
    VerifyEmergencyCodeRequest,
    VerifyEmergencyCodeResponse,
)
from tigertally_protocol.secret import SecretText
from tigertally_server.domain.account import Account
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.domain.token import Token, TokenState
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import new_credential, open_record, resealed
from tigertally_server.services.subject import (
    Subject,
    find_token,
    need_credentials,
    need_user_and_token,
    personal_of,
)
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_KIND: Final = CredentialKind.EMERGENCY_CODE
_HASH: Final = "sha256"
_CODES: Final = {
    OtpResult.APPROVED: ResponseCode.APPROVED,
    OtpResult.WRONG: ResponseCode.WRONG_CODE,
    OtpResult.LOCKED: ResponseCode.TOKEN_LOCKED,
    OtpResult.THROTTLED: ResponseCode.TOKEN_THROTTLED,
}
_NOBODYS: Final = EmergencyCode(0, bytes(emergency.SALT_BYTES), b"", 0)


def need_emergency(request: Request, needs: Needs) -> None:
    """Customer, tokens and emergency codes, locked."""
    need_user_and_token(request, needs)
    need_credentials(request, needs, _KIND)


def need_new_emergency(request: Request, needs: Needs) -> None:
    """As `need_emergency`, and an id for a code where there was none."""
    need_emergency(request, needs)
    needs.credential_ids += 1


def issue_emergency_code(request: Request, work: WorkingSet, context: Context) -> Decision:
    """A fresh code ends the one before, but not its failures: while the same loss stands, asking
    again buys no guesses.
    """
    message: IssueEmergencyCodeRequest = request.message
    if message.uses > emergency.MOST_USES or message.valid_s > emergency.LONGEST_S:
        bad = "uses" if message.uses > emergency.MOST_USES else "valid_s"
        return Decision(code=ResponseCode.BAD_FIELD, body=IssueEmergencyCodeResponse(detail=bad))
    found = find_token(request, work)
    account, token = found.account, found.token
    refusal = found.refusal
    if refusal is None and token is not None and token.state is not TokenState.LOST:
        refusal = ResponseCode.ILLEGAL_TRANSITION
    if refusal is not None or account is None or token is None:
        return _decision(request, Subject(account, token, refusal), message.reason)
    keyring, now_ms = context.keyring, request.received_ms
    code = emergency.draw_code(keyring.random_bytes(emergency.CODE_BYTES))
    salt = keyring.random_bytes(emergency.SALT_BYTES)
    uses = message.uses or emergency.DEFAULT_USES
    record = emergency.kept_code(partial(_peppered, context), keyring.pepper_id, salt, code, uses)
    until = now_ms + (message.valid_s or emergency.DEFAULT_S) * 1000
    body = IssueEmergencyCodeResponse(
        token=token.serial,
        token_state=token.state,
        uses_left=uses,
        expires_at=until,
        emergency_code=SecretText(code),
    )
    decision = _decision(request, found, message.reason)
    decision = msgspec.structs.replace(decision, code=ResponseCode.CHANGED, body=body)
    changes = _kept(work, context, account, token, record, now_ms, until)
    return msgspec.structs.replace(decision, **changes)


def _kept(
    work: WorkingSet,
    context: Context,
    account: Account,
    token: Token,
    record: EmergencyCode,
    now_ms: int,
    until_ms: int,
) -> dict[str, Any]:
    there = work.credential(account, _KIND, token.serial)
    if there is None:
        row = new_credential(
            context,
            work,
            account,
            _KIND,
            record,
            now_ms=now_ms,
            slot=token.serial,
            valid_to_ms=until_ms,
        )
        return {"new_credentials": (row,)}
    row = msgspec.structs.replace(
        resealed(context, there, record),
        state=CredentialState.ACTIVE,
        factor=OtpState() if there.state is CredentialState.VOID else there.factor,
        changed_at_ms=now_ms,
        valid_to_ms=until_ms,
    )
    return {"credentials": (row,)}


def verify_emergency_code(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The code in a lost token's place. Refused tries do the work of others."""
    message: VerifyEmergencyCodeRequest = request.message
    now_ms, found = request.received_ms, find_token(request, work)
    row = _standing_in(work, found, now_ms)
    kept = _NOBODYS if row is None else open_record(context, row, EmergencyCode)
    if row is None or kept.uses_left < 1:
        nobodys = msgspec.structs.replace(_NOBODYS, pepper=context.keyring.pepper_id)
        emergency.use(partial(_peppered, context), nobodys, OtpState(), "", now_ms)
        refusal = found.refusal or ResponseCode.NO_EMERGENCY_CODE
        return _decision(request, Subject(found.account, found.token, refusal))
    used = emergency.use(
        partial(_peppered, context), kept, row.factor, message.otp.reveal(), now_ms
    )
    verdict, token = used.verdict, found.token
    assert token is not None
    body = VerifyEmergencyCodeResponse(
        token=token.serial,
        token_state=token.state,
        remaining_tries=verdict.remaining,
        locked_until=verdict.locked_until_ms,
        uses_left=used.record.uses_left,
        expires_at=row.valid_to_ms,
    )
    decision = _decision(request, found)
    decision = msgspec.structs.replace(decision, code=_CODES[verdict.result], body=body)
    if verdict.state is row.factor:
        return decision
    after = row if used.record is kept else resealed(context, row, used.record)
    after = msgspec.structs.replace(after, factor=verdict.state)
    return msgspec.structs.replace(decision, credentials=(after,))


def _standing_in(work: WorkingSet, found: Subject, now_ms: int) -> Credential | None:
    """The code that stands in for the token now."""
    account, token = found.account, found.token
    if found.refusal is not None or account is None or token is None:
        return None
    row = work.credential(account, _KIND, token.serial)
    if row is None or row.state is not CredentialState.ACTIVE or not row.valid_at(now_ms):
        return None
    return row if token.state is TokenState.LOST else None


def _decision(request: Request, found: Subject, reason: str = "") -> Decision:
    """About whom; refused, unless said otherwise."""
    address = getattr(request.message, "end_user_address", "")
    return Decision(
        code=found.refusal or ResponseCode.NO_TOKEN,
        reference=request.message.reference,
        account=found.account,
        token=found.token,
        personal=personal_of(request, end_user_address=address, reason=reason),
    )


def _peppered(context: Context, key_id: int, octets: bytes) -> bytes:
    return context.keyring.peppered(key_id, _HASH, octets)
