"""Customers: register, query, close. What is personal about them is sealed under their own key."""

from __future__ import annotations

from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.user import (
    CloseUserRequest,
    QueryUserResponse,
    RegisterUserRequest,
    UserResponse,
)
from tigertally_protocol.secret import SecretText
from tigertally_server.domain.account import Account
from tigertally_server.domain.token import UserState, shown_state
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import open_sealed
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.subject import find_user, need_locked_user, personal_of
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

SHOWN_TOKENS = 8


class PersonalData(msgspec.Struct, frozen=True, gc=False):
    """What the platform keeps of a customer."""

    name: str
    mobile: str

    def __repr__(self) -> str:
        return "PersonalData(«secret»)"


def personal_identity(institution: str, customer: str) -> bytes:
    """Associated data of a customer's personal data."""
    return f"account/{institution}/{customer}".encode()


def need_registration(request: Request, needs: Needs) -> None:
    """The place of the customer, locked if there, and an id for a new one."""
    need_locked_user(request, needs)
    needs.account_ids += 1


def register_user(request: Request, work: WorkingSet, context: Context) -> Decision:
    """A customer number is registered once; one that was closed is opened again, with the data
    given now.
    """
    message: RegisterUserRequest = request.message
    institution = request.institution_of(message.institution)
    known = work.account((institution, message.customer))
    if known is not None and known.state == UserState.ACTIVE:
        body = UserResponse(user_state=known.state)
        return _decision(request, ResponseCode.USER_EXISTS, known, body)
    data = PersonalData(message.name.reveal(), message.mobile.reveal())
    body = UserResponse(user_state=UserState.ACTIVE)
    if known is None:
        key_id, sealed_key, own = context.keyring.new_customer_key(institution, message.customer)
        account = Account(
            id=work.new_account_id(),
            institution=institution,
            customer=message.customer,
            state=UserState.ACTIVE,
            registered_at_ms=request.received_ms,
            key_id=key_id,
            data_key=sealed_key,
            personal=_sealed(context, own, institution, message.customer, data),
        )
        decision = _decision(request, ResponseCode.CHANGED, account, body)
        return msgspec.structs.replace(decision, new_accounts=(account,))
    personal = _sealed(context, customer_key(context, known), institution, message.customer, data)
    reopened = msgspec.structs.replace(known, state=UserState.ACTIVE, personal=personal)
    return _with_account_state(request, work, reopened, body)


def _sealed(
    context: Context, own: AESGCM, institution: str, customer: str, data: PersonalData
) -> bytes:
    nonce = context.keyring.nonces(1)[0]
    return nonce + own.encrypt(
        nonce, msgspec.msgpack.encode(data), personal_identity(institution, customer)
    )


def close_user(request: Request, work: WorkingSet, context: Context) -> Decision:
    """From now on none of the customer's tokens approves anything; they stay bound, so that they
    can be taken back.
    """
    found = find_user(request, work)
    if found.refusal is not None or found.account is None:
        body = None if found.account is None else UserResponse(user_state=found.account.state)
        return _decision(request, found.refusal or ResponseCode.USER_UNKNOWN, found.account, body)
    closed = msgspec.structs.replace(found.account, state=UserState.CLOSED)
    return _with_account_state(request, work, closed, UserResponse(user_state=UserState.CLOSED))


def _with_account_state(
    request: Request, work: WorkingSet, account: Account, body: UserResponse
) -> Decision:
    decision = _decision(request, ResponseCode.CHANGED, account, body)
    tokens = tuple(
        msgspec.structs.replace(token, owner_state=account.state)
        for token in work.tokens_of(account)
    )
    return msgspec.structs.replace(decision, accounts=(account,), rebound_tokens=tokens)


def query_user(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Read-only; closed customers are shown, too."""
    found = find_user(request, work)
    account = found.account
    if account is None:
        return Decision(code=ResponseCode.USER_UNKNOWN, personal=personal_of(request))
    data = open_personal(context, account)
    tokens = sorted(work.tokens_of(account), key=lambda token: token.id)
    shown: dict[str, Any] = {}
    for number, token in enumerate(tokens[:SHOWN_TOKENS], start=1):
        shown[f"token_{number}"] = token.serial
        shown[f"token_{number}_state"] = int(shown_state(token, request.received_ms))
    body = QueryUserResponse(
        user_state=account.state,
        token_count=min(len(tokens), 255),
        registered_at=account.registered_at_ms,
        name=SecretText(data.name),
        mobile=SecretText(data.mobile),
        **shown,
    )
    return Decision(code=ResponseCode.ANSWERED, body=body)


def customer_key(context: Context, account: Account) -> AESGCM:
    """The customer's own key. Raises KeyMissing where it was destroyed."""
    return context.keyring.customer_key(
        account.key_id, account.data_key, account.institution, account.customer
    )


def open_personal(context: Context, account: Account) -> PersonalData:
    """What the platform keeps of a customer. Raises KeyMissing where the customer's key was
    destroyed.
    """
    identity = personal_identity(account.institution, account.customer)
    plain = open_sealed(customer_key(context, account), account.personal, identity)
    return msgspec.msgpack.decode(plain, type=PersonalData)


def _decision(
    request: Request, code: ResponseCode, account: Account | None, body: UserResponse | None
) -> Decision:
    message: RegisterUserRequest | CloseUserRequest = request.message
    return Decision(
        code=code,
        body=body,
        reference=message.reference,
        account=account,
        personal=personal_of(request, reason=getattr(message, "reason", "")),
    )
