"""Who and what a request is about: the customer, the token, and whether they can be used now.
Shared by all token services.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tigertally_protocol.codes import ResponseCode
from tigertally_server.domain.account import Account
from tigertally_server.domain.challenge import ChallengeKind
from tigertally_server.domain.credential import CredentialKind
from tigertally_server.domain.life_cycle import TokenOperation, refusal
from tigertally_server.domain.token import NO_OWNER, Token, TokenState, UserState, shown_state
from tigertally_server.services.request import Personal, Request
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

# Kept for the record; never what a customer who names no token means.
_AT_AN_END = frozenset({TokenState.REPLACED, TokenState.VOID})


class NamesUser(Protocol):
    """Any message that names a customer."""

    @property
    def institution(self) -> str: ...
    @property
    def customer(self) -> str: ...


class NamesToken(NamesUser, Protocol):
    """Any message that names a customer and perhaps a token."""

    @property
    def token(self) -> str: ...
    @property
    def reference(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """`refusal` says why there is no usable token; account and token are what was found all the
    same.
    """

    account: Account | None = None
    token: Token | None = None
    refusal: ResponseCode | None = None

    @property
    def shown_token(self) -> Token | None:
        """The token as far as the caller may learn about it: never another customer's."""
        token, account = self.token, self.account
        if token is None or token.owner_id == NO_OWNER:
            return token
        return token if account is not None and token.owner_id == account.id else None


def need_user(request: Request, needs: Needs) -> None:
    """The customer, read; all tokens, locked."""
    message: NamesUser = request.message
    needs.users.add((request.institution_of(message.institution), message.customer))


def glance_user(request: Request, needs: Needs) -> None:
    """The customer and all tokens in one look, nothing locked."""
    message: NamesUser = request.message
    needs.glanced.add((request.institution_of(message.institution), message.customer))


def need_locked_user(request: Request, needs: Needs) -> None:
    """The customer and all tokens, locked."""
    message: NamesUser = request.message
    needs.locked_users.add((request.institution_of(message.institution), message.customer))


def need_user_and_token(request: Request, needs: Needs) -> None:
    """For operations on one named token: the owner's other tokens are locked with it, in
    id order.
    """
    message: NamesToken = request.message
    need_user(request, needs)
    if message.token:
        needs.tokens.add((request.institution_of(message.institution), message.token))


def need_credentials(request: Request, needs: Needs, *kinds: CredentialKind) -> None:
    """The customer's credentials of these kinds, locked. Beside `need_user`."""
    message: NamesUser = request.message
    institution = request.institution_of(message.institution)
    needs.credentials.update((institution, message.customer, kind) for kind in kinds)


def need_open_challenges(request: Request, needs: Needs, *kinds: ChallengeKind) -> None:
    """The customer's open challenges of these kinds, locked. Beside `need_user`."""
    message: NamesUser = request.message
    institution = request.institution_of(message.institution)
    needs.open_challenges.update((institution, message.customer, kind) for kind in kinds)


def find_user(request: Request, work: WorkingSet) -> Subject:
    """The customer, alive."""
    message: NamesUser = request.message
    account = work.account((request.institution_of(message.institution), message.customer))
    if account is None:
        return Subject(refusal=ResponseCode.USER_UNKNOWN)
    if account.state != UserState.ACTIVE:
        return Subject(account, refusal=ResponseCode.USER_CLOSED)
    return Subject(account)


def find_token(request: Request, work: WorkingSet) -> Subject:
    """The named token of the customer, or the single active one where none is named."""
    found = find_user(request, work)
    if found.refusal is not None or found.account is None:
        return found
    message: NamesToken = request.message
    if not message.token:
        return _single_active(found.account, work, request.received_ms)
    token = work.token((request.institution_of(message.institution), message.token))
    if token is None:
        return Subject(found.account, refusal=ResponseCode.TOKEN_UNKNOWN)
    if token.owner_id != found.account.id:
        return Subject(found.account, token, ResponseCode.TOKEN_NOT_BOUND)
    return Subject(found.account, token)


def _single_active(account: Account, work: WorkingSet, now_ms: int) -> Subject:
    tokens = [t for t in work.tokens_of(account) if t.state not in _AT_AN_END]
    usable = [t for t in tokens if shown_state(t, now_ms) in (TokenState.ACTIVE, TokenState.LOCKED)]
    if len(usable) == 1:
        return Subject(account, usable[0])
    if usable:
        return Subject(account, refusal=ResponseCode.AMBIGUOUS_TOKEN)
    if len(tokens) == 1:
        return Subject(account, tokens[0])
    return Subject(account, refusal=ResponseCode.NO_TOKEN)


def find_usable_token(
    request: Request, work: WorkingSet, operation: TokenOperation = TokenOperation.VERIFY
) -> Subject:
    """As `find_token`, and its codes may be looked at now. A lock is the engine's to judge."""
    found = find_token(request, work)
    token = found.token
    if found.refusal is not None or token is None:
        return found
    if token.owner_state != UserState.ACTIVE:
        return Subject(found.account, token, ResponseCode.USER_CLOSED)
    code = refusal(shown_state(token, request.received_ms), operation)
    if code is ResponseCode.TOKEN_LOCKED:
        code = None
    return Subject(found.account, token, code)


def personal_of(request: Request, *, end_user_address: str = "", reason: str = "") -> Personal:
    """Who was named and who asked, for the entry's personal part."""
    message = request.message
    return Personal(
        institution=request.institution_of(message.institution),
        customer=message.customer,
        token=getattr(message, "token", ""),
        end_user_address=end_user_address,
        peer=request.peer,
        operator=request.operator or getattr(message, "operator", ""),
        reason=reason,
    )
