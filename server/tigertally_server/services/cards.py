"""Scratch cards with a matrix: which cells are asked for, and whether the answer is right. What is
asked stands in the token's own row until it is answered rightly, so that asking again never brings
other cells; a challenge gives the question an id, a channel and an end.

Where the channel's policy hides reasons, anybody is asked for cells, the same ones each time, as a
real card's would be; such a question has no right answer.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tigertally_engines.otp import card, decide
from tigertally_engines.otp.decide import Verdict
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters
from tigertally_engines.otp.seeds import Seed
from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.constants import NO_CELLS
from tigertally_protocol.messages.card import (
    AskCardRequest,
    AskCardResponse,
    VerifyCardRequest,
    VerifyCardResponse,
)
from tigertally_server.domain.challenge import (
    CHALLENGE_ID_BYTES,
    Challenge,
    ChallengeKind,
    ChallengeState,
    shown_challenge_state,
)
from tigertally_server.domain.token import Token
from tigertally_server.domain.token_extra import extra_of, stored_extra
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Personal, Request
from tigertally_server.services.sealed_records import new_challenge, open_record
from tigertally_server.services.subject import (
    Subject,
    find_usable_token,
    find_user,
    need_open_challenges,
    need_user_and_token,
    personal_of,
)
from tigertally_server.services.verification import CARD_LOW, tried
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_NOBODYS: Final = OtpParameters(algorithm=OtpAlgorithm.CARD_MATRIX).validated()
_NOT_OPEN: Final = {
    ChallengeState.USED: ResponseCode.CHALLENGE_USED,
    ChallengeState.EXPIRED: ResponseCode.CHALLENGE_EXPIRED,
    ChallengeState.CANCELLED: ResponseCode.CHALLENGE_SPENT,
    ChallengeState.FAILED: ResponseCode.CHALLENGE_SPENT,
}


class AskedCells(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The record of a question. `token`: serial of the card; "" = nobody's."""

    token: str
    cells: tuple[int, ...]


_NOTHING: Final = AskedCells("", ())


def need_card(request: Request, needs: Needs) -> None:
    """Customer, tokens, and the questions that are open."""
    need_user_and_token(request, needs)
    need_open_challenges(request, needs, ChallengeKind.SCRATCH)


def need_card_answer(request: Request, needs: Needs) -> None:
    """Customer, tokens, and the question that is answered."""
    need_user_and_token(request, needs)
    if (challenge_id := _challenge_id(request)) is not None:
        needs.challenges.add(challenge_id)


