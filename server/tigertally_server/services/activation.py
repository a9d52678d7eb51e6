"""Activate a token that was assigned (激活): its first code proves that the right hands hold it.

A token on a mobile phone has no seed before. The server's half of one is made first, for a QR code,
the activation code afterwards, for another way to the customer; from then on the token has the seed
of both (engine's `two_step`). Starting again ends whatever was under way.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import msgspec

from tigertally_engines.otp import two_step
from tigertally_engines.otp.parameters import Protection
from tigertally_engines.otp.state import OtpState
from tigertally_engines.otp.two_step import Activation
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.activation import (
    IssueActivationCodeResponse,
    StartActivationRequest,
    StartActivationResponse,
)
from tigertally_protocol.messages.token import ActivateTokenRequest
from tigertally_protocol.secret import SecretText
from tigertally_server.domain.account import Account
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.domain.life_cycle import TokenOperation, moved, refusal
from tigertally_server.domain.token import Token, shown_state
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import Purpose, seed_identity
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import new_credential, open_record, resealed
from tigertally_server.services.subject import Subject, find_token, personal_of
from tigertally_server.services.token_methods import ended_methods, is_mobile, reseeded
from tigertally_server.services.tokens import (
    changed,
    need_token_and_methods,
    prove,
    refused,
)
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_KIND: Final = CredentialKind.ACTIVATION
_HASH: Final = "sha256"
DEFAULT_S: Final = 86_400
LONGEST_S: Final = 7 * 86_400


def need_start(request: Request, needs: Needs) -> None:
    """A token, its methods, and an id for an activation where there was none."""
    need_token_and_methods(request, needs)
    needs.credential_ids += 1


def start_activation(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The server's half. The token loses the seed of an earlier activation at once."""
    message: StartActivationRequest = request.message
    if message.valid_s > LONGEST_S:
        body = StartActivationResponse(detail="valid_s")
        return Decision(code=ResponseCode.BAD_FIELD, body=body)
    found = _find_mobile(request, work, context)
    account, token = found.account, found.token
    if found.refusal is not None or account is None or token is None:
        return _bare(refused(request, context, found))
    half = context.keyring.random_bytes(two_step.HALF_BYTES)
    until = request.received_ms + (message.valid_s or DEFAULT_S) * 1000
    uri = two_step.uri(context.snapshot.parameters(token), half, token.serial, token.institution)
    body = StartActivationResponse(
        token=token.serial, token_state=token.state, expires_at=until, uri=SecretText(uri)
    )
    bare, writes = reseeded(token, token.seed_key_id, b"")
    decision = changed(request, context, account, bare, personal_of(request))
    pending = _pending(request, work, context, account, token.serial, Activation(half), until)
    return msgspec.structs.replace(decision, body=body, admin=writes, **pending)


def _pending(
    request: Request,
    work: WorkingSet,
    context: Context,
    account: Account,
    serial: str,
    record: Activation,
    until_ms: int,
) -> dict[str, Any]:
    now_ms, there = request.received_ms, work.credential(account, _KIND, serial)
    if there is None:
        row = new_credential(
            context,
            work,
            account,
            _KIND,
            record,
            now_ms=now_ms,
            slot=serial,
            state=CredentialState.PENDING,
            valid_to_ms=until_ms,
        )
        return {"new_credentials": (row,)}
    row = msgspec.structs.replace(
        resealed(context, there, record),
        state=CredentialState.PENDING,
        factor=OtpState(),
        changed_at_ms=now_ms,
        valid_to_ms=until_ms,
    )
    return {"credentials": (row,)}


