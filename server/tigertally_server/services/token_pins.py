"""The PIN of a token: set, changed, and looked at by those who verify with it."""

from __future__ import annotations

from functools import partial
from typing import Final

import msgspec

from tigertally_engines.otp import decide as otp
from tigertally_engines.otp import pin as pins
from tigertally_engines.otp import questions
from tigertally_engines.otp.decide import OtpResult, Verdict
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.pin import TokenPin
from tigertally_engines.otp.seeds import Seed
from tigertally_engines.otp.state import OtpState
from tigertally_engines.password.pins import is_repetition, is_series
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.proof import SetTokenPinRequest
from tigertally_protocol.messages.token import TokenResponse
from tigertally_server.domain.account import Account
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.domain.token import Token
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import Purpose
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import new_credential, open_record, resealed
from tigertally_server.services.subject import (
    Subject,
    find_usable_token,
    need_credentials,
    need_user_and_token,
    personal_of,
)
from tigertally_server.services.tokens import refused
from tigertally_server.services.trying import Tried, try_token
from tigertally_server.services.verification import token_standing
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_HASH: Final = "sha256"
_NOBODYS: Final = bytes(pins.SALT_BYTES)
_REFUSALS: Final = {
    OtpResult.WRONG: ResponseCode.WRONG_CODE,
    OtpResult.LOCKED: ResponseCode.TOKEN_LOCKED,
    OtpResult.THROTTLED: ResponseCode.TOKEN_THROTTLED,
}


def need_pin(request: Request, needs: Needs) -> None:
    """Customer, tokens and their PINs, locked."""
    need_user_and_token(request, needs)
    need_credentials(request, needs, CredentialKind.TOKEN_PIN)


def need_new_pin(request: Request, needs: Needs) -> None:
    """As `need_pin`, and an id for a PIN that there wasn't."""
    need_pin(request, needs)
    needs.credential_ids += 1


def pin_row(work: WorkingSet, account: Account | None, token: Token | None) -> Credential | None:
    """The token's PIN, if it has one now."""
    if account is None or token is None:
        return None
    row = work.credential(account, CredentialKind.TOKEN_PIN, token.serial)
    return row if row is not None and row.state is CredentialState.ACTIVE else None


def kept_pin(context: Context, row: Credential | None) -> TokenPin | None:
    """What is kept of it. Raises KeyMissing."""
    return None if row is None else open_record(context, row, TokenPin)


def pin_is_right(
    context: Context, account: Account | None, kept: TokenPin | None, given: str
) -> bool:
    """Whether this is the PIN. Where none is kept, the same work is done for nothing."""
    owner, record = _owner(account), kept
    if record is None:
        context.keyring.open_decoy(Purpose.CREDENTIAL)
        record = TokenPin(context.keyring.pepper_id, _NOBODYS, b"")
    return pins.is_right(partial(_peppered, context), record, owner, given)


def set_token_pin(request: Request, work: WorkingSet, context: Context) -> Decision:
    """A first PIN; another one for who knows the one in force; or one set anew by a member of
    staff, who is named in the entry.
    """
    message: SetTokenPinRequest = request.message
    found = find_usable_token(request, work)
    account, token = found.account, found.token
    if found.refusal is not None or account is None or token is None:
        return refused(request, context, found)
    row = pin_row(work, account, token)
    if row is not None and not message.pin and not (request.operator or message.operator):
        return Decision(code=ResponseCode.BAD_FIELD, body=TokenResponse(detail="pin"))
    tried = None
    if row is not None and message.pin:
        tried = _try_old_pin(request, context, account, token, row)
        if (code := _REFUSALS.get(tried.verdict.result)) is not None:
            decision = refused(request, context, Subject(account, tried.token, code))
            return msgspec.structs.replace(decision, **tried.changes)
    pin = message.new_pin.reveal()
    if not pins.is_pin(pin) or is_series(pin) or is_repetition(pin):
        return refused(request, context, Subject(account, token, ResponseCode.TOKEN_PIN_TOO_WEAK))
    return _set(request, work, context, account, token, pin)


def _try_old_pin(
    request: Request, context: Context, account: Account, token: Token, row: Credential
) -> Tried:
    """A wrong one is a failure of the token, and a locked token looks at none: the PIN can't be
    searched here when it can't be searched elsewhere. A right one clears no failures.
    """
    message: SetTokenPinRequest = request.message
    now_ms = request.received_ms
    right = pin_is_right(context, account, kept_pin(context, row), message.pin.reveal())

    def judged(parameters: OtpParameters, _seed: Seed, state: OtpState) -> Verdict:
        stopped = otp.held(state, now_ms)
        if stopped is not None:
            return otp.verdict_of(stopped, parameters, state, now_ms)
        if right:
            return otp.verdict_of(OtpResult.APPROVED, parameters, state, now_ms)
        return otp.fail(parameters, state, now_ms)

    return try_token(context, request, token, judged)


def _set(
    request: Request,
    work: WorkingSet,
    context: Context,
    account: Account,
    token: Token,
    pin: str,
) -> Decision:
    now_ms = request.received_ms
    record = new_pin_record(context, account, context.snapshot.parameters(token), pin)
    decision = Decision(
        code=ResponseCode.CHANGED,
        body=token_standing(token, context, now_ms),
        reference=request.message.reference,
        account=account,
        token=token,
        personal=personal_of(
            request,
            end_user_address=request.message.end_user_address,
            reason=request.message.reason,
        ),
    )
    # A row that is void, of a PIN that ended, is taken into use again: the place is unique.
    there = work.credential(account, CredentialKind.TOKEN_PIN, token.serial)
    if there is None:
        row = new_credential(
            context,
            work,
            account,
            CredentialKind.TOKEN_PIN,
            record,
            now_ms=now_ms,
            slot=token.serial,
        )
        return msgspec.structs.replace(decision, new_credentials=(row,))
    row = msgspec.structs.replace(
        resealed(context, there, record), state=CredentialState.ACTIVE, changed_at_ms=now_ms
    )
    return msgspec.structs.replace(decision, credentials=(row,))


def new_pin_record(
    context: Context, account: Account, parameters: OtpParameters, pin: str
) -> TokenPin:
    """What is kept of a new PIN."""
    keyring = context.keyring
    return pins.kept_pin(
        partial(_peppered, context),
        keyring.pepper_id,
        _owner(account),
        keyring.random_bytes(pins.SALT_BYTES),
        pin,
        parameters.suite.pin_hash if questions.is_ocra(parameters) else "",
    )


def _owner(account: Account | None) -> bytes:
    return f"{0 if account is None else account.id}".encode()


def _peppered(context: Context, key_id: int, octets: bytes) -> bytes:
    return context.keyring.peppered(key_id, _HASH, octets)