def ask_card(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Cells that were never used; the same ones until they are answered rightly."""
    found = _find_card(request, work, context)
    token = found.token
    if found.refusal is None and token is not None:
        parameters, extra = context.snapshot.parameters(token), extra_of(token.extra)
        random = context.keyring.random_bytes(card.draw_length(parameters))
        cells = extra.asked or card.draw_cells(parameters, extra.used, random)
        row = _row(request, context, found, token.serial, cells, parameters)
        asked = msgspec.structs.replace(extra, asked=cells)
        changed = msgspec.structs.replace(token, extra=stored_extra(asked))
        left = card.cells_left(parameters, token.otp, extra.used)
        decision = _asked(request, found, row, _body(parameters, row, cells, token.serial, left))
        return msgspec.structs.replace(
            decision,
            rebound_tokens=() if changed == token else (changed,),
            challenges=_cancelled(work, context, found, token),
        )
    if request.channel.disclose or not CODES[found.refusal or ResponseCode.NO_TOKEN].hidden:
        return Decision(
            code=found.refusal or ResponseCode.NO_TOKEN,
            reference=request.message.reference,
            account=found.account,
            token=token,
            personal=_personal(request),
        )
    return _asked_of_nobody(request, context, found)


def _asked_of_nobody(request: Request, context: Context, found: Subject) -> Decision:
    message: AskCardRequest = request.message
    parameters = next(
        (p for _, p in sorted(context.snapshot.token_types.items()) if card.is_matrix(p)), _NOBODYS
    )
    name = f"card/{request.institution_of(message.institution)}/{message.customer}"
    random = b"".join(
        context.keyring.invented(f"{name}/{part}".encode())
        for part in range(card.draw_length(parameters) // 32 + 1)
    )
    cells = card.draw_cells(parameters, b"", random)
    row = _row(request, context, found, "", (), parameters)
    body = _body(parameters, row, cells, message.token, card.cell_count(parameters))
    return _asked(request, found, row, body)


def _row(
    request: Request,
    context: Context,
    found: Subject,
    serial: str,
    cells: tuple[int, ...],
    parameters: OtpParameters,
) -> Challenge:
    return new_challenge(
        context,
        request,
        found.account,
        ChallengeKind.SCRATCH,
        AskedCells(serial, cells),
        lasts_ms=parameters.challenge_s * 1000,
    )


def _body(
    parameters: OtpParameters, row: Challenge, cells: tuple[int, ...], serial: str, left: int
) -> AskCardResponse:
    return AskCardResponse(
        detail=CARD_LOW if card.is_low(parameters, left) else "",
        token=serial,
        challenge=row.id.hex(),
        cells=",".join(card.cell_name(parameters, cell) for cell in cells),
        cell_digits=parameters.cell_digits,
        cells_left=left,
        expires_at=row.expires_at_ms,
    )


def _asked(request: Request, found: Subject, row: Challenge, body: AskCardResponse) -> Decision:
    if not request.channel.disclose:
        body = msgspec.structs.replace(
            body, token=request.message.token, cells_left=NO_CELLS, detail=""
        )
    return Decision(
        code=ResponseCode.CHANGED,
        body=body,
        reference=request.message.reference,
        account=found.account,
        token=found.token,
        personal=_personal(request),
        new_challenges=(row,),
    )


def _cancelled(
    work: WorkingSet, context: Context, found: Subject, token: Token
) -> tuple[Challenge, ...]:
    """The card's earlier questions: only the last one is answered."""
    assert found.account is not None
    waiting = work.open_challenges(found.account, ChallengeKind.SCRATCH)
    return tuple(
        msgspec.structs.replace(row, state=ChallengeState.CANCELLED)
        for row in waiting
        if open_record(context, row, AskedCells).token == token.serial
    )


def verify_card(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The answer to the last question that the card was asked. Right, it uses the cells up."""
    if _challenge_id(request) is None:
        body = VerifyCardResponse(detail="challenge")
        return Decision(code=ResponseCode.BAD_FIELD, body=body)
    row = _own_row(request, work)
    asked = _NOTHING if row is None else open_record(context, row, AskedCells)
    request = _about_its_card(request, asked)
    found = _find_card(request, work, context)
    if found.refusal is None:
        code = _refusal(request, row, asked, found)
        found = Subject(found.account, found.token, code)
    answer, now_ms = request.message.answer.reveal(), request.received_ms

    def judged(parameters: OtpParameters, seed: Seed, state: OtpState) -> Verdict:
        if not card.is_matrix(parameters):  # nobody's card: the work, for nothing
            return decide.verify(parameters, seed, state, "", now_ms)
        return card.verify_cells(parameters, seed, state, asked.cells, answer, now_ms)

    return _settled(tried(request, context, found, judged), context, row, asked)


def _settled(
    decision: Decision, context: Context, row: Challenge | None, asked: AskedCells
) -> Decision:
    """The decision with what else changes: the question, and the card's used cells."""
    token, changes = decision.token, dict[str, Any]()
    if token is None or decision.body is None:
        return msgspec.structs.replace(decision, body=None)
    if decision.code is ResponseCode.APPROVED:
        (token,) = decision.tokens or decision.rebound_tokens or (token,)
        extra = extra_of(token.extra)
        used = card.with_used(extra.used, asked.cells)
        extra = msgspec.structs.replace(extra, used=used, asked=())
        token = msgspec.structs.replace(token, extra=stored_extra(extra))
        changes = {"tokens": (), "rebound_tokens": (token,)}
    parameters = context.snapshot.parameters(token)
    if row is not None and decision.code in (ResponseCode.APPROVED, ResponseCode.WRONG_CODE):
        changes["challenges"] = (_row_after(row, decision.code, parameters.challenge_tries),)
    left, low = NO_CELLS, False
    if card.is_matrix(parameters):
        left = card.cells_left(parameters, token.otp, extra_of(token.extra).used)
        low = decision.code is ResponseCode.APPROVED and card.is_low(parameters, left)
    body = VerifyCardResponse(
        **msgspec.structs.asdict(decision.body) | {"detail": CARD_LOW if low else ""},
        cells_left=left,
    )
    return msgspec.structs.replace(decision, body=body, **changes)


def _row_after(row: Challenge, code: ResponseCode, tries: int) -> Challenge:
    if code is ResponseCode.APPROVED:
        return msgspec.structs.replace(row, state=ChallengeState.USED)
    failures = row.failures + 1
    state = ChallengeState.FAILED if failures >= tries else row.state
    return msgspec.structs.replace(row, failures=failures, state=state)


def _find_card(request: Request, work: WorkingSet, context: Context) -> Subject:
    """The named or single card, usable now, with enough cells left."""
    found = find_usable_token(request, work)
    if found.refusal is not None or found.token is None:
        return found
    parameters = context.snapshot.parameters(found.token)
    if not card.is_matrix(parameters):
        return Subject(found.account, found.token, ResponseCode.METHOD_NOT_OF_TOKEN)
    left = card.cells_left(parameters, found.token.otp, extra_of(found.token.extra).used)
    if card.is_exhausted(parameters, left):
        return Subject(found.account, found.token, ResponseCode.CARD_EXHAUSTED)
    return found


def _own_row(request: Request, work: WorkingSet) -> Challenge | None:
    """The question that is answered, if it is a card's and this customer's."""
    row = work.challenge(_challenge_id(request) or b"")
    account = find_user(request, work).account
    if row is None or row.kind is not ChallengeKind.SCRATCH or account is None:
        return None
    return row if row.owner_id == account.id else None


def _refusal(
    request: Request, row: Challenge | None, asked: AskedCells, found: Subject
) -> ResponseCode | None:
    """Why this question can't be answered by this card now, if so."""
    token = found.token
    if row is None or token is None or asked.token != token.serial:
        return ResponseCode.CHALLENGE_UNKNOWN
    refusal = _NOT_OPEN.get(shown_challenge_state(row, request.received_ms))
    if refusal is None and extra_of(token.extra).asked != asked.cells:
        return ResponseCode.CHALLENGE_USED
    return refusal


def _about_its_card(request: Request, asked: AskedCells) -> Request:
    """A question says itself which card it was put to, where the channel doesn't."""
    message: VerifyCardRequest = request.message
    if message.token or not asked.token:
        return request
    message = msgspec.structs.replace(message, token=asked.token)
    return msgspec.structs.replace(request, message=message)


def _challenge_id(request: Request) -> bytes | None:
    message: VerifyCardRequest = request.message
    try:
        challenge_id = bytes.fromhex(message.challenge)
    except ValueError:
        return None
    return challenge_id if len(challenge_id) == CHALLENGE_ID_BYTES else None


def _personal(request: Request) -> Personal:
    return personal_of(request, end_user_address=request.message.end_user_address)
