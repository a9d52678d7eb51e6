"""What becomes of a password or PIN: set, changed by its owner, reset by an operator, unlocked,
disabled, enabled.

Whether a new one is good is judged only after the caller has proven a right to set it (the former
one, a one-time code, an operator), so that no refusal tells a stranger anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from tigertally_engines.otp.decide import unlock
from tigertally_engines.password import record as records
from tigertally_engines.password.record import PasswordRecord
from tigertally_engines.password.rules import weakness
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.password import (
    ChangePasswordRequest,
    ResetPasswordRequest,
    ResetPasswordResponse,
    SetPasswordRequest,
)
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.account import Account
from tigertally_server.domain.credential import Credential, CredentialState
from tigertally_server.services.context import Context
from tigertally_server.services.passwords import (
    Found,
    Judgement,
    bad_field,
    blank_body,
    body_of,
    changed_rows,
    find_password,
    judge,
    need_password,
    new_verifier,
)
from tigertally_server.services.prepared import GENERATED, Terms, prepared_of, terms_of
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import new_credential, open_record, resealed
from tigertally_server.services.subject import need_user_and_token, personal_of
from tigertally_server.services.users import open_personal
from tigertally_server.services.verification import verify_otp
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_MAY_BE_CHANGED: Final = frozenset(
    {
        ResponseCode.APPROVED,
        ResponseCode.PASSWORD_MUST_CHANGE,
        ResponseCode.PASSWORD_EXPIRED,
    }
)


class _Put(NamedTuple):
    """What became of a new password: CHANGED with its record, or why not. `row` and `record` are
    those that the answer shows, and the row is written where it changed.
    """

    code: ResponseCode
    detail: str = ""
    row: Credential | None = None
    record: PasswordRecord | None = None


def need_first_password(request: Request, needs: Needs) -> None:
    """As `need_password`, the token that a code may prove with, and an id."""
    need_password(request, needs)
    needs.credential_ids += 1
    if request.message.token:
        need_user_and_token(request, needs)


def set_password(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The first one: an operator answers for it, or a one-time code proves who asks."""
    message: SetPasswordRequest = request.message
    terms = terms_of(request, context)
    if isinstance(terms, str):
        return bad_field(terms)
    if not (message.otp or message.operator or request.operator):
        return bad_field("otp")
    proof = _prove(request, work, context) if message.otp else None
    found = find_password(request, work, terms)
    decision = _set_first(request, work, context, terms, found, _first_refusal(found, proof))
    return decision if proof is None else _with_proof(decision, proof)


def _set_first(
    request: Request,
    work: WorkingSet,
    context: Context,
    terms: Terms,
    found: Found,
    refusal: ResponseCode | None,
) -> Decision:
    account, now_ms = found.account, request.received_ms
    if account is None or refusal is not None:
        return _answer(request, terms, found, _Put(refusal or ResponseCode.USER_UNKNOWN))
    put = _judge_new(request, context, terms, account, None, "password", initial=False)
    if put.record is None:
        return _answer(request, terms, found, put)
    row = new_credential(
        context, work, account, terms.kind, put.record, now_ms=now_ms, slot=terms.slot
    )
    decision = _answer(request, terms, found, put._replace(row=row))
    return msgspec.structs.replace(decision, credentials=(), new_credentials=(row,), credential=row)


