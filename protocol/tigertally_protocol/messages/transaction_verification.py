"""Verify a transaction over the text that its customer reads (交易验证): begin, let customer
service confirm, complete, ask.

The channel says what the transaction is, field by field; the server composes the text, binds the
code or question to it, and wants the same fields said again when it is completed.
"""

from __future__ import annotations

from typing import Any, Final

import construct
import msgspec

from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.fields import (
    U8,
    U16,
    U32,
    U64,
    Ident,
    Octets,
    Reserved,
    SealTrailer,
    SecretDigits,
    SecretIdent,
    SecretPad,
    SecretTextField,
    Text,
)
from tigertally_protocol.messages.business import (
    BusinessResponse,
    institution_and_customer,
    prefix,
)
from tigertally_protocol.messages.ocra import ANSWER_LENGTH, NO_DIGEST, QUESTION_LENGTH
from tigertally_protocol.messages.proof import PIN_LENGTH
from tigertally_protocol.secret import SecretText

TEXT_WIDTH: Final = 800  # two hundred characters of four bytes


def _fields() -> tuple[Any, ...]:
    return (
        "act" / Ident(16),
        "language" / Ident(4),
        "currency" / Ident(4),
        "sum" / Ident(24),
        "payee" / Ident(36),
        "payee_name" / Text(96),
        "bank" / Text(72),
        "purpose" / Text(96),
        "ordered_at" / U64,
    )


class BeginTransactionRequest(msgspec.Struct, frozen=True, gc=False):
    """Compose the text of a transaction and have it confirmed.

    Attributes:
        operator: who entered it, where a member of staff did; may not confirm it then.
        method: sms, ocra or service.
        token: for ocra: which token; blank: the single active one.
        app: for sms: seal the code for this app; blank: the code stands in the message.
        lasts_s: seconds in which it can be completed; 0: ten minutes.
        act: transfer, payment, withdrawal, new_payee, limit or other.
        language: of the text; blank: the channel's.
        sum: decimal, at most as many digits behind the point as the currency has.
        ordered_at: milliseconds since the epoch; 0: now.
    """

    institution: str = ""
    customer: str = ""
    reference: str = ""
    end_user_address: str = ""
    operator: str = ""
    method: str = ""
    token: str = ""
    app: str = ""
    lasts_s: int = 0
    act: str = ""
    language: str = ""
    currency: str = ""
    sum: str = ""
    payee: str = ""
    payee_name: str = ""
    bank: str = ""
    purpose: str = ""
    ordered_at: int = 0


BEGIN_TRANSACTION_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "reference" / Ident(32),
    "end_user_address" / Ident(40),
    "operator" / Ident(16),
    "method" / Ident(8),
    "token" / Ident(24),
    "app" / Ident(24),
    "lasts_s" / U32,
    *_fields(),
)


class BeginTransactionResponse(BusinessResponse, frozen=True, gc=False):
    """The text, and what the customer is to do.

    Attributes:
        verification: names it from now on.
        text_digest: of text and fields; code and question are bound to it.
        text: what the customer must be shown, secret.
        question: for ocra: what the token is asked.
        server_code, message_id, resend_at: for sms, as in SEND_SMS_CODE.
    """

    verification: str = ""
    text_version: int = 0
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0
    expires_at: int = 0
    resend_at: int = 0
    server_code: str = ""
    message_id: str = ""
    token: str = ""
    question: str = ""
    text_digest: bytes = NO_DIGEST
    text: SecretText = SecretText("")


BEGIN_TRANSACTION_RESPONSE: Final = construct.Struct(
    *prefix(),
    "verification" / Ident(32),
    "text_version" / U16,
    "remaining_tries" / U8,
    Reserved(5),
    "locked_until" / U64,
    "expires_at" / U64,
    "resend_at" / U64,
    "server_code" / Ident(4),
    "message_id" / Ident(32),
    "token" / Ident(24),
    "question" / Ident(QUESTION_LENGTH),
    "text_digest" / Octets(32),
    "text" / SecretTextField(TEXT_WIDTH),
    SecretPad(16),
    SealTrailer(),
)


class ConfirmByServiceRequest(msgspec.Struct, frozen=True, gc=False):
    """Customer service has read the text to the customer.

    Attributes:
        verdict: confirm or refuse; any verification can be refused, whatever its method.
        text_digest: of the text that was read out.
        operator: who did; never blank.
    """

    institution: str = ""
    customer: str = ""
    verification: str = ""
    reference: str = ""
    operator: str = ""
    verdict: str = ""
    reason: str = ""
    text_digest: bytes = NO_DIGEST


