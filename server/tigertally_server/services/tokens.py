"""Enrolment of tokens (签约) and the rest of their life: bind, assign, take back, enable, disable,
unlock, report lost, withdraw the report, make void, restore. Whether an act is legal is the
life-cycle table's to say; this says about whom, and what goes with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from tigertally_engines.otp import decide as otp
from tigertally_engines.otp.decide import OtpResult
from tigertally_engines.otp.forms import has_plain_codes
from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.token import BindTokenRequest, TokenRequest
from tigertally_server.domain.account import Account
from tigertally_server.domain.administration import ReseedToken
from tigertally_server.domain.credential import Credential
from tigertally_server.domain.life_cycle import TokenOperation, moved
from tigertally_server.domain.token import NO_OWNER, Token, TokenState
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Personal, Request
from tigertally_server.services.subject import (
    Subject,
    find_token,
    find_user,
    need_user_and_token,
    personal_of,
)
from tigertally_server.services.token_methods import ended_methods, need_methods, unseeded
from tigertally_server.services.trying import for_a_new_owner, pardoned
from tigertally_server.services.verification import judge, token_standing, with_state
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_BINDING_REFUSALS: Final = {
    OtpResult.WRONG: ResponseCode.WRONG_CODE,
    OtpResult.REPLAYED: ResponseCode.REPLAYED_CODE,
    OtpResult.LOCKED: ResponseCode.TOKEN_LOCKED,
    OtpResult.THROTTLED: ResponseCode.TOKEN_THROTTLED,
}

# What may still be done with the token of a closed customer: take it away, never let it be used.
_OF_CLOSED_CUSTOMERS: Final = frozenset(
    {
        TokenOperation.UNBIND,
        TokenOperation.DISABLE,
        TokenOperation.REPORT_LOSS,
        TokenOperation.VOID,
        TokenOperation.RESTORE,
    }
)
# What also concerns tokens that nobody holds.
_OF_THE_STOCK: Final = frozenset({TokenOperation.VOID, TokenOperation.RESTORE})


def need_binding(request: Request, needs: Needs) -> None:
    """The account is locked: a customer being closed must not win a token meanwhile."""
    message: BindTokenRequest | TokenRequest = request.message
    institution = request.institution_of(message.institution)
    needs.locked_users.add((institution, message.customer))
    needs.tokens.add((institution, message.token))


def need_token_and_methods(request: Request, needs: Needs) -> None:
    """A token, and the methods that end when its owner loses it."""
    message: TokenRequest = request.message
    if not message.customer:
        needs.tokens.add((request.institution_of(message.institution), message.token))
        return
    need_user_and_token(request, needs)
    need_methods(request, needs)


def bind_token(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Binds a token of the stock, to be used at once. A code, where one is given, must be right: it
    proves that the token is in hand.
    """
    message: BindTokenRequest = request.message
    found = _find_stock(request, work)
    if found.refusal is not None or found.token is None or found.account is None:
        return refused(request, context, found)
    given = handed_over(found.token, found.account, TokenOperation.BIND, request.received_ms)
    if isinstance(given, ResponseCode):
        return refused(request, context, Subject(found.account, found.token, given))
    proven = prove(request, context, found.account, found.token, message.otp.reveal())
    if isinstance(proven, Decision):
        return proven
    bound = msgspec.structs.replace(given, otp=proven)
    return changed(request, context, found.account, bound, personal_of(request))


