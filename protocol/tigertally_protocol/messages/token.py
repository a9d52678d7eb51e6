"""Bind, unbind, enable, disable, unlock and resynchronise a token."""

from __future__ import annotations

from typing import Any, Final

import construct
import msgspec

from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.fields import (
    U8,
    U64,
    Ident,
    Reserved,
    SealTrailer,
    SecretDigits,
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


class BindTokenRequest(msgspec.Struct, frozen=True, gc=False):
    """Bind a token to a user; `otp`, secret, proves possession and may be blank."""

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    operator: str = ""
    otp: SecretText = SecretText("")


BIND_TOKEN_REQUEST: Final = construct.Struct(
    *_subject(), "otp" / SecretDigits(10), SecretPad(6), SealTrailer()
)


class TokenRequest(msgspec.Struct, frozen=True, gc=False):
    """UNBIND_TOKEN, ENABLE_TOKEN, DISABLE_TOKEN or UNLOCK_TOKEN: the header's code says which."""

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    operator: str = ""
    reason: str = ""


TOKEN_REQUEST: Final = construct.Struct(*_subject(), "reason" / Text(48))


class ResyncTokenRequest(msgspec.Struct, frozen=True, gc=False):
    """Find a token that drifted, by two codes that follow one another; both secret."""

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    operator: str = ""
    otp_1: SecretText = SecretText("")
    otp_2: SecretText = SecretText("")


RESYNC_TOKEN_REQUEST: Final = construct.Struct(
    *_subject(),
    "otp_1" / SecretDigits(10),
    "otp_2" / SecretDigits(10),
    SecretPad(12),
    SealTrailer(),
)


class TokenResponse(BusinessResponse, frozen=True, gc=False):
    """The token afterwards; fields as in `VerifyOtpResponse`."""

    token: str = ""
    token_state: int = 0
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0


TOKEN_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "token_state" / U8,
    "remaining_tries" / U8,
    Reserved(6),
    "locked_until" / U64,
)
