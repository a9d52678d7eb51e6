"""Verify a password or PIN, and ask how one stands. The engine compares, the common rules of
penalties count; this says about whom and what is kept.

Where there is nothing to compare with (no such customer, none set, locked …) a comparison is made
all the same, with a row of nobody's: same statements, same key operations, same time.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from tigertally_engines.otp import penalty
from tigertally_engines.otp.decide import unlock
from tigertally_engines.password import record as records
from tigertally_engines.password.candidate import Candidate
from tigertally_engines.password.record import PasswordRecord, Standing, Verifier
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.password import PasswordResponse, VerifyPasswordRequest
from tigertally_protocol.transactions import PasswordState
from tigertally_server.domain.account import Account
from tigertally_server.domain.credential import Credential, CredentialState
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import Purpose
from tigertally_server.services.prepared import Terms, kind_of, prepared_of, terms_of
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import open_record, resealed
from tigertally_server.services.subject import find_user, need_user, personal_of
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

SALT_BYTES: Final = 16
MOST_TRIES_SHOWN: Final = 254

_WORTH: Final[dict[Standing, ResponseCode]] = {
    Standing.USABLE: ResponseCode.APPROVED,
    Standing.MUST_CHANGE: ResponseCode.PASSWORD_MUST_CHANGE,
    Standing.EXPIRED: ResponseCode.PASSWORD_EXPIRED,
    Standing.INITIAL_EXPIRED: ResponseCode.INITIAL_PASSWORD_EXPIRED,
}
_SHOWN: Final[dict[Standing, PasswordState]] = {
    Standing.USABLE: PasswordState.ACTIVE,
    Standing.MUST_CHANGE: PasswordState.MUST_CHANGE,
    Standing.EXPIRED: PasswordState.EXPIRED,
    Standing.INITIAL_EXPIRED: PasswordState.EXPIRED,
}


class Found(NamedTuple):
    """`refusal` says why there is no usable password; the rest is what was found all the same."""

    account: Account | None
    credential: Credential | None
    refusal: ResponseCode | None


class Judgement(NamedTuple):
    """What became of a try: APPROVED where the password is right and good for use, and the row
    afterwards (None where there is none).
    """

    code: ResponseCode
    credential: Credential | None
    record: PasswordRecord | None = None

    @property
    def is_right(self) -> bool:
        """Right, whatever it may be used for."""
        return self.code in _WORTH.values()


def need_password(request: Request, needs: Needs) -> None:
    """The customer, and all passwords of this kind."""
    need_user(request, needs)
    kind = kind_of(request)
    if kind is not None:
        institution = request.institution_of(request.message.institution)
        needs.credentials.add((institution, request.message.customer, kind))


def find_password(request: Request, work: WorkingSet, terms: Terms) -> Found:
    """The customer, alive, and the password, set. A disabled one is found, and refused."""
    found = find_user(request, work)
    if found.refusal is not None or found.account is None:
        return Found(found.account, None, found.refusal or ResponseCode.USER_UNKNOWN)
    credential = work.credential(found.account, terms.kind, terms.slot)
    if credential is None:
        return Found(found.account, credential, ResponseCode.PASSWORD_NOT_SET)
    if credential.state is CredentialState.DISABLED:
        return Found(found.account, credential, ResponseCode.PASSWORD_DISABLED)
    return Found(found.account, credential, None)


def judge(
    context: Context, terms: Terms, found: Found, candidate: Candidate, now_ms: int
) -> Judgement:
    """One try. A right password clears the failures, and is stored anew where scheme or pepper are
    of yesterday. Raises KeyMissing.
    """
    row = found.credential
    # Compared in every case, or the time would tell why it was refused.
    record = _nobodys_record(context, terms) if row is None else _record_of(context, row)
    right = records.fits(record.verifier, candidate, terms.identity, context.keyring.peppered)
    if row is None:
        return Judgement(found.refusal or ResponseCode.PASSWORD_NOT_SET, None)
    refusal = found.refusal or _held(row, now_ms)
    if refusal is not None:
        return Judgement(refusal, row, record)
    if not right:
        state = penalty.after_failure(terms.policy, row.factor, now_ms, terms.policy.throttle_after)
        failed = msgspec.structs.replace(row, factor=state)
        return Judgement(ResponseCode.WRONG_PASSWORD, failed, record)
    if row.factor != (cleared := unlock(row.factor)):
        row = msgspec.structs.replace(row, factor=cleared)
    if records.is_outdated(record, terms.policy, context.keyring.pepper_id):
        verifier = new_verifier(context, terms, candidate)
        record = msgspec.structs.replace(record, verifier=verifier)
        row = resealed(context, row, record)
    return Judgement(_WORTH[records.standing(record, terms.policy, now_ms)], row, record)


def new_verifier(context: Context, terms: Terms, candidate: Candidate) -> Verifier:
    """The stored form of a secret, as of today."""
    keyring = context.keyring
    return records.make_verifier(
        candidate,
        terms.policy.scheme,
        terms.identity,
        keyring.random_bytes(SALT_BYTES),
        keyring.pepper_id,
        keyring.peppered,
    )


def _held(row: Credential, now_ms: int) -> ResponseCode | None:
    if now_ms < row.factor.locked_until_ms:
        return ResponseCode.PASSWORD_LOCKED
    if now_ms < row.factor.next_try_ms:
        return ResponseCode.PASSWORD_THROTTLED
    return None


def _record_of(context: Context, row: Credential) -> PasswordRecord:
    return open_record(context, row, PasswordRecord)


def _nobodys_record(context: Context, terms: Terms) -> PasswordRecord:
    """What is compared with where there is nothing: opened like any other, right for nobody."""
    keyring = context.keyring
    nothing = keyring.open_decoy(Purpose.CREDENTIAL)[:SALT_BYTES]
    verifier = Verifier(terms.policy.scheme, keyring.pepper_id, nothing, nothing)
    return PasswordRecord(verifier, 0)


# ---------------------------------------------------------------- what is told


def standing_of(
    terms: Terms, row: Credential | None, record: PasswordRecord | None, now_ms: int
) -> dict[str, Any]:
    """The fields that all answers about a password have in common."""
    if row is None or record is None:
        return {"kind": int(terms.kind), "password_state": int(PasswordState.NOT_SET)}
    remaining = penalty.remaining_tries(terms.policy, row.factor, now_ms)
    locked = row.factor.locked_until_ms
    return {
        "kind": int(terms.kind),
        "password_state": int(_shown_state(terms, row, record, now_ms)),
        "remaining_tries": min(remaining, MOST_TRIES_SHOWN),
        "locked_until": locked if locked > now_ms else 0,
        "changed_at": record.set_at_ms,
        "expires_at": records.expires_at_ms(record, terms.policy),
    }


def _shown_state(
    terms: Terms, row: Credential, record: PasswordRecord, now_ms: int
) -> PasswordState:
    if row.state is CredentialState.DISABLED:
        return PasswordState.DISABLED
    if now_ms < row.factor.locked_until_ms:
        return PasswordState.LOCKED
    return _SHOWN[records.standing(record, terms.policy, now_ms)]


def body_of(
    terms: Terms,
    row: Credential | None,
    record: PasswordRecord | None,
    now_ms: int,
    detail: str = "",
) -> PasswordResponse:
    """The answer about one password."""
    return PasswordResponse(detail=detail, **standing_of(terms, row, record, now_ms))


def blank_body(terms: Terms) -> PasswordResponse:
    """Where there is no such customer."""
    return PasswordResponse(kind=int(terms.kind))


def bad_field(name: str) -> Decision:
    """A kind that there isn't, a slot that nobody configured."""
    return Decision(code=ResponseCode.BAD_FIELD, body=PasswordResponse(detail=name))


