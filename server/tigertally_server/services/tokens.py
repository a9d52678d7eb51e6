"""Enrolment of tokens (签约): bind, unbind, enable, disable, unlock. Each asks the life-cycle table
first.
"""

from __future__ import annotations

import msgspec

from tigertally_engines.otp import decide as otp
from tigertally_engines.otp.decide import OtpResult
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.token import BindTokenRequest, TokenRequest
from tigertally_server.domain.account import Account
from tigertally_server.domain.token import NO_OWNER, Token, TokenOperation, next_state
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Personal, Request
from tigertally_server.services.subject import Subject, find_token, find_user, personal_of
from tigertally_server.services.verification import judge, token_standing, with_state
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_BINDING_REFUSALS = {
    OtpResult.WRONG: ResponseCode.WRONG_CODE,
    OtpResult.REPLAYED: ResponseCode.REPLAYED_CODE,
    OtpResult.LOCKED: ResponseCode.TOKEN_LOCKED,
    OtpResult.THROTTLED: ResponseCode.TOKEN_THROTTLED,
}


def need_binding(request: Request, needs: Needs) -> None:
    """The account is locked: a customer being closed must not win a token meanwhile."""
    message: BindTokenRequest = request.message
    institution = request.institution_of(message.institution)
    needs.locked_users.add((institution, message.customer))
    needs.tokens.add((institution, message.token))


def bind_token(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Binds a token of the stock. A code, where one is given, must be right: it proves that the
    token is in hand.
    """
    message: BindTokenRequest = request.message
    found = find_user(request, work)
    token = work.token((request.institution_of(message.institution), message.token))
    refusal = found.refusal or _binding_refusal(found.account, token)
    if refusal is not None or token is None or found.account is None:
        return _refused(request, context, Subject(found.account, token, refusal))
    code = message.otp.reveal()
    if code:
        verdict = judge(context, token, code, request.received_ms)
        token = with_state(token, verdict)
        if verdict.result is not OtpResult.APPROVED:
            refused = Subject(found.account, token, _BINDING_REFUSALS[verdict.result])
            return _refused(request, context, refused, tokens=(token,))
    bound = msgspec.structs.replace(
        token,
        owner_id=found.account.id,
        owner_state=found.account.state,
        state=next_state(token.state, TokenOperation.BIND),
    )
    return _changed(request, context, found.account, bound, personal_of(request))


def _binding_refusal(account: Account | None, token: Token | None) -> ResponseCode | None:
    if token is None:
        return ResponseCode.TOKEN_UNKNOWN
    if token.owner_id != NO_OWNER and account is not None and token.owner_id != account.id:
        return ResponseCode.TOKEN_BOUND_ELSEWHERE
    if next_state(token.state, TokenOperation.BIND) is None:
        return ResponseCode.ILLEGAL_TRANSITION
    return None


def unbind_token(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Back to the stock; the counter stays, or an old code of the last owner would count again.
    Closed customers included.
    """
    found = _bound_token(request, work)
    token = found.token
    if found.refusal is not None or token is None or found.account is None:
        return _refused(request, context, found)
    after = next_state(token.state, TokenOperation.UNBIND)
    if after is None:
        return _refused(
            request, context, Subject(found.account, token, ResponseCode.ILLEGAL_TRANSITION)
        )
    freed = msgspec.structs.replace(
        token, owner_id=NO_OWNER, owner_state=0, state=after, otp=otp.unlock(token.otp)
    )
    return _changed(request, context, found.account, freed, _personal(request))


def enable_token(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Takes back a disabling."""
    return _operate(request, work, context, TokenOperation.ENABLE)


def disable_token(request: Request, work: WorkingSet, context: Context) -> Decision:
    """From now on the token approves nothing, until it is enabled."""
    return _operate(request, work, context, TokenOperation.DISABLE)


def unlock_token(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Clears failures, lock and throttle."""
    return _operate(request, work, context, TokenOperation.UNLOCK)


def _operate(
    request: Request, work: WorkingSet, context: Context, operation: TokenOperation
) -> Decision:
    found = find_token(request, work)
    token = found.token
    if found.refusal is not None or token is None or found.account is None:
        return _refused(request, context, found)
    after = next_state(token.state, operation)
    if after is None:
        return _refused(
            request, context, Subject(found.account, token, ResponseCode.ILLEGAL_TRANSITION)
        )
    state = otp.unlock(token.otp) if operation is TokenOperation.UNLOCK else token.otp
    changed = msgspec.structs.replace(token, state=after, otp=state)
    return _changed(request, context, found.account, changed, _personal(request))


def _bound_token(request: Request, work: WorkingSet) -> Subject:
    found = find_token(request, work)
    if found.refusal is not ResponseCode.USER_CLOSED or found.account is None:
        return found
    message: TokenRequest = request.message
    token = work.token((request.institution_of(message.institution), message.token))
    if token is None or token.owner_id != found.account.id:
        return Subject(found.account, token, ResponseCode.TOKEN_NOT_BOUND)
    return Subject(found.account, token)


def _personal(request: Request) -> Personal:
    message: TokenRequest = request.message
    return personal_of(request, reason=message.reason)


def _changed(
    request: Request, context: Context, account: Account, token: Token, personal: Personal
) -> Decision:
    return Decision(
        code=ResponseCode.CHANGED,
        body=token_standing(token, context, request.received_ms),
        reference=request.message.reference,
        account=account,
        token=token,
        personal=personal,
        rebound_tokens=(token,),
    )


def _refused(
    request: Request, context: Context, found: Subject, tokens: tuple[Token, ...] = ()
) -> Decision:
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
