"""What calls about transactions return. As in `results`: blanks of the wire become None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tigertally_client.results import EntryRef, Receipt, Result
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import BLANK_TRIES, NO_SHARD
from tigertally_protocol.messages.business import BusinessResponse
from tigertally_protocol.messages.transaction_verification import (
    BeginTransactionResponse,
    QueryTransactionResponse,
    TransactionResponse,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import VerificationState


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunTransaction(Result):
    """Answer to `begin_transaction_verification`.

    Attributes:
        verification: names it from now on; "" when none was begun.
        text: what the customer must be shown.
        text_digest: of text and fields; hexadecimal.
        question: for a token; "" otherwise.
        server_code: for the page beside an SMS; "" otherwise.
        message_id: for `query_sms`; "" without a message.
        token: the token that is asked; "" otherwise.
        remaining_tries, locked_until_ms, resend_at_ms: of codes by SMS; None when blank.
        expires_at_ms: UTC; None when none was begun.
    """

    verification: str
    text: SecretText
    text_digest: str
    text_version: int
    question: str
    server_code: str
    message_id: str
    token: str
    remaining_tries: int | None
    locked_until_ms: int | None
    resend_at_ms: int | None
    expires_at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionResult(Result):
    """Answer to `confirm_by_service` and `complete_transaction_verification`.

    Attributes:
        verification_state: None when there is none to tell about.
        text_digest: of what was confirmed, hexadecimal; "" unless it was.
    """

    verification: str
    verification_state: VerificationState | None
    method: str
    token: str
    text_digest: str
    text_version: int
    remaining_tries: int | None
    locked_until_ms: int | None
    expires_at_ms: int | None

    @property
    def approved(self) -> bool:
        """Whether this transaction, as it was said again, may be executed."""
        return self.code is ResponseCode.APPROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionDetails(Result):
    """Answer to `query_transaction_verification`: how, when and over which text. Times are UTC
    milliseconds, None when blank.
    """

    verification: str
    verification_state: VerificationState | None
    method: str
    act: str
    text: SecretText
    text_digest: str
    text_version: int
    reference: str
    began_channel: int
    operator: str
    began_at_ms: int | None
    expires_at_ms: int | None
    ended_at_ms: int | None
    confirmed_by: str
    confirmed_at_ms: int | None
    reason: str


def begun_transaction(receipt: Receipt, message: BeginTransactionResponse) -> BegunTransaction:
    """Of a beginning."""
    return BegunTransaction(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message),
        verification=message.verification,
        text=message.text,
        text_digest=_digest(message.text_digest),
        text_version=message.text_version,
        question=message.question,
        server_code=message.server_code,
        message_id=message.message_id,
        token=message.token,
        remaining_tries=_tries(message.remaining_tries),
        locked_until_ms=message.locked_until or None,
        resend_at_ms=message.resend_at or None,
        expires_at_ms=message.expires_at or None,
    )


def transaction_result(receipt: Receipt, message: TransactionResponse) -> TransactionResult:
    """Of confirming and completing."""
    return TransactionResult(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message),
        verification=message.verification,
        verification_state=_STATES.get(message.verification_state),
        method=message.method,
        token=message.token,
        text_digest=_digest(message.text_digest),
        text_version=message.text_version,
        remaining_tries=_tries(message.remaining_tries),
        locked_until_ms=message.locked_until or None,
        expires_at_ms=message.expires_at or None,
    )


def transaction_details(receipt: Receipt, message: QueryTransactionResponse) -> TransactionDetails:
    """Of a query."""
    return TransactionDetails(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message),
        verification=message.verification,
        verification_state=_STATES.get(message.verification_state),
        method=message.method,
        act=message.act,
        text=message.text,
        text_digest=_digest(message.text_digest),
        text_version=message.text_version,
        reference=message.reference,
        began_channel=message.began_channel,
        operator=message.operator,
        began_at_ms=message.began_at or None,
        expires_at_ms=message.expires_at or None,
        ended_at_ms=message.ended_at or None,
        confirmed_by=message.confirmed_by,
        confirmed_at_ms=message.confirmed_at or None,
        reason=message.reason,
    )


def _entry(message: BusinessResponse) -> EntryRef | None:
    shard = message.entry_shard
    return None if shard == NO_SHARD else EntryRef(shard, message.entry_seq)


def _digest(octets: bytes) -> str:
    return bytes(octets).hex() if any(octets) else ""


def _tries(number: int) -> int | None:
    return None if number == BLANK_TRIES else number


_STATES: Final = {int(state): state for state in VerificationState if state}