def issue_activation_code(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The customer's half, and with it the seed. Asked once for each start: a second code would
    leave the first customer with half of nothing.
    """
    found = _find_mobile(request, work, context)
    account, token = found.account, found.token
    if found.refusal is not None or account is None or token is None:
        return _bare(refused(request, context, found))
    row = _waiting(work, account, token, request.received_ms, CredentialState.PENDING)
    if row is None:
        ended = Subject(account, token, ResponseCode.ACTIVATION_ENDED)
        return _bare(refused(request, context, ended))
    keyring, parameters = context.keyring, context.snapshot.parameters(token)
    half = open_record(context, row, Activation).half
    code = two_step.draw_code(keyring.random_bytes(two_step.CODE_BYTES))
    record = two_step.with_code(
        partial(_peppered, context),
        keyring.pepper_id,
        keyring.random_bytes(two_step.SALT_BYTES),
        half,
        code,
    )
    seed = two_step.combined_seed(parameters, half, code, token.serial)
    identity = seed_identity(token.institution, token.serial)
    seeded, writes = reseeded(token, *keyring.seal(Purpose.SEED, seed, identity))
    body = IssueActivationCodeResponse(
        token=token.serial,
        token_state=token.state,
        remaining_tries=two_step.MAX_TRIES,
        expires_at=row.valid_to_ms,
        activation_code=SecretText(code),
    )
    ready = msgspec.structs.replace(
        resealed(context, row, record),
        state=CredentialState.ACTIVE,
        changed_at_ms=request.received_ms,
    )
    decision = changed(request, context, account, seeded, personal_of(request), (ready,))
    return msgspec.structs.replace(decision, body=body, admin=writes)


def _find_mobile(request: Request, work: WorkingSet, context: Context) -> Subject:
    """An assigned token whose seed is made by activation, of a form that apps know."""
    found = find_token(request, work)
    token = found.token
    if found.refusal is not None or token is None:
        return found
    shown = shown_state(token, request.received_ms)
    code = refusal(shown, TokenOperation.ACTIVATE)
    if code is None and request.received_ms >= token.valid_to_ms:
        code = ResponseCode.TOKEN_EXPIRED
    parameters = context.snapshot.parameters(token)
    if code is None and parameters.protection is Protection.DEVICE:
        code = ResponseCode.NOT_IN_HSM
    if code is None and not (is_mobile(token) and two_step.has_uri(parameters)):
        code = ResponseCode.METHOD_NOT_OF_TOKEN
    return Subject(found.account, token, code)


def activate_token(request: Request, work: WorkingSet, context: Context) -> Decision:
    """From its first right code on the token can be used. Wrong ones count as everywhere."""
    message: ActivateTokenRequest = request.message
    found = find_token(request, work)
    account, token = found.account, found.token
    if found.refusal is not None or account is None or token is None:
        return refused(request, context, found)
    active = moved(token, TokenOperation.ACTIVATE, request.received_ms)
    if isinstance(active, ResponseCode):
        return refused(request, context, Subject(account, token, active))
    if is_mobile(token):
        stopped = _activation_code_refused(request, work, context, account, token)
        if stopped is not None:
            return stopped
    proven = prove(request, context, account, token, message.otp.reveal())
    if isinstance(proven, Decision):
        return proven
    ended = ended_methods(work, account, token.serial, TokenOperation.ACTIVATE, request.received_ms)
    ended = tuple(resealed(context, row, Activation(b"")) for row in ended)
    used = msgspec.structs.replace(active, otp=proven)
    return changed(request, context, account, used, personal_of(request), ended)


def _activation_code_refused(
    request: Request, work: WorkingSet, context: Context, account: Account, token: Token
) -> Decision | None:
    """The refusal where the activation code doesn't hold. So many wrong ones end the activation."""
    row = _waiting(work, account, token, request.received_ms, CredentialState.ACTIVE)
    if row is None:
        ended = Subject(account, token, ResponseCode.ACTIVATION_ENDED)
        return refused(request, context, ended)
    kept = open_record(context, row, Activation)
    given = request.message.activation_code.reveal()
    if two_step.is_right(partial(_peppered, context), kept, given):
        return None
    failures = row.factor.failures + 1
    over = failures >= two_step.MAX_TRIES
    after = msgspec.structs.replace(
        resealed(context, row, Activation(b"")) if over else row,
        factor=msgspec.structs.replace(row.factor, failures=failures),
        state=CredentialState.VOID if over else row.state,
        changed_at_ms=request.received_ms,
    )
    wrong = Subject(account, token, ResponseCode.WRONG_CODE)
    return msgspec.structs.replace(refused(request, context, wrong), credentials=(after,))


def _waiting(
    work: WorkingSet, account: Account, token: Token, now_ms: int, state: CredentialState
) -> Credential | None:
    row = work.credential(account, _KIND, token.serial)
    if row is None or row.state is not state or not row.valid_at(now_ms):
        return None
    return row


def _bare(decision: Decision) -> Decision:
    """A refusal without the token's standing: these answers have other fields."""
    return msgspec.structs.replace(decision, body=None)


def _peppered(context: Context, key_id: int, octets: bytes) -> bytes:
    return context.keyring.peppered(key_id, _HASH, octets)
