"""Replace a customer's token by one of the stock (换令牌): the old one approves nothing from the
same moment on in which the new one is the customer's, and stays theirs for the record.
"""

from __future__ import annotations

import msgspec

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.token import ReplaceTokenRequest, ReplaceTokenResponse
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.domain.life_cycle import TokenOperation, moved
from tigertally_server.domain.token import Token
from tigertally_server.domain.token_extra import extra_of, stored_extra
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import Purpose, credential_identity
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.subject import Subject, find_token, personal_of
from tigertally_server.services.token_methods import ended_methods, need_methods
from tigertally_server.services.tokens import handed_over, prove, refused, stock_refusal
from tigertally_server.services.verification import token_standing
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs


def need_replacement(request: Request, needs: Needs) -> None:
    """Both tokens and the account, locked; the methods that hang on tokens; an id for a PIN."""
    message: ReplaceTokenRequest = request.message
    institution = request.institution_of(message.institution)
    needs.locked_users.add((institution, message.customer))
    needs.tokens.add((institution, message.token))
    needs.tokens.add((institution, message.new_token))
    need_methods(request, needs)
    needs.credential_ids += message.carry_pin and 1


def replace_token(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Both tokens change, or none."""
    message: ReplaceTokenRequest = request.message
    now_ms = request.received_ms
    found = find_token(request, work)
    account, old = found.account, found.token
    if found.refusal is not None or account is None or old is None:
        return _answered(refused(request, context, found))
    gone = moved(old, TokenOperation.REPLACE, now_ms)
    if isinstance(gone, ResponseCode):
        return _answered(refused(request, context, Subject(account, old, gone)))
    fresh = work.token((request.institution_of(message.institution), message.new_token))
    operation = TokenOperation.ASSIGN if message.assign else TokenOperation.BIND
    given = stock_refusal(account, fresh) or handed_over(_known(fresh), account, operation, now_ms)
    if isinstance(given, ResponseCode):
        return _answered(refused(request, context, Subject(account, fresh, given)))
    proven = prove(request, context, account, _known(fresh), message.otp.reveal())
    if isinstance(proven, Decision):
        return _answered(proven)
    extra = msgspec.structs.replace(extra_of(gone.extra), replaced_by=given.serial)
    gone = msgspec.structs.replace(gone, extra=stored_extra(extra))
    given = msgspec.structs.replace(given, otp=proven)
    carried, renewed = _carried_pin(request, work, context, old, given)
    standing = msgspec.structs.asdict(token_standing(gone, context, now_ms))
    body = ReplaceTokenResponse(
        **standing,
        new_token=given.serial,
        new_token_state=given.state,
        pin_carried=int(carried is not None),
    )
    ended = ended_methods(work, account, old.serial, TokenOperation.REPLACE, now_ms)
    return Decision(
        code=ResponseCode.CHANGED,
        body=body,
        reference=message.reference,
        account=account,
        token=gone,
        personal=personal_of(request, reason=message.reason),
        rebound_tokens=(gone, given),
        new_credentials=() if carried is None or renewed else (carried,),
        credentials=(*ended, carried) if carried is not None and renewed else ended,
    )


def _known(token: Token | None) -> Token:
    assert token is not None, "stock_refusal names a token that isn't there"
    return token


def _answered(decision: Decision) -> Decision:
    """A refusal in this transaction's own answer."""
    if decision.body is None:
        return decision
    body = ReplaceTokenResponse(**msgspec.structs.asdict(decision.body))
    return msgspec.structs.replace(decision, body=body)


def _carried_pin(
    request: Request, work: WorkingSet, context: Context, old: Token, new: Token
) -> tuple[Credential | None, bool]:
    """The PIN of the old token as that of the new one, and whether its row was there before.

    Its failures and locks go with it: a replacement forgives no guesses.
    """
    message: ReplaceTokenRequest = request.message
    key = (request.institution_of(message.institution), message.customer)
    account = work.account(key)
    if not message.carry_pin or account is None:
        return None, False
    pin = work.credential(account, CredentialKind.TOKEN_PIN, old.serial)
    if pin is None or pin.state is CredentialState.VOID:
        return None, False
    record = context.keyring.open(
        pin.key_id, pin.sealed, credential_identity(pin.owner_id, pin.kind, pin.slot)
    )
    key_id, sealed = context.keyring.seal(
        Purpose.CREDENTIAL, record, credential_identity(pin.owner_id, pin.kind, new.serial)
    )
    there = work.credential(account, CredentialKind.TOKEN_PIN, new.serial)
    carried = msgspec.structs.replace(
        pin,
        id=work.new_credential_id() if there is None else there.id,
        slot=new.serial,
        key_id=key_id,
        sealed=sealed,
        changed_at_ms=request.received_ms,
        last_shard=-1 if there is None else there.last_shard,
        last_seq=-1 if there is None else there.last_seq,
        rev=1 if there is None else there.rev,
    )
    return carried, there is not None
