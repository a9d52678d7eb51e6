"""A one-time password with a PIN, or hidden in the answer of MS-CHAPv2 or CHAP: other proofs of the
same codes, judged and counted as VERIFY_OTP's.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

import msgspec

from tigertally_engines.otp import chap
from tigertally_engines.otp import decide as otp
from tigertally_engines.otp.chap import Exchange
from tigertally_engines.otp.decide import Check, Verdict
from tigertally_engines.otp.parameters import OtpParameters, VerificationMode
from tigertally_engines.otp.seeds import Seed
from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.proof import (
    CHALLENGE_BYTES,
    VerifyChapRequest,
    VerifyMschapv2Request,
    VerifyMschapv2Response,
    VerifyPinOtpRequest,
)
from tigertally_protocol.messages.verification import VerifyOtpResponse
from tigertally_server.domain.challenge import ChallengeKind, ChallengeState
from tigertally_server.services.context import Context
from tigertally_server.services.modes import find_verifiable_token
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import new_challenge
from tigertally_server.services.subject import Subject, need_user_and_token
from tigertally_server.services.token_pins import kept_pin, pin_is_right, pin_row
from tigertally_server.services.trying import Judge
from tigertally_server.services.verification import tried
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

CHALLENGE_LASTS_MS: Final = 300_000
_NO_CHALLENGE: Final = bytes(CHALLENGE_BYTES)


class UsedChallenge(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The record of an access protocol's challenge: that it was used is all there is to keep."""


def verify_pin_otp(request: Request, work: WorkingSet, context: Context) -> Decision:
    """PIN and code, both or neither: the one try, the one failure and the same answer whichever of
    them is wrong. A right code with a wrong PIN isn't used up.
    """
    message: VerifyPinOtpRequest = request.message
    now_ms = request.received_ms
    found = find_verifiable_token(request, work, context, VerificationMode.PIN_OTP)
    row = pin_row(work, found.account, found.token)
    if found.refusal is None and row is None:
        found = Subject(found.account, found.token, ResponseCode.TOKEN_PIN_NOT_SET)
    kept = kept_pin(context, row)
    pin_right = pin_is_right(context, found.account, kept, message.pin.reveal())
    code = message.otp.reveal()

    def judged(parameters: OtpParameters, seed: Seed, state: OtpState) -> Verdict:
        given = code if otp.well_formed(parameters, code) else ""

        def check(candidates: Sequence[str]) -> list[bool]:
            return [hmac.compare_digest(one, given) & pin_right for one in candidates]

        return otp.verify_by(parameters, seed, state, check, now_ms, tell_replays=False)

    return tried(request, context, found, judged)


def need_chap(request: Request, needs: Needs) -> None:
    """Customer, tokens, and the challenge if it was used before."""
    need_user_and_token(request, needs)
    needs.challenges.add(_challenge_id(request))


def verify_mschapv2(request: Request, work: WorkingSet, context: Context) -> Decision:
    """RFC 2759 over the codes that the token may show now."""
    message: VerifyMschapv2Request = request.message
    if message.authenticator_challenge == _NO_CHALLENGE:
        return _bad_field(VerifyMschapv2Response(detail="authenticator_challenge"))
    exchange = Exchange(
        message.user_name or message.customer,
        message.authenticator_challenge,
        message.peer_challenge,
    )
    hashed, proof = chap.challenge_hash(exchange), bytes(message.nt_response)

    def recognise(codes: Sequence[str]) -> list[bool]:
        return chap.recognised(hashed, codes, proof)

    judged = _Recognised(recognise, request.received_ms)
    decision = _verify(request, work, context, VerificationMode.MSCHAPV2, judged)
    answer = ""
    if decision.code is ResponseCode.APPROVED:
        answer = chap.authenticator_response(exchange, judged.code, proof)
    body = None
    if decision.body is not None:
        values = msgspec.structs.asdict(decision.body)
        body = VerifyMschapv2Response(**values, authenticator_response=answer)
    return msgspec.structs.replace(decision, body=body)


def verify_chap(request: Request, work: WorkingSet, context: Context) -> Decision:
    """RFC 1994 over the codes that the token may show now."""
    message: VerifyChapRequest = request.message
    challenge, proof = message.authenticator_challenge, bytes(message.chap_response)
    if challenge == _NO_CHALLENGE:
        return _bad_field(VerifyOtpResponse(detail="authenticator_challenge"))

    def recognise(codes: Sequence[str]) -> list[bool]:
        expected = (chap.chap_response(message.identifier, code, challenge) for code in codes)
        return [hmac.compare_digest(one, proof) for one in expected]

    judged = _Recognised(recognise, request.received_ms)
    return _verify(request, work, context, VerificationMode.CHAP, judged)


class _Recognised:
    """A judge for a hidden code; afterwards, the code itself if there was a right one."""

    def __init__(self, recognise: Check, now_ms: int) -> None:
        self._recognise, self._now_ms = recognise, now_ms
        self.code = ""

    def __call__(self, parameters: OtpParameters, seed: Seed, state: OtpState) -> Verdict:
        return otp.verify_by(parameters, seed, state, self._check, self._now_ms)

    def _check(self, candidates: Sequence[str]) -> list[bool]:
        found = self._recognise(candidates)
        if True in found:
            self.code = candidates[found.index(True)]
        return found


def _verify(
    request: Request,
    work: WorkingSet,
    context: Context,
    mode: VerificationMode,
    judged: Judge,
) -> Decision:
    """One try at a challenge that was not used before, and is from now on: whatever comes of it,
    the next try needs another. So no answer that somebody saw is worth anything.
    """
    found = find_verifiable_token(request, work, context, mode)
    challenge_id = _challenge_id(request)
    if work.challenge(challenge_id) is not None:
        found = Subject(found.account, found.token, found.refusal or ResponseCode.CHALLENGE_USED)
        return tried(request, context, found, judged)
    used = new_challenge(
        context,
        request,
        found.account,
        ChallengeKind.CHAP,
        UsedChallenge(),
        lasts_ms=CHALLENGE_LASTS_MS,
        challenge_id=challenge_id,
    )
    used = msgspec.structs.replace(used, state=ChallengeState.USED)
    decision = tried(request, context, found, judged)
    return msgspec.structs.replace(decision, new_challenges=(used,))


def _challenge_id(request: Request) -> bytes:
    """The row of a challenge that a customer was asked, whoever asks it again. Not secret."""
    message: VerifyMschapv2Request | VerifyChapRequest = request.message
    named = (request.institution_of(message.institution), message.customer)
    whose = "\0".join(named).encode() + b"\0" + message.authenticator_challenge
    return hashlib.sha256(b"tigertally chap\0" + whose).digest()[:CHALLENGE_BYTES]


def _bad_field(body: VerifyOtpResponse | VerifyMschapv2Response) -> Decision:
    return Decision(code=ResponseCode.BAD_FIELD, body=body)
