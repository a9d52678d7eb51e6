"""A verification of a transaction as it is kept: its text, what it is bound to, who has said what.

It is a challenge of kind CONFIRMATION. Its code by SMS or its question is a challenge of its own
kind, named by `inner`; the engine of that kind judges answers, this judges whether the transaction
is the one that was confirmed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from tigertally_engines.transaction.fields import BadTransactionField, Fields, checked
from tigertally_engines.transaction.text import Composed
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.transaction_verification import (
    BeginTransactionRequest,
    CompleteTransactionRequest,
    ConfirmByServiceRequest,
    QueryTransactionRequest,
)
from tigertally_protocol.transactions import VerificationState
from tigertally_server.domain.account import Account
from tigertally_server.domain.challenge import (
    CHALLENGE_ID_BYTES,
    Challenge,
    ChallengeKind,
    ChallengeState,
    shown_challenge_state,
)
from tigertally_server.domain.token import NO_OWNER
from tigertally_server.services.context import Context
from tigertally_server.services.request import Request
from tigertally_server.services.sealed_records import open_record, resealed
from tigertally_server.services.subject import Subject, find_user
from tigertally_server.services.working_set import WorkingSet

NamesVerification = CompleteTransactionRequest | ConfirmByServiceRequest | QueryTransactionRequest

_STATES: Final = {
    ChallengeState.USED: VerificationState.APPROVED,
    ChallengeState.CANCELLED: VerificationState.REFUSED,
    ChallengeState.EXPIRED: VerificationState.EXPIRED,
    ChallengeState.FAILED: VerificationState.FAILED,
}
_REFUSALS: Final = {
    VerificationState.APPROVED: ResponseCode.VERIFICATION_ENDED,
    VerificationState.FAILED: ResponseCode.VERIFICATION_ENDED,
    VerificationState.REFUSED: ResponseCode.CONFIRMATION_REFUSED,
    VerificationState.EXPIRED: ResponseCode.VERIFICATION_EXPIRED,
}
_WIRE_NAMES: Final = {"amount": "sum"}


class VerificationRecord(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Sealed in the challenge's row.

    Attributes:
        digest: of `composed`; what code and question are bound to.
        inner: id of the code's or question's own challenge; b"" for service.
        maker: who entered the transaction, where a member of staff did.
        confirmed_by: the operator whose word, for or against, `reason` explains.
    """

    customer: str
    method: str
    composed: Composed
    digest: bytes
    inner: bytes = b""
    reference: str = ""
    maker: str = ""
    confirmed_by: str = ""
    confirmed_at_ms: int = 0
    reason: str = ""
    ended_at_ms: int = 0

    def __repr__(self) -> str:
        return f"<VerificationRecord {self.method}>"


class Verification(NamedTuple):
    """The row and what is in it."""

    row: Challenge
    record: VerificationRecord
    account: Account | None

    def state(self, now_ms: int) -> VerificationState:
        waiting = (
            VerificationState.CONFIRMED
            if self.record.method == "service" and self.record.confirmed_by
            else VerificationState.WAITING
        )
        return _STATES.get(shown_challenge_state(self.row, now_ms), waiting)

    def refusal(self, now_ms: int) -> ResponseCode | None:
        """Why nothing can come of it any more."""
        return _REFUSALS.get(self.state(now_ms))

    def changed(
        self, context: Context, record: VerificationRecord, state: ChallengeState
    ) -> Challenge:
        """The row afterwards."""
        return msgspec.structs.replace(resealed(context, self.row, record), state=state)


def verification_id(request: Request) -> bytes | None:
    """The id that a message names, None where it can't be one."""
    message: NamesVerification = request.message
    try:
        octets = bytes.fromhex(message.verification)
    except ValueError:
        return None
    known = len(octets) == CHALLENGE_ID_BYTES and octets.hex() == message.verification
    return octets if known else None


def find_verification(
    request: Request, work: WorkingSet, context: Context
) -> tuple[Subject, Verification | None]:
    """The customer, and the verification if it is that customer's. One that was begun in nobody's
    name, to tell nothing, is found by the number that was named.
    """
    found, named = find_user(request, work), verification_id(request)
    row = None if named is None else work.challenge(named)
    owner = NO_OWNER if found.account is None else found.account.id
    if row is None or row.kind is not ChallengeKind.CONFIRMATION or row.owner_id != owner:
        return found, None
    record = open_record(context, row, VerificationRecord)
    message: NamesVerification = request.message
    if record.customer != message.customer:
        return found, None
    return found, Verification(row, record, found.account)


class BadField(ValueError):
    """`field` is the name on the wire."""

    def __init__(self, field: str) -> None:
        super().__init__(f"field {field!r} is not as it must be")
        self.field = field


def fields_of(
    message: BeginTransactionRequest | CompleteTransactionRequest, language: str, ordered_at_ms: int
) -> Fields:
    """The transaction that a message speaks of; the two arguments stand for what is blank in it.
    Raises BadField.
    """
    fields = Fields(
        act=message.act,
        language=message.language or language,
        amount=message.sum,
        currency=message.currency,
        payee_name=message.payee_name,
        payee=message.payee,
        bank=message.bank,
        purpose=message.purpose,
        ordered_at_ms=message.ordered_at or ordered_at_ms,
    )
    try:
        return checked(fields)
    except BadTransactionField as problem:
        raise BadField(_WIRE_NAMES.get(problem.field, problem.field)) from None
