"""Which token a proof is about, and whether that token is one to be proved in this way."""

from __future__ import annotations

from typing import Final

from tigertally_engines.otp import card, questions
from tigertally_engines.otp.forms import has_plain_codes
from tigertally_engines.otp.parameters import OtpParameters, VerificationMode
from tigertally_protocol.codes import ResponseCode
from tigertally_server.domain.life_cycle import TokenOperation
from tigertally_server.services.context import Context
from tigertally_server.services.request import Request
from tigertally_server.services.subject import Subject, find_usable_token
from tigertally_server.services.working_set import WorkingSet

_HAS_CODES_BY_TIME_OR_COUNTER: Final = frozenset(VerificationMode) - {VerificationMode.QUESTION}


def find_verifiable_token(
    request: Request, work: WorkingSet, context: Context, mode: VerificationMode
) -> Subject:
    """The named or single token, if it is usable now and its type allows this proof. Raises
    ConfigurationError.
    """
    found = find_usable_token(request, work, TokenOperation.VERIFY)
    if found.refusal is not None or found.token is None:
        return found
    parameters = context.snapshot.parameters(found.token)
    if not can_be_proved(parameters, mode):
        return Subject(found.account, found.token, ResponseCode.METHOD_NOT_OF_TOKEN)
    if card.is_card(parameters) and card.is_exhausted(
        parameters, card.cells_left(parameters, found.token.otp, b"")
    ):
        return Subject(found.account, found.token, ResponseCode.CARD_EXHAUSTED)
    return found


def nobodys_type(
    request: Request, context: Context, *, with_host_suite: bool = False
) -> OtpParameters | None:
    """A type of this bank's whose tokens are asked questions, always the same one for a customer
    number: what a question that is nobody's looks like, and costs.
    """
    types = sorted(context.snapshot.token_types.items())
    known = [
        parameters
        for _, parameters in types
        if questions.answers_questions(parameters)
        and (not with_host_suite or parameters.host_suite is not None)
    ]
    if not known:
        return None
    name = f"{request.institution_of(request.message.institution)}/{request.message.customer}"
    return known[int.from_bytes(context.keyring.invented(name.encode())[:8]) % len(known)]


def can_be_proved(parameters: OtpParameters, mode: VerificationMode) -> bool:
    """Whether such a token has what the proof needs, and the bank wants it."""
    if mode in _HAS_CODES_BY_TIME_OR_COUNTER:
        return parameters.allows(mode) and has_plain_codes(parameters)
    return parameters.allows(mode) and questions.answers_questions(parameters)