CONFIRM_BY_SERVICE_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "verification" / Ident(32),
    "reference" / Ident(32),
    "operator" / Ident(16),
    "verdict" / Ident(8),
    "reason" / Text(48),
    "text_digest" / Octets(32),
)


class CompleteTransactionRequest(msgspec.Struct, frozen=True, gc=False):
    """Was this transaction, as it is now to be executed, confirmed?

    Attributes:
        method: the one it was begun with.
        proof: for sms the code, for ocra what the token shows; blank for service; secret.
        pin: for tokens that mix one in, as in VERIFY_OCRA; secret.
        act … ordered_at: the same as at the beginning; `language` and `ordered_at` may be blank.
    """

    institution: str = ""
    customer: str = ""
    reference: str = ""
    end_user_address: str = ""
    verification: str = ""
    method: str = ""
    act: str = ""
    language: str = ""
    currency: str = ""
    sum: str = ""
    payee: str = ""
    payee_name: str = ""
    bank: str = ""
    purpose: str = ""
    ordered_at: int = 0
    proof: SecretText = SecretText("")
    pin: SecretText = SecretText("")


COMPLETE_TRANSACTION_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "reference" / Ident(32),
    "end_user_address" / Ident(40),
    "verification" / Ident(32),
    "method" / Ident(8),
    *_fields(),
    "proof" / SecretIdent(ANSWER_LENGTH),
    "pin" / SecretDigits(PIN_LENGTH),
    SecretPad(4),
    SealTrailer(),
)


class TransactionResponse(BusinessResponse, frozen=True, gc=False):
    """Of confirming and completing.

    Attributes:
        verification_state: a `VerificationState` after this request.
        token: for ocra: the token that answered.
        text_digest: of the text that was confirmed; zeros unless approved or changed.
    """

    verification: str = ""
    verification_state: int = 0
    remaining_tries: int = BLANK_TRIES
    text_version: int = 0
    method: str = ""
    token: str = ""
    locked_until: int = 0
    expires_at: int = 0
    text_digest: bytes = NO_DIGEST


TRANSACTION_RESPONSE: Final = construct.Struct(
    *prefix(),
    "verification" / Ident(32),
    "verification_state" / U8,
    "remaining_tries" / U8,
    "text_version" / U16,
    Reserved(4),
    "method" / Ident(8),
    "token" / Ident(24),
    "locked_until" / U64,
    "expires_at" / U64,
    "text_digest" / Octets(32),
)


class QueryTransactionRequest(msgspec.Struct, frozen=True, gc=False):
    """How, when and over which text. Any channel of the institution may ask."""

    institution: str = ""
    customer: str = ""
    verification: str = ""


QUERY_TRANSACTION_REQUEST: Final = construct.Struct(
    *institution_and_customer(), "verification" / Ident(32)
)


class QueryTransactionResponse(BusinessResponse, frozen=True, gc=False):
    """A verification as it stands.

    Attributes:
        verification_state: a `VerificationState`.
        began_channel, operator: who began it.
        confirmed_by, confirmed_at, reason: customer service's word; blank without one.
        act: what kind of transaction it is.
        text: what the customer was shown, secret.
    """

    verification: str = ""
    verification_state: int = 0
    text_version: int = 0
    method: str = ""
    began_channel: int = 0
    operator: str = ""
    reference: str = ""
    act: str = ""
    began_at: int = 0
    expires_at: int = 0
    ended_at: int = 0
    confirmed_at: int = 0
    confirmed_by: str = ""
    reason: str = ""
    text_digest: bytes = NO_DIGEST
    text: SecretText = SecretText("")


QUERY_TRANSACTION_RESPONSE: Final = construct.Struct(
    *prefix(),
    "verification" / Ident(32),
    "verification_state" / U8,
    Reserved(1),
    "text_version" / U16,
    "method" / Ident(8),
    "began_channel" / U32,
    "operator" / Ident(16),
    "reference" / Ident(32),
    "act" / Ident(16),
    "began_at" / U64,
    "expires_at" / U64,
    "ended_at" / U64,
    "confirmed_at" / U64,
    "confirmed_by" / Ident(16),
    "reason" / Text(48),
    "text_digest" / Octets(32),
    "text" / SecretTextField(TEXT_WIDTH),
    SecretPad(16),
    SealTrailer(),
)