def _prove(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The one-time code in the message, verified as by itself; used up with it."""
    message: SetPasswordRequest = request.message
    code = VerifyOtpRequest(
        institution=message.institution,
        customer=message.customer,
        token=message.token,
        reference=message.reference,
        otp=message.otp,
    )
    asked = msgspec.structs.replace(request, message=code, transaction=Transaction.VERIFY_OTP)
    return verify_otp(asked, work, context)


def _first_refusal(found: Found, proof: Decision | None) -> ResponseCode | None:
    """The proof's refusal first: without it nothing is told."""
    if proof is not None and proof.code is not ResponseCode.APPROVED:
        return proof.code
    if found.refusal is ResponseCode.PASSWORD_NOT_SET:
        return None
    if found.credential is not None:
        return ResponseCode.PASSWORD_EXISTS
    return found.refusal


def _with_proof(decision: Decision, proof: Decision) -> Decision:
    """One unit of work, one entry: the code is used up whatever became of the password."""
    return msgspec.structs.replace(
        decision,
        token=proof.token,
        tokens=proof.tokens,
        rebound_tokens=proof.rebound_tokens,
        decoys=proof.decoys,
    )


def change_password(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The customer's own: the one in force must be right, may be of an operator or too old."""
    message: ChangePasswordRequest = request.message
    terms = terms_of(request, context)
    if isinstance(terms, str):
        return bad_field(terms)
    now_ms = request.received_ms
    found = find_password(request, work, terms)
    candidate = prepared_of(request, context).candidates["password"]
    judged = judge(context, terms, found, candidate, now_ms)
    put = _Put(judged.code, "", judged.credential, judged.record)
    if judged.code in _MAY_BE_CHANGED and judged.record and judged.credential and found.account:
        put = _change(request, context, terms, found.account, judged)
    decision = _answer(request, terms, found, put)
    personal = personal_of(request, end_user_address=message.end_user_address)
    return msgspec.structs.replace(
        decision, personal=personal, decoy_credentials=int(found.credential is None)
    )


def _change(
    request: Request, context: Context, terms: Terms, account: Account, judged: Judgement
) -> _Put:
    row, record = judged.credential, judged.record
    assert row is not None
    assert record is not None
    if records.is_too_young(record, terms.policy, request.received_ms):
        return _Put(ResponseCode.PASSWORD_TOO_YOUNG, "", row, record)
    put = _judge_new(request, context, terms, account, record, "new_password", initial=False)
    if put.record is None:
        return put._replace(row=row, record=record)
    return put._replace(row=_renewed(context, row, put.record, request.received_ms))


def reset_password(request: Request, work: WorkingSet, context: Context) -> Decision:
    """An operator's: another password, given or made here, locks and failures forgotten. It is an
    initial one: good for a time, and only to be changed, where the policy says so.
    """
    message: ResetPasswordRequest = request.message
    terms = terms_of(request, context)
    if isinstance(terms, str):
        return _as_reset(bad_field(terms))
    if not (message.operator or request.operator):
        return _as_reset(bad_field("operator"))
    found = find_password(request, work, terms)
    put = _Put(found.refusal or ResponseCode.PASSWORD_NOT_SET, "", found.credential)
    generated = ""
    if found.refusal is None and found.account is not None and found.credential is not None:
        put, generated = _reset(request, context, terms, found.account, found.credential)
    decision = _answer(request, terms, found, put)
    return _as_reset(decision, generated)


def _as_reset(decision: Decision, generated: str = "") -> Decision:
    """With the answer in the layout that has room for a password."""
    fields = msgspec.structs.asdict(decision.body)
    body = ResetPasswordResponse(**fields, new_password=SecretText(generated))
    return msgspec.structs.replace(decision, body=body)


def _reset(
    request: Request, context: Context, terms: Terms, account: Account, row: Credential
) -> tuple[_Put, str]:
    record = open_record(context, row, PasswordRecord)
    made = prepared_of(request, context)
    # One preparation: a password that is made here would be another one the next time.
    request = msgspec.structs.replace(request, prepared=made)
    field = GENERATED if made.generated else "password"
    put = _judge_new(request, context, terms, account, record, field, initial=True)
    if put.record is None:
        return put._replace(row=row, record=record), ""
    renewed = _renewed(context, row, put.record, request.received_ms)
    return put._replace(row=renewed), made.generated


def _renewed(context: Context, row: Credential, record: PasswordRecord, now_ms: int) -> Credential:
    """With another secret in force, and no failures."""
    row = resealed(context, row, record)
    return msgspec.structs.replace(row, factor=unlock(row.factor), changed_at_ms=now_ms)


def _judge_new(
    request: Request,
    context: Context,
    terms: Terms,
    account: Account,
    record: PasswordRecord | None,
    field: str,
    *,
    initial: bool,
) -> _Put:
    """Whether the candidate in `field` may be the new one; with the record that holds it."""
    made = prepared_of(request, context)
    candidate = made.candidates[field]
    if field != GENERATED:
        text = getattr(request.message, field).reveal()
        own = _own_words(request, context, account)
        rule = weakness(terms.form, terms.policy, text, own, context.blocked)
        if rule:
            return _Put(ResponseCode.PASSWORD_TOO_WEAK, rule)
    if record is not None and records.was_used(
        record, candidate, terms.policy, terms.identity, context.keyring.peppered
    ):
        return _Put(ResponseCode.PASSWORD_REUSED)
    verifier = new_verifier(context, terms, candidate)
    now_ms = request.received_ms
    renewed = records.replaced(record, verifier, terms.policy, now_ms, initial=initial)
    return _Put(ResponseCode.CHANGED, record=renewed)


def _own_words(request: Request, context: Context, account: Account) -> tuple[str, ...]:
    """What the customer is known by; nothing of it is kept."""
    data = open_personal(context, account)
    known = request.message.known.reveal().split()
    return (account.customer, data.name, data.mobile, *known)


# ---------------------------------------------------------------- an operator's switches


def unlock_password(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Clears failures, lock and throttle; a disabled one stays disabled."""
    return _switch(request, work, context, _unlocked)


def disable_password(request: Request, work: WorkingSet, context: Context) -> Decision:
    """From now on it approves nothing, until it is enabled."""
    return _switch(request, work, context, _disabled)


def enable_password(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Takes back a disabling."""
    return _switch(request, work, context, _enabled)


Switch = Callable[[Credential], "Credential | ResponseCode"]


def _unlocked(row: Credential) -> Credential | ResponseCode:
    return msgspec.structs.replace(row, factor=unlock(row.factor))


def _disabled(row: Credential) -> Credential | ResponseCode:
    if row.state is CredentialState.DISABLED:
        return ResponseCode.PASSWORD_DISABLED
    return msgspec.structs.replace(row, state=CredentialState.DISABLED)


def _enabled(row: Credential) -> Credential | ResponseCode:
    if row.state is not CredentialState.DISABLED:
        return ResponseCode.PASSWORD_NOT_DISABLED
    return msgspec.structs.replace(row, state=CredentialState.ACTIVE)


def _switch(request: Request, work: WorkingSet, context: Context, switch: Switch) -> Decision:
    terms = terms_of(request, context)
    if isinstance(terms, str):
        return bad_field(terms)
    found = find_password(request, work, terms)
    row = found.credential
    if row is None or found.refusal not in (None, ResponseCode.PASSWORD_DISABLED):
        return _answer(request, terms, found, _Put(found.refusal or ResponseCode.PASSWORD_NOT_SET))
    record = open_record(context, row, PasswordRecord)
    switched = switch(row)
    if isinstance(switched, ResponseCode):
        return _answer(request, terms, found, _Put(switched, "", row, record))
    return _answer(request, terms, found, _Put(ResponseCode.CHANGED, "", switched, record))


def _answer(request: Request, terms: Terms, found: Found, put: _Put) -> Decision:
    body = blank_body(terms)
    if found.account is not None:
        body = body_of(terms, put.row, put.record, request.received_ms, put.detail)
    message: Any = request.message
    return Decision(
        code=put.code,
        body=body,
        reference=message.reference,
        account=found.account,
        credential=found.credential,
        personal=personal_of(request, reason=getattr(message, "reason", "")),
        credentials=changed_rows(found.credential, put.row),
    )
