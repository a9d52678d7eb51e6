"""Tokens on mobile phones, whose seed is made of two halves; emergency codes for lost tokens."""

from __future__ import annotations

from typing import Any, Final

import construct
import msgspec

from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.fields import (
    U8,
    U32,
    U64,
    Ident,
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
from tigertally_protocol.secret import SecretText


def _subject() -> tuple[Any, ...]:
    return (
        *institution_and_customer(),
        "token" / Ident(24),
        "reference" / Ident(32),
        "operator" / Ident(16),
    )


class StartActivationRequest(msgspec.Struct, frozen=True, gc=False):
    """Make the server's half of an assigned token's seed, for the QR code.

    Attributes:
        valid_s: seconds in which the token must be activated; 0 = a day.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    operator: str = ""
    valid_s: int = 0


START_ACTIVATION_REQUEST: Final = construct.Struct(*_subject(), "valid_s" / U32, Reserved(4))


class StartActivationResponse(BusinessResponse, frozen=True, gc=False):
    """`uri`, secret: the otpauth:// URI with the half; `expires_at`: ms since the epoch."""

    token: str = ""
    token_state: int = 0
    expires_at: int = 0
    uri: SecretText = SecretText("")


START_ACTIVATION_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "token_state" / U8,
    Reserved(7),
    "expires_at" / U64,
    "uri" / SecretIdent(304),
    SecretPad(16),
    SealTrailer(),
)


class IssueActivationCodeRequest(msgspec.Struct, frozen=True, gc=False):
    """Make the activation code, the customer's half, to be sent by another way than the first."""

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    operator: str = ""


ISSUE_ACTIVATION_CODE_REQUEST: Final = construct.Struct(*_subject())


class IssueActivationCodeResponse(BusinessResponse, frozen=True, gc=False):
    """`activation_code`: secret; `remaining_tries`: of the code."""

    token: str = ""
    token_state: int = 0
    remaining_tries: int = BLANK_TRIES
    expires_at: int = 0
    activation_code: SecretText = SecretText("")


ISSUE_ACTIVATION_CODE_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "token_state" / U8,
    "remaining_tries" / U8,
    Reserved(6),
    "expires_at" / U64,
    "activation_code" / SecretIdent(24),
    SecretPad(8),
    SealTrailer(),
)


class IssueEmergencyCodeRequest(msgspec.Struct, frozen=True, gc=False):
    """Give the customer a code that stands in for a lost token.

    Attributes:
        uses: how often it may be used; 0 = three times, at most ten.
        valid_s: for how many seconds; 0 = a day, at most three.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    operator: str = ""
    reason: str = ""
    uses: int = 0
    valid_s: int = 0


ISSUE_EMERGENCY_CODE_REQUEST: Final = construct.Struct(
    *_subject(), "reason" / Text(48), "uses" / U8, Reserved(3), "valid_s" / U32
)


class IssueEmergencyCodeResponse(BusinessResponse, frozen=True, gc=False):
    """`emergency_code`: secret; `expires_at`: ms since the epoch."""

    token: str = ""
    token_state: int = 0
    uses_left: int = 0
    expires_at: int = 0
    emergency_code: SecretText = SecretText("")


ISSUE_EMERGENCY_CODE_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "token_state" / U8,
    "uses_left" / U8,
    Reserved(6),
    "expires_at" / U64,
    "emergency_code" / SecretDigits(10),
    SecretPad(6),
    SealTrailer(),
)


class VerifyEmergencyCodeRequest(msgspec.Struct, frozen=True, gc=False):
    """Is `otp` the emergency code of a lost token; fields as in `VerifyOtpRequest`."""

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    end_user_address: str = ""
    otp: SecretText = SecretText("")


VERIFY_EMERGENCY_CODE_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "token" / Ident(24),
    "reference" / Ident(32),
    "end_user_address" / Ident(40),
    "otp" / SecretDigits(10),
    SecretPad(6),
    SealTrailer(),
)


class VerifyEmergencyCodeResponse(BusinessResponse, frozen=True, gc=False):
    """As `VerifyOtpResponse`, tries and lock being the code's own; `uses_left`: of the code."""

    token: str = ""
    token_state: int = 0
    remaining_tries: int = BLANK_TRIES
    uses_left: int = 0
    locked_until: int = 0
    expires_at: int = 0


VERIFY_EMERGENCY_CODE_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "token_state" / U8,
    "remaining_tries" / U8,
    "uses_left" / U8,
    Reserved(5),
    "locked_until" / U64,
    "expires_at" / U64,
)
