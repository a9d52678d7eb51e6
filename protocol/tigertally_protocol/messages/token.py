"""The life of a token: bind, assign, activate, take back, report lost, replace, void,
resynchronise, ask about.
"""

from __future__ import annotations

from typing import Any, Final

import construct
import msgspec

from tigertally_protocol.constants import BLANK_TRIES, NO_CELLS
from tigertally_protocol.fields import (
    U8,
    U16,
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
    """UNBIND_TOKEN, ENABLE_TOKEN, DISABLE_TOKEN, UNLOCK_TOKEN, REPORT_LOSS, WITHDRAW_LOSS,
    VOID_TOKEN, RESTORE_TOKEN or ASSIGN_TOKEN: the header's code says which. VOID_TOKEN and
    RESTORE_TOKEN of a token without an owner name no customer.
    """

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


class ActivateTokenRequest(msgspec.Struct, frozen=True, gc=False):
    """Begin to use an assigned token: `otp`, its first code, proves that it is in the right hands.

    Attributes:
        otp: a code of the token, secret.
        activation_code: of a token on a mobile phone, secret; blank for others.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    operator: str = ""
    otp: SecretText = SecretText("")
    activation_code: SecretText = SecretText("")


ACTIVATE_TOKEN_REQUEST: Final = construct.Struct(
    *_subject(),
    "otp" / SecretDigits(10),
    "activation_code" / SecretIdent(24),
    SecretPad(14),
    SealTrailer(),
)


class ReplaceTokenRequest(msgspec.Struct, frozen=True, gc=False):
    """Put a token of the stock in the place of one of the customer's.

    Attributes:
        token: the old one; it stays the customer's, for the record, and approves nothing more.
        new_token: the one that takes its place.
        assign: 1: the new one waits for its activation; 0: it can be used at once.
        carry_pin: 1: the PIN of the old one becomes that of the new one.
        otp: a code of the new token, secret; proves possession and may be blank.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    operator: str = ""
    new_token: str = ""
    reason: str = ""
    assign: int = 0
    carry_pin: int = 0
    otp: SecretText = SecretText("")


REPLACE_TOKEN_REQUEST: Final = construct.Struct(
    *_subject(),
    "new_token" / Ident(24),
    "reason" / Text(48),
    "assign" / U8,
    "carry_pin" / U8,
    Reserved(6),
    "otp" / SecretDigits(10),
    SecretPad(6),
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


class ReplaceTokenResponse(BusinessResponse, frozen=True, gc=False):
    """Both tokens afterwards.

    Attributes:
        token, token_state: the old one.
        new_token, new_token_state: the one in its place; blank where it wasn't replaced.
        pin_carried: 1: the new one has the old one's PIN.
    """

    token: str = ""
    token_state: int = 0
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0
    new_token: str = ""
    new_token_state: int = 0
    pin_carried: int = 0


REPLACE_TOKEN_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "token_state" / U8,
    "remaining_tries" / U8,
    Reserved(6),
    "locked_until" / U64,
    "new_token" / Ident(24),
    "new_token_state" / U8,
    "pin_carried" / U8,
    Reserved(6),
)


class QueryTokenRequest(msgspec.Struct, frozen=True, gc=False):
    """How a token stands. A token of the stock is asked about without a customer."""

    institution: str = ""
    customer: str = ""
    token: str = ""


QUERY_TOKEN_REQUEST: Final = construct.Struct(*institution_and_customer(), "token" / Ident(24))


class QueryTokenResponse(BusinessResponse, frozen=True, gc=False):
    """A token as it stands; times are milliseconds since the epoch, 0 = none.

    Attributes:
        token_type: how it makes its codes.
        replaced_by: the token that took its place; may be blank.
        cells_left: of a scratch card, 0xFFFF for what is none.
        valid_from, valid_to: its validity.
        activation_until: until when it can be activated on a mobile phone.
        emergency_until: until when an emergency code stands in for it.
    """

    token: str = ""
    token_state: int = 0
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0
    token_type: str = ""
    replaced_by: str = ""
    cells_left: int = NO_CELLS
    valid_from: int = 0
    valid_to: int = 0
    activation_until: int = 0
    emergency_until: int = 0


QUERY_TOKEN_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "token_state" / U8,
    "remaining_tries" / U8,
    Reserved(6),
    "locked_until" / U64,
    "token_type" / Ident(32),
    "replaced_by" / Ident(24),
    "cells_left" / U16,
    Reserved(6),
    "valid_from" / U64,
    "valid_to" / U64,
    "activation_until" / U64,
    "emergency_until" / U64,
)
