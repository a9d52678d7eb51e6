"""Verify a one-time password."""

from __future__ import annotations

from typing import Final

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
)
from tigertally_protocol.messages.business import (
    BusinessResponse,
    institution_and_customer,
    prefix,
)
from tigertally_protocol.secret import SecretText


class VerifyOtpRequest(msgspec.Struct, frozen=True, gc=False):
    """Is `otp` right for this user.

    Attributes:
        institution, customer: name the user.
        token: which of the user's tokens; empty: the single active one.
        reference: the bank's own name for what is being verified; may be empty.
        end_user_address: from where the customer came, for history; may be empty.
        otp: the one-time code, secret.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    end_user_address: str = ""
    otp: SecretText = SecretText("")


VERIFY_OTP_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "token" / Ident(24),
    "reference" / Ident(32),
    "end_user_address" / Ident(40),
    "otp" / SecretDigits(10),
    SecretPad(6),
    SealTrailer(),
)


class VerifyOtpResponse(BusinessResponse, frozen=True, gc=False):
    """What came of it; each field blank where there is nothing to tell or policy hides it.

    Attributes:
        token: the token that was looked at.
        token_state: a `TokenState`.
        remaining_tries: before the token locks; 255 is blank.
        locked_until: milliseconds since the epoch; 0 is none or blank.
    """

    token: str = ""
    token_state: int = 0
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0


VERIFY_OTP_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "token_state" / U8,
    "remaining_tries" / U8,
    Reserved(6),
    "locked_until" / U64,
)
