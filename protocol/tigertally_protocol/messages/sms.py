"""Codes by SMS: bind a phone, send a code bound to a transaction, verify it, ask what became of a
message.
"""

from __future__ import annotations

from typing import Any, Final

import construct
import msgspec

from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.fields import (
    U8,
    U64,
    Ident,
    Octets,
    Reserved,
    SealTrailer,
    SecretDigits,
    SecretIdent,
    SecretPad,
    Text,
)
from tigertally_protocol.messages.business import (
    BusinessResponse,
    institution_and_customer,
    prefix,
)
from tigertally_protocol.messages.transaction_fields import transaction_fields
from tigertally_protocol.secret import SecretText

MSCHAP_CHALLENGE: Final = 16
MSCHAP_RESPONSE: Final = 24


def _asked() -> tuple[Any, ...]:
    return (*institution_and_customer(), "reference" / Ident(32), "operator" / Ident(16))


class PhoneRequest(msgspec.Struct, frozen=True, gc=False):
    """BIND_PHONE or CHANGE_PHONE: the header's code says which.

    Attributes:
        language: of the texts, zh or en; blank: the channel's.
        mobile: the number with its leading + and country, or as dialled at home; secret.
    """

    institution: str = ""
    customer: str = ""
    reference: str = ""
    operator: str = ""
    language: str = ""
    mobile: SecretText = SecretText("")


PHONE_REQUEST: Final = construct.Struct(
    *_asked(),
    "language" / Ident(4),
    Reserved(4),
    "mobile" / SecretIdent(20),
    SecretPad(12),
    SealTrailer(),
)


class PhoneActRequest(msgspec.Struct, frozen=True, gc=False):
    """CANCEL_PHONE_CHANGE, UNBIND_PHONE, UNLOCK_SMS or QUERY_PHONE: the header's code says
    which.
    """

    institution: str = ""
    customer: str = ""
    reference: str = ""
    operator: str = ""
    reason: str = ""


PHONE_ACT_REQUEST: Final = construct.Struct(*_asked(), "reason" / Text(48))


class PhoneResponse(BusinessResponse, frozen=True, gc=False):
    """The customer's phone afterwards.

    Attributes:
        phone_state: a `PhoneState`.
        remaining_tries, locked_until: of codes by SMS, as for tokens.
        usable_from: until then only scenes that permit it use the number; 0: at once.
        number_tail: the last four digits of the number in force, or of the one that waits.
        language: of the texts.
    """

    phone_state: int = 0
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0
    usable_from: int = 0
    number_tail: str = ""
    language: str = ""


PHONE_RESPONSE: Final = construct.Struct(
    *prefix(),
    "phone_state" / U8,
    "remaining_tries" / U8,
    Reserved(6),
    "locked_until" / U64,
    "usable_from" / U64,
    "number_tail" / Ident(4),
    "language" / Ident(4),
)


class SendSmsCodeRequest(msgspec.Struct, frozen=True, gc=False):
    """Send the customer a code for this transaction.

    Attributes:
        language: of the text; blank: the customer's.
        app: seal the code for this app of the customer's; blank: the code stands in the text.
        scene: what kind of act it is; chooses text and parameters. blank: payment where there is an
            amount, confirm where there is a purpose, otherwise login.
        amount: in the currency's smallest unit.
        free_fields: further fields that the code is bound to, `name=value; name=value`.
    """

    institution: str = ""
    customer: str = ""
    reference: str = ""
    end_user_address: str = ""
    language: str = ""
    app: str = ""
    scene: str = ""
    amount: int = 0
    currency: str = ""
    payee: str = ""
    payee_name: str = ""
    purpose: str = ""
    free_fields: str = ""


SEND_SMS_CODE_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "reference" / Ident(32),
    "end_user_address" / Ident(40),
    "language" / Ident(4),
    "app" / Ident(24),
    *transaction_fields(),
)


class SendSmsCodeResponse(BusinessResponse, frozen=True, gc=False):
    """The code is on its way.

    Attributes:
        challenge: names this code when it is verified.
        message_id: names the message, for QUERY_SMS.
        server_code: to be shown on the page; the text says the same.
        expires_at: until when the code can be used.
        resend_at: before this another one is refused.
    """

    challenge: str = ""
    message_id: str = ""
    server_code: str = ""
    remaining_tries: int = BLANK_TRIES
    expires_at: int = 0
    resend_at: int = 0
    locked_until: int = 0


SEND_SMS_CODE_RESPONSE: Final = construct.Struct(
    *prefix(),
    "challenge" / Ident(32),
    "message_id" / Ident(32),
    "server_code" / Ident(4),
    "remaining_tries" / U8,
    Reserved(3),
    "expires_at" / U64,
    "resend_at" / U64,
    "locked_until" / U64,
)


def _answered() -> tuple[Any, ...]:
    return (
        *institution_and_customer(),
        "reference" / Ident(32),
        "end_user_address" / Ident(40),
        "challenge" / Ident(32),
        *transaction_fields(),
    )


class VerifySmsCodeRequest(msgspec.Struct, frozen=True, gc=False):
    """Is `otp` the code of this challenge and this transaction. Other fields as they were sent."""

    institution: str = ""
    customer: str = ""
    reference: str = ""
    end_user_address: str = ""
    challenge: str = ""
    scene: str = ""
    amount: int = 0
    currency: str = ""
    payee: str = ""
    payee_name: str = ""
    purpose: str = ""
    free_fields: str = ""
    otp: SecretText = SecretText("")


VERIFY_SMS_CODE_REQUEST: Final = construct.Struct(
    *_answered(), "otp" / SecretDigits(10), SecretPad(6), SealTrailer()
)


