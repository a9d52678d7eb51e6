"""What a call returns: frozen records with the response code and the answer's fields.

One record per kind of answer and one function per record that builds it from the message. Blanks of
the wire become None, so that a caller can't take "hidden by policy" for zero. Names and mobile
numbers stay `SecretText`: `.reveal()` gives the text, printing gives «secret».
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_protocol.constants import BLANK_TRIES, NO_CELLS, NO_SHARD
from tigertally_protocol.messages.query import QueryResponse
from tigertally_protocol.messages.token import (
    QueryTokenResponse,
    ReplaceTokenResponse,
    TokenResponse,
)
from tigertally_protocol.messages.user import TOKENS_LISTED, QueryUserResponse, UserResponse
from tigertally_protocol.messages.verification import VerifyOtpResponse
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import QueryState, TokenState, Transaction, UserState

_QUERY_ANSWERED_STATES: Final = frozenset({QueryState.RECORDED, QueryState.CANCELLED})


@dataclass(frozen=True, slots=True)
class EntryRef:
    """Where the audit log holds the entry of this answer; `audit prove` takes it."""

    shard: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What is common to every answer, gathered by the call.

    Attributes:
        code: the response code.
        serial: the request's serial.
        business_day: days since 1970-01-01.
        retry_after_ms: the server's wish with a BUSY, else 0.
        tries: how often the request went out.
    """

    code: ResponseCode
    serial: int
    business_day: int
    retry_after_ms: int
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An authentic answer of the server.

    Attributes:
        receipt: code, serial and day.
        detail: name of the field at fault, or "".
        entry: the audit entry; None when the answer isn't recorded.
    """

    receipt: Receipt
    detail: str
    entry: EntryRef | None

    @property
    def code(self) -> ResponseCode:
        return self.receipt.code

    @property
    def code_class(self) -> CodeClass:
        return CODES[self.receipt.code].cls

    @property
    def serial(self) -> int:
        return self.receipt.serial

    @property
    def business_day(self) -> int:
        return self.receipt.business_day

    @property
    def succeeded(self) -> bool:
        """Approved, changed, or (a query) answered."""
        return self.code_class in {CodeClass.APPROVED, CodeClass.CHANGED, CodeClass.ANSWERED}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenResult(Result):
    """Answer about one token.

    Attributes:
        token: its serial number, "" when there is none or policy hides it.
        token_state: None when blank.
        remaining_tries: wrong codes left until it locks; None when blank.
        locked_until_ms: UTC milliseconds; None when not locked or blank.
    """

    token: str
    token_state: TokenState | None
    remaining_tries: int | None
    locked_until_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResult(TokenResult):
    """Answer to a one-time password."""

    @property
    def approved(self) -> bool:
        """Whether the server approved the code: the only thing that lets a customer in."""
        return self.code is ResponseCode.APPROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceResult(TokenResult):
    """Answer to a replacement; the inherited fields speak of the old token.

    Attributes:
        new_token: the one in its place, "" where nothing was replaced.
        new_token_state: its state; None when blank.
        pin_carried: whether the old one's PIN became the new one's.
    """

    new_token: str
    new_token_state: TokenState | None
    pin_carried: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDetails(TokenResult):
    """Answer to `query_token`; times are UTC milliseconds.

    Attributes:
        token_type: name of its type.
        replaced_by: the token that took its place, or "".
        cells_left: unused cells of a scratch card; None for what is none.
        valid_from_ms: begin of its validity.
        valid_to_ms: end of its validity.
        activation_until_ms: until when it can be activated; None when nothing waits.
        emergency_until_ms: until when an emergency code stands in; None when none does.
    """

    token_type: str
    replaced_by: str
    cells_left: int | None
    valid_from_ms: int
    valid_to_ms: int
    activation_until_ms: int | None
    emergency_until_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserResult(Result):
    """Answer to registering or closing a user."""

    user_state: UserState | None


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A token bound to a user."""

    serial: str
    state: TokenState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDetails(Result):
    """Answer to `query_user`. `registered_at_ms` is UTC, None when blank."""

    user_state: UserState | None
    registered_at_ms: int | None
    token_count: int
    tokens: tuple[HeldToken, ...]
    name: SecretText
    mobile: SecretText


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult(Result):
    """What the server knows about a serial or a reference; also the answer to a cancellation.

    Attributes:
        state: none, in progress, recorded, not seen, or cancelled.
        of_transaction: what was asked then; None when blank.
        of_result: what was answered then; None when nothing is recorded.
        of_time_ms: when, UTC; None when blank.
        of_serial: the serial found.
        of_entry: its audit entry.
        method: the method of authentication.
        token: the token.
        customer: the customer number.
        reference: the bank's own reference.
    """

    state: QueryState
    of_transaction: Transaction | None
    of_result: ResponseCode | None
    of_time_ms: int | None
    of_serial: int
    of_entry: EntryRef | None
    method: str
    token: str
    customer: str
    reference: str