def assign_token(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Gives a token of the stock to a customer, who begins to use it by an activation."""
    found = _find_stock(request, work)
    if found.refusal is not None or found.token is None or found.account is None:
        return refused(request, context, found)
    given = handed_over(found.token, found.account, TokenOperation.ASSIGN, request.received_ms)
    if isinstance(given, ResponseCode):
        return refused(request, context, Subject(found.account, found.token, given))
    return changed(request, context, found.account, given, _personal(request))


def _find_stock(request: Request, work: WorkingSet) -> Subject:
    message: BindTokenRequest | TokenRequest = request.message
    found = find_user(request, work)
    token = work.token((request.institution_of(message.institution), message.token))
    return Subject(found.account, token, found.refusal or stock_refusal(found.account, token))


def stock_refusal(account: Account | None, token: Token | None) -> ResponseCode | None:
    """Why a token can't be handed to a customer, as far as it isn't its state."""
    if token is None:
        return ResponseCode.TOKEN_UNKNOWN
    if token.owner_id != NO_OWNER and account is not None and token.owner_id != account.id:
        return ResponseCode.TOKEN_BOUND_ELSEWHERE
    return None


def handed_over(
    token: Token, account: Account, operation: TokenOperation, now_ms: int
) -> Token | ResponseCode:
    """The token in its new owner's hands, or why not. One without a seed can't be used at once."""
    given = moved(token, operation, now_ms)
    if isinstance(given, ResponseCode):
        return given
    if not given.sealed_seed and given.state is TokenState.ACTIVE:
        return ResponseCode.TOKEN_NOT_ACTIVATED
    return msgspec.structs.replace(given, owner_id=account.id, owner_state=account.state)


def prove(
    request: Request, context: Context, account: Account, token: Token, code: str
) -> OtpState | Decision:
    """The token's state after a code that proves possession (none: as it is), or the refusal."""
    if not code:
        return token.otp
    if not has_plain_codes(context.snapshot.parameters(token)):
        return refused(request, context, Subject(account, token, ResponseCode.METHOD_NOT_OF_TOKEN))
    verdict = judge(context, request, token, code)
    if verdict.result is OtpResult.APPROVED:
        return verdict.state
    tried = with_state(token, verdict)
    subject = Subject(account, tried, _BINDING_REFUSALS[verdict.result])
    return refused(request, context, subject, tokens=(tried,))


def operating(
    operation: TokenOperation,
) -> Callable[[Request, WorkingSet, Context], Decision]:
    """The service of an operation that needs nothing but the token and a reason."""

    def operate(request: Request, work: WorkingSet, context: Context) -> Decision:
        found = _find_held(request, work, operation)
        token = found.token
        if found.refusal is not None or token is None:
            return refused(request, context, found)
        after = moved(token, operation, request.received_ms)
        if isinstance(after, ResponseCode):
            return refused(request, context, Subject(found.account, token, after))
        if operation in (TokenOperation.UNLOCK, TokenOperation.UNBIND, TokenOperation.RESTORE):
            # A new owner doesn't inherit failures. The counter stays, or an old code would count.
            after = pardoned(msgspec.structs.replace(after, otp=otp.unlock(after.otp)))
        writes: tuple[ReseedToken, ...] = ()
        if after.state is TokenState.IN_STOCK:
            after, writes = unseeded(for_a_new_owner(after))
        ended = ended_methods(work, found.account, token.serial, operation, request.received_ms)
        decision = changed(request, context, found.account, after, _personal(request), ended)
        return msgspec.structs.replace(decision, admin=writes)

    return operate


def _find_held(request: Request, work: WorkingSet, operation: TokenOperation) -> Subject:
    """The token of the named customer; one that nobody holds, where none is named."""
    message: TokenRequest = request.message
    key = (request.institution_of(message.institution), message.token)
    if not message.customer and operation in _OF_THE_STOCK:
        token = work.token(key)
        if token is None:
            return Subject(refusal=ResponseCode.TOKEN_UNKNOWN)
        if token.owner_id != NO_OWNER:
            return Subject(None, token, ResponseCode.TOKEN_BOUND_ELSEWHERE)
        return Subject(None, token)
    found = find_token(request, work)
    if found.refusal is not ResponseCode.USER_CLOSED or operation not in _OF_CLOSED_CUSTOMERS:
        return found
    account, token = found.account, work.token(key)
    if token is None or account is None or token.owner_id != account.id:
        return Subject(account, token, ResponseCode.TOKEN_NOT_BOUND)
    return Subject(account, token)


def _personal(request: Request) -> Personal:
    message: TokenRequest = request.message
    return personal_of(request, reason=message.reason)


def changed(
    request: Request,
    context: Context,
    account: Account | None,
    token: Token,
    personal: Personal,
    credentials: tuple[Credential, ...] = (),
) -> Decision:
    """The decision that makes a change of one token."""
    return Decision(
        code=ResponseCode.CHANGED,
        body=token_standing(token, context, request.received_ms),
        reference=request.message.reference,
        account=account,
        token=token,
        personal=personal,
        rebound_tokens=(token,),
        credentials=credentials,
    )


def refused(
    request: Request, context: Context, found: Subject, tokens: tuple[Token, ...] = ()
) -> Decision:
    """The decision that refuses, and says how the token stands as far as the caller may know."""
    shown = found.shown_token
    return Decision(
        code=found.refusal or ResponseCode.NO_TOKEN,
        body=None if shown is None else token_standing(shown, context, request.received_ms),
        reference=request.message.reference,
        account=found.account,
        token=found.token,
        personal=personal_of(request, reason=getattr(request.message, "reason", "")),
        tokens=tokens,
    )
