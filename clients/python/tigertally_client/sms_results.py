"""What calls about codes by SMS return. As in `results`: blanks of the wire become None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tigertally_client.results import EntryRef, Receipt, Result
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import BLANK_TRIES, NO_SHARD
from tigertally_protocol.messages.sms import (
    AppResponse,
    PhoneResponse,
    QuerySmsResponse,
    SendSmsCodeResponse,
    SendSmsWarningResponse,
    VerifySmsMschapResponse,
    VerifySmsResponse,
)
from tigertally_protocol.transactions import MessageState, PhoneState


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneResult(Result):
    """The customer's phone afterwards. Times are UTC milliseconds.

    Attributes:
        phone_state: None when blank.
        remaining_tries: wrong codes left until codes by SMS lock; None when blank.
        locked_until_ms: None when not locked or blank.
        usable_from_ms: until then few scenes use the number; None: at once.
        number_tail: the last four digits.
        language: of the texts.
    """

    phone_state: PhoneState | None
    remaining_tries: int | None
    locked_until_ms: int | None
    usable_from_ms: int | None
    number_tail: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsCodeSent(Result):
    """A code is on its way, or why not. Times are UTC milliseconds, None when blank.

    Attributes:
        challenge: keep it for the verification.
        message_id: for `query_sms`.
        server_code: show it on the page; the text says the same.
        resend_at_ms: before this another code is refused.
    """

    challenge: str
    message_id: str
    server_code: str
    remaining_tries: int | None
    expires_at_ms: int | None
    resend_at_ms: int | None
    locked_until_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsVerifyResult(Result):
    """Answer to a code by SMS.

    Attributes:
        authenticator_response: of MS-CHAPv2, to be given to the peer; "" otherwise.
    """

    challenge: str
    remaining_tries: int | None
    locked_until_ms: int | None
    authenticator_response: str

    @property
    def approved(self) -> bool:
        """Whether the code was approved: the only thing that lets a customer in."""
        return self.code is ResponseCode.APPROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsDelivery(Result):
    """What became of a message.

    Attributes:
        message_state: None: there is no such message of this customer.
        attempts: how often it was handed to a gateway.
        purpose: a scene, or the name of a notice.
        queued_at_ms, expires_at_ms: UTC; None when blank.
        reason: what gateway or network said.
    """

    message_state: MessageState | None
    attempts: int
    purpose: str
    queued_at_ms: int | None
    expires_at_ms: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppResult(Result):
    """`app_count`: how many apps of the customer's have a key now."""

    app: str
    app_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningSent(Result):
    """`message_id`: for `query_sms`; "" when none was sent."""

    message_id: str


def phone_result(receipt: Receipt, message: PhoneResponse) -> PhoneResult:
    """Of everything about a phone."""
    return PhoneResult(
        **_common(receipt, message),
        phone_state=_PHONE_STATES.get(message.phone_state),
        remaining_tries=_tries(message.remaining_tries),
        locked_until_ms=message.locked_until or None,
        usable_from_ms=message.usable_from or None,
        number_tail=message.number_tail,
        language=message.language,
    )


def sms_code_sent(receipt: Receipt, message: SendSmsCodeResponse) -> SmsCodeSent:
    """Of sending a code."""
    return SmsCodeSent(
        **_common(receipt, message),
        challenge=message.challenge,
        message_id=message.message_id,
        server_code=message.server_code,
        remaining_tries=_tries(message.remaining_tries),
        expires_at_ms=message.expires_at or None,
        resend_at_ms=message.resend_at or None,
        locked_until_ms=message.locked_until or None,
    )


def sms_verify_result(
    receipt: Receipt, message: VerifySmsResponse | VerifySmsMschapResponse
) -> SmsVerifyResult:
    """Of a verification, whichever way."""
    return SmsVerifyResult(
        **_common(receipt, message),
        challenge=message.challenge,
        remaining_tries=_tries(message.remaining_tries),
        locked_until_ms=message.locked_until or None,
        authenticator_response=getattr(message, "authenticator_response", ""),
    )


def sms_delivery(receipt: Receipt, message: QuerySmsResponse) -> SmsDelivery:
    """Of a query about a message."""
    return SmsDelivery(
        **_common(receipt, message),
        message_state=_MESSAGE_STATES.get(message.message_state),
        attempts=message.attempts,
        purpose=message.purpose_word,
        queued_at_ms=message.queued_at or None,
        expires_at_ms=message.expires_at or None,
        reason=message.delivery_reason,
    )


def app_result(receipt: Receipt, message: AppResponse) -> AppResult:
    """Of an app's key."""
    return AppResult(**_common(receipt, message), app=message.app, app_count=message.app_count)


def warning_sent(receipt: Receipt, message: SendSmsWarningResponse) -> WarningSent:
    """Of a warning."""
    return WarningSent(**_common(receipt, message), message_id=message.message_id)


def _common(receipt: Receipt, message: Any) -> dict[str, Any]:
    shard = message.entry_shard
    entry = None if shard == NO_SHARD else EntryRef(shard, message.entry_seq)
    return {"receipt": receipt, "detail": message.detail, "entry": entry}


def _tries(number: int) -> int | None:
    return None if number == BLANK_TRIES else number


# A newer server may send numbers that this client has no name for: they read as blank.
_PHONE_STATES: Final = {int(state): state for state in PhoneState if state}
_MESSAGE_STATES: Final = {int(state): state for state in MessageState if state}