class Execution(StrEnum):
    """What is certain about a request whose answer was lost."""

    EXECUTED = "executed"
    NOT_EXECUTED = "not executed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The end of an unknown outcome.

    Attributes:
        execution: whether the request was executed.
        result: its response code when it was.
        evidence: the answer that says so.
    """

    execution: Execution
    result: ResponseCode | None
    evidence: QueryResult


class _TokenStanding(Protocol):
    """The fields that answers about a token have in common."""

    @property
    def detail(self) -> str: ...
    @property
    def entry_shard(self) -> int: ...
    @property
    def entry_seq(self) -> int: ...
    @property
    def token(self) -> str: ...
    @property
    def token_state(self) -> int: ...
    @property
    def remaining_tries(self) -> int: ...
    @property
    def locked_until(self) -> int: ...


def token_standing(receipt: Receipt, message: _TokenStanding) -> dict[str, Any]:
    """The fields of a `TokenResult`, for records that add to it."""
    return {
        "receipt": receipt,
        "detail": message.detail,
        "entry": _entry(message.entry_shard, message.entry_seq),
        "token": message.token,
        "token_state": _token_state(message.token_state),
        "remaining_tries": _tries(message.remaining_tries),
        "locked_until_ms": message.locked_until or None,
    }


def token_result(receipt: Receipt, message: TokenResponse) -> TokenResult:
    """Of the operations on one token."""
    return TokenResult(**token_standing(receipt, message))


def replace_result(receipt: Receipt, message: ReplaceTokenResponse) -> ReplaceResult:
    """Of a replacement."""
    return ReplaceResult(
        **token_standing(receipt, message),
        new_token=message.new_token,
        new_token_state=_token_state(message.new_token_state),
        pin_carried=bool(message.pin_carried),
    )


def token_details(receipt: Receipt, message: QueryTokenResponse) -> TokenDetails:
    """Of a query about a token."""
    return TokenDetails(
        **token_standing(receipt, message),
        token_type=message.token_type,
        replaced_by=message.replaced_by,
        cells_left=None if message.cells_left == NO_CELLS else message.cells_left,
        valid_from_ms=message.valid_from,
        valid_to_ms=message.valid_to,
        activation_until_ms=message.activation_until or None,
        emergency_until_ms=message.emergency_until or None,
    )


def verify_result(receipt: Receipt, message: VerifyOtpResponse) -> VerifyResult:
    """Of a verification."""
    return VerifyResult(**token_standing(receipt, message))


def user_result(receipt: Receipt, message: UserResponse) -> UserResult:
    """Of registering and closing a user."""
    return UserResult(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message.entry_shard, message.entry_seq),
        user_state=_user_state(message.user_state),
    )


def user_details(receipt: Receipt, message: QueryUserResponse) -> UserDetails:
    """Of a query about a user."""
    held = (
        (getattr(message, f"token_{number}"), getattr(message, f"token_{number}_state"))
        for number in range(1, TOKENS_LISTED + 1)
    )
    return UserDetails(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message.entry_shard, message.entry_seq),
        user_state=_user_state(message.user_state),
        registered_at_ms=message.registered_at or None,
        token_count=message.token_count,
        tokens=tuple(HeldToken(serial, _token_state(state)) for serial, state in held if serial),
        name=message.name,
        mobile=message.mobile,
    )


def query_result(receipt: Receipt, message: QueryResponse) -> QueryResult:
    """Of a query about a serial or reference, or of a cancellation."""
    state = QueryState(message.of_state) if message.of_state in _STATES else QueryState.NONE
    known = state in _QUERY_ANSWERED_STATES
    return QueryResult(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message.entry_shard, message.entry_seq),
        state=state,
        of_transaction=_TRANSACTIONS.get(message.of_transaction),
        of_result=_CODES.get(message.of_result) if known and message.of_result else None,
        of_time_ms=message.of_time or None,
        of_serial=message.of_serial,
        of_entry=_entry(message.of_shard, message.of_seq) if known else None,
        method=message.method,
        token=message.token,
        customer=message.customer,
        reference=message.reference,
    )


def _entry(shard: int, seq: int) -> EntryRef | None:
    return None if shard == NO_SHARD else EntryRef(shard, seq)


def _token_state(number: int) -> TokenState | None:
    return _TOKEN_STATES.get(number)


def _user_state(number: int) -> UserState | None:
    return _USER_STATES.get(number)


def _tries(number: int) -> int | None:
    return None if number == BLANK_TRIES else number


# A newer server may send numbers that this client has no name for: they read as blank.
_TOKEN_STATES: Final = {int(state): state for state in TokenState if state}
_USER_STATES: Final = {int(state): state for state in UserState if state}
_STATES: Final = frozenset(int(state) for state in QueryState)
_TRANSACTIONS: Final = {int(transaction): transaction for transaction in Transaction}
_CODES: Final = {int(code): code for code in ResponseCode}