class VerifySmsResponse(BusinessResponse, frozen=True, gc=False):
    """What came of it; tries and lock are of codes by SMS, whichever code it was.

    Attributes:
        challenge: the one that was tried.
    """

    challenge: str = ""
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0


VERIFY_SMS_RESPONSE: Final = construct.Struct(
    *prefix(), "challenge" / Ident(32), "remaining_tries" / U8, Reserved(7), "locked_until" / U64
)


class VerifySmsMschapRequest(msgspec.Struct, frozen=True, gc=False):
    """As `VerifySmsCodeRequest`, by MS-CHAPv2 (RFC 2759) in place of the code itself.

    Attributes:
        user_name: as the peer computed with it.
        authenticator_challenge, peer_challenge: the two sides' challenges.
        nt_response: the peer's proof.
    """

    institution: str = ""
    customer: str = ""
    reference: str = ""
    end_user_address: str = ""
    challenge: str = ""
    scene: str = ""
    amount: int = 0
    currency: str = ""
    payee: str = ""
    payee_name: str = ""
    purpose: str = ""
    free_fields: str = ""
    user_name: str = ""
    authenticator_challenge: bytes = bytes(MSCHAP_CHALLENGE)
    peer_challenge: bytes = bytes(MSCHAP_CHALLENGE)
    nt_response: bytes = bytes(MSCHAP_RESPONSE)


VERIFY_SMS_MSCHAP_REQUEST: Final = construct.Struct(
    *_answered(),
    "user_name" / Ident(32),
    "authenticator_challenge" / Octets(MSCHAP_CHALLENGE),
    "peer_challenge" / Octets(MSCHAP_CHALLENGE),
    "nt_response" / Octets(MSCHAP_RESPONSE),
)


class VerifySmsMschapResponse(BusinessResponse, frozen=True, gc=False):
    """As `VerifySmsResponse`; `authenticator_response` (`S=` and 40 hexadecimal digits) proves to
    the peer that we know the code, and is blank unless approved.
    """

    challenge: str = ""
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0
    authenticator_response: str = ""


VERIFY_SMS_MSCHAP_RESPONSE: Final = construct.Struct(
    *prefix(),
    "challenge" / Ident(32),
    "remaining_tries" / U8,
    Reserved(7),
    "locked_until" / U64,
    "authenticator_response" / Ident(42),
)


class QuerySmsRequest(msgspec.Struct, frozen=True, gc=False):
    """What became of a message."""

    institution: str = ""
    customer: str = ""
    message_id: str = ""


QUERY_SMS_REQUEST: Final = construct.Struct(*institution_and_customer(), "message_id" / Ident(32))


class QuerySmsResponse(BusinessResponse, frozen=True, gc=False):
    """The message as it stands.

    Attributes:
        message_state: a `MessageState`.
        attempts: how often it was handed to a gateway.
        purpose_word: what it is: a scene or the name of a notice.
        queued_at, expires_at: milliseconds since the epoch.
        delivery_reason: what gateway or network said; may be blank.
    """

    message_state: int = 0
    attempts: int = 0
    purpose_word: str = ""
    queued_at: int = 0
    expires_at: int = 0
    delivery_reason: str = ""


QUERY_SMS_RESPONSE: Final = construct.Struct(
    *prefix(),
    "message_state" / U8,
    "attempts" / U8,
    Reserved(6),
    "purpose_word" / Ident(24),
    "queued_at" / U64,
    "expires_at" / U64,
    "delivery_reason" / Text(32),
)


class RegisterAppKeyRequest(msgspec.Struct, frozen=True, gc=False):
    """The key under which codes are sealed for one of the customer's apps; replaces an older one.

    Attributes:
        app: the bank's name for the installation.
        algorithm: sm4-gcm or aes-gcm.
        app_key: 32 or 64 hexadecimal digits, secret.
    """

    institution: str = ""
    customer: str = ""
    reference: str = ""
    operator: str = ""
    app: str = ""
    algorithm: str = ""
    app_key: SecretText = SecretText("")


REGISTER_APP_KEY_REQUEST: Final = construct.Struct(
    *_asked(),
    "app" / Ident(24),
    "algorithm" / Ident(8),
    "app_key" / SecretIdent(64),
    SecretPad(16),
    SealTrailer(),
)


class AppRequest(msgspec.Struct, frozen=True, gc=False):
    """REMOVE_APP_KEY."""

    institution: str = ""
    customer: str = ""
    reference: str = ""
    operator: str = ""
    app: str = ""
    reason: str = ""


APP_REQUEST: Final = construct.Struct(*_asked(), "app" / Ident(24), "reason" / Text(48))


class AppResponse(BusinessResponse, frozen=True, gc=False):
    """`app_count`: how many apps of the customer's have a key now."""

    app: str = ""
    app_count: int = 0


APP_RESPONSE: Final = construct.Struct(*prefix(), "app" / Ident(24), "app_count" / U8, Reserved(7))


class SendSmsWarningRequest(msgspec.Struct, frozen=True, gc=False):
    """Send the customer a warning in the bank's own words; `words` hold no code and no link."""

    institution: str = ""
    customer: str = ""
    reference: str = ""
    operator: str = ""
    language: str = ""
    words: str = ""


SEND_SMS_WARNING_REQUEST: Final = construct.Struct(
    *_asked(), "language" / Ident(4), Reserved(4), "words" / Text(180)
)


class SendSmsWarningResponse(BusinessResponse, frozen=True, gc=False):
    """`message_id` names it for QUERY_SMS."""

    message_id: str = ""


SEND_SMS_WARNING_RESPONSE: Final = construct.Struct(*prefix(), "message_id" / Ident(32))
