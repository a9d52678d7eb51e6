"""Verify an OTP; resynchronise a token with two codes. The engine decides, this says about whom and
what is kept.
"""

from __future__ import annotations

from typing import Any

import msgspec

from tigertally_engines.otp import card
from tigertally_engines.otp import decide as otp
from tigertally_engines.otp.decide import OtpResult, Verdict
from tigertally_engines.otp.forms import has_plain_codes
from tigertally_engines.otp.parameters import OtpParameters, VerificationMode
from tigertally_engines.otp.seeds import Seed
from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.token import ResyncTokenRequest, TokenResponse
from tigertally_protocol.messages.verification import VerifyOtpRequest, VerifyOtpResponse
from tigertally_server.domain.life_cycle import TokenOperation
from tigertally_server.domain.token import Token, shown_state
from tigertally_server.domain.token_extra import extra_of
from tigertally_server.services.context import Context
from tigertally_server.services.device_seeds import need_made, open_seed
from tigertally_server.services.modes import find_verifiable_token
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.subject import Subject, find_usable_token, personal_of
from tigertally_server.services.trying import (
    Judge,
    Tried,
    standing_of,
    try_nobody,
    try_token,
)
from tigertally_server.services.working_set import WorkingSet

BLANK_TRIES = 255
CARD_LOW = "card_low"
"""`detail` of an answer that says: a new card is due."""

_CODES: dict[OtpResult, ResponseCode] = {
    OtpResult.APPROVED: ResponseCode.APPROVED,
    OtpResult.WRONG: ResponseCode.WRONG_CODE,
    OtpResult.REPLAYED: ResponseCode.REPLAYED_CODE,
    OtpResult.LOCKED: ResponseCode.TOKEN_LOCKED,
    OtpResult.THROTTLED: ResponseCode.TOKEN_THROTTLED,
    OtpResult.RESYNCED: ResponseCode.CHANGED,
    OtpResult.RESYNC_FAILED: ResponseCode.RESYNC_FAILED,
}


def judge(context: Context, request: Request, token: Token, code: str) -> Verdict:
    """The engine's verdict on one code. Raises ConfigurationError, KeyMissing, AskDevice."""
    parameters, seed = context.snapshot.parameters(token), open_seed(context, request, token)
    verdict = otp.verify(parameters, seed, token.otp, code, request.received_ms)
    need_made(seed)
    return verdict


def with_state(token: Token, verdict: Verdict) -> Token:
    """The token with the state that a verdict leaves it in."""
    return (
        token if verdict.state is token.otp else msgspec.structs.replace(token, otp=verdict.state)
    )


def verify_otp(request: Request, work: WorkingSet, context: Context) -> Decision:
    """One code of one token of one customer."""
    message: VerifyOtpRequest = request.message
    now_ms, code = request.received_ms, message.otp.reveal()

    def judged(parameters: OtpParameters, seed: Seed, state: OtpState) -> Verdict:
        return otp.verify(parameters, seed, state, code, now_ms)

    found = find_verifiable_token(request, work, context, VerificationMode.PLAIN)
    return tried(request, context, found, judged)


def tried(request: Request, context: Context, found: Subject, judged: Judge) -> Decision:
    """What comes of one proof of a token's code: the decision of every service whose answer is a
    VerifyOtpResponse. The message names customer, token, reference and the end user's address.
    """
    message, now_ms, token = request.message, request.received_ms, found.token
    personal = personal_of(request, end_user_address=message.end_user_address)
    if found.refusal is not None or token is None:
        decoys = try_nobody(context, request, token, judged)
        shown = found.shown_token
        body = shown and VerifyOtpResponse(**_standing(shown, context, now_ms))
        return Decision(
            code=found.refusal or ResponseCode.NO_TOKEN,
            body=body,
            reference=message.reference,
            account=found.account,
            token=token,
            personal=personal,
            decoys=decoys,
        )
    one = try_token(context, request, token, judged)
    body = VerifyOtpResponse(
        detail=_detail(context, one),
        token=token.serial,
        token_state=shown_state(one.token, now_ms),
        remaining_tries=min(one.verdict.remaining, BLANK_TRIES - 1),
        locked_until=one.verdict.locked_until_ms,
    )
    return Decision(
        code=_CODES[one.verdict.result],
        body=body,
        reference=message.reference,
        account=found.account,
        token=token,
        personal=personal,
        **one.changes,
    )


def _detail(context: Context, one: Tried) -> str:
    """What else there is to say: an approved code of a list may be one of its last."""
    parameters = context.snapshot.parameters(one.token)
    if one.verdict.result is not OtpResult.APPROVED or not card.is_card(parameters):
        return ""
    left = card.cells_left(parameters, one.token.otp, extra_of(one.token.extra).used)
    return CARD_LOW if card.is_low(parameters, left) else ""


def token_standing(token: Token, context: Context, now_ms: int) -> TokenResponse:
    """A token as an answer about it shows it."""
    return TokenResponse(**_standing(token, context, now_ms))


def _standing(token: Token, context: Context, now_ms: int) -> dict[str, Any]:
    """The fields that answers about a token and answers of a verification have in common."""
    remaining, locked_until_ms = standing_of(context, token, now_ms)
    return {
        "token": token.serial,
        "token_state": shown_state(token, now_ms),
        "remaining_tries": min(remaining, BLANK_TRIES - 1),
        "locked_until": locked_until_ms,
    }


def resync_token(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Two codes in a row find a token again whose clock or counter has run away."""
    message: ResyncTokenRequest = request.message
    now_ms, codes = request.received_ms, (message.otp_1.reveal(), message.otp_2.reveal())

    def judged(parameters: OtpParameters, seed: Seed, state: OtpState) -> Verdict:
        return otp.resync(parameters, seed, state, *codes, now_ms)

    found = find_usable_token(request, work, TokenOperation.RESYNC)
    personal, token, refusal = personal_of(request), found.token, found.refusal
    if token is not None and not has_plain_codes(context.snapshot.parameters(token)):
        refusal = refusal or ResponseCode.METHOD_NOT_OF_TOKEN
    if refusal is not None or token is None:
        return Decision(
            code=refusal or ResponseCode.NO_TOKEN,
            body=found.shown_token and token_standing(found.shown_token, context, now_ms),
            reference=message.reference,
            account=found.account,
            token=token,
            personal=personal,
        )
    one = try_token(context, request, token, judged)
    return Decision(
        code=_CODES[one.verdict.result],
        body=token_standing(one.token, context, now_ms),
        reference=message.reference,
        account=found.account,
        token=token,
        personal=personal,
        **one.changes,
    )
