"""How a token stands: its state, type and validity, and what hangs on it. Changes nothing."""

from __future__ import annotations

import msgspec

from tigertally_engines.otp import card
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import NO_CELLS
from tigertally_protocol.messages.token import QueryTokenRequest, QueryTokenResponse
from tigertally_server.domain.account import Account
from tigertally_server.domain.credential import CredentialKind, CredentialState
from tigertally_server.domain.token import NO_OWNER, Token
from tigertally_server.domain.token_extra import extra_of
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.verification import token_standing
from tigertally_server.services.working_set import WorkingSet


def query_token(request: Request, work: WorkingSet, context: Context) -> Decision:
    """A customer's token, also of a closed customer; one of the stock where none is named."""
    message: QueryTokenRequest = request.message
    institution = request.institution_of(message.institution)
    token = work.token((institution, message.token))
    if not message.customer:
        if token is None:
            return Decision(code=ResponseCode.TOKEN_UNKNOWN)
        if token.owner_id != NO_OWNER:
            return Decision(code=ResponseCode.TOKEN_BOUND_ELSEWHERE)
        return _answer(request, work, context, None, token)
    account = work.account((institution, message.customer))
    if account is None:
        return Decision(code=ResponseCode.USER_UNKNOWN)
    if token is None:
        return Decision(code=ResponseCode.TOKEN_UNKNOWN)
    if token.owner_id != account.id:
        return Decision(code=ResponseCode.TOKEN_NOT_BOUND)
    return _answer(request, work, context, account, token)


def _answer(
    request: Request, work: WorkingSet, context: Context, account: Account | None, token: Token
) -> Decision:
    now_ms = request.received_ms
    body = QueryTokenResponse(
        **msgspec.structs.asdict(token_standing(token, context, now_ms)),
        token_type=token.type_name,
        replaced_by=extra_of(token.extra).replaced_by,
        cells_left=_cells_left(context, token),
        valid_from=token.valid_from_ms,
        valid_to=token.valid_to_ms,
        activation_until=_until(work, account, CredentialKind.ACTIVATION, token, now_ms),
        emergency_until=_until(work, account, CredentialKind.EMERGENCY_CODE, token, now_ms),
    )
    return Decision(code=ResponseCode.ANSWERED, body=body)


def _cells_left(context: Context, token: Token) -> int:
    parameters = context.snapshot.parameters(token)
    if not card.is_card(parameters):
        return NO_CELLS
    return card.cells_left(parameters, token.otp, extra_of(token.extra).used)


def _until(
    work: WorkingSet, account: Account | None, kind: CredentialKind, token: Token, now_ms: int
) -> int:
    method = None if account is None else work.credential(account, kind, token.serial)
    if method is None or method.state is CredentialState.VOID or not method.valid_at(now_ms):
        return 0
    return method.valid_to_ms