# ---------------------------------------------------------------- the transactions


def verify_password(request: Request, work: WorkingSet, context: Context) -> Decision:
    """One try at one password of one customer."""
    message: VerifyPasswordRequest = request.message
    terms = terms_of(request, context)
    if isinstance(terms, str):
        return bad_field(terms)
    now_ms = request.received_ms
    found = find_password(request, work, terms)
    candidate = prepared_of(request, context).candidates["password"]
    judged = judge(context, terms, found, candidate, now_ms)
    body = blank_body(terms)
    if found.account is not None:
        body = body_of(terms, judged.credential, judged.record, now_ms)
    return Decision(
        code=judged.code,
        body=body,
        reference=message.reference,
        account=found.account,
        credential=found.credential,
        personal=personal_of(request, end_user_address=message.end_user_address),
        credentials=changed_rows(found.credential, judged.credential),
        decoy_credentials=int(found.credential is None),
    )


def changed_rows(before: Credential | None, after: Credential | None) -> tuple[Credential, ...]:
    """What to write of one row."""
    return () if after is None or after is before else (after,)


def query_password(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Read-only: how a password stands."""
    terms = terms_of(request, context)
    if isinstance(terms, str):
        return bad_field(terms)
    found = find_user(request, work)
    if found.refusal is not None or found.account is None:
        return Decision(
            code=found.refusal or ResponseCode.USER_UNKNOWN,
            reference=request.message.reference,
            account=found.account,
            personal=personal_of(request),
        )
    row = work.credential(found.account, terms.kind, terms.slot)
    record = None if row is None else open_record(context, row, PasswordRecord)
    body = body_of(terms, row, record, request.received_ms)
    return Decision(code=ResponseCode.ANSWERED, body=body)
