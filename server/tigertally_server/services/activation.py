"""Activate a token that was assigned (激活): its first code proves that the right hands hold it."""

from __future__ import annotations

import msgspec

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.token import ActivateTokenRequest
from tigertally_server.domain.life_cycle import TokenOperation, moved
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.subject import Subject, find_token, personal_of
from tigertally_server.services.token_methods import ended_methods
from tigertally_server.services.tokens import changed, prove, refused
from tigertally_server.services.working_set import WorkingSet


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
    proven = prove(request, context, account, token, message.otp.reveal())
    if isinstance(proven, Decision):
        return proven
    ended = ended_methods(work, account, token.serial, TokenOperation.ACTIVATE, request.received_ms)
    used = msgspec.structs.replace(active, otp=proven)
    return changed(request, context, account, used, personal_of(request), ended)
