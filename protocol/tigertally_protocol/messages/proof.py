"""A one-time password with a PIN, or hidden in the answer of an access protocol; the PIN itself."""

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
    SecretPad,
    Text,
)
from tigertally_protocol.messages.business import (
    BusinessResponse,
    institution_and_customer,
    prefix,
)
from tigertally_protocol.secret import SecretText

CHALLENGE_BYTES: Final = 16
CHAP_RESPONSE_BYTES: Final = 16
NT_RESPONSE_BYTES: Final = 24
AUTHENTICATOR_RESPONSE_LENGTH: Final = 42
PIN_LENGTH: Final = 12


def _subject() -> tuple[Any, ...]:
    return (
        *institution_and_customer(),
        "token" / Ident(24),
        "reference" / Ident(32),
        "end_user_address" / Ident(40),
    )


class VerifyPinOtpRequest(msgspec.Struct, frozen=True, gc=False):
    """Are `pin` and `otp` right for this user's token; both secret. Otherwise as VERIFY_OTP, whose
    answer it has.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    end_user_address: str = ""
    otp: SecretText = SecretText("")
    pin: SecretText = SecretText("")


VERIFY_PIN_OTP_REQUEST: Final = construct.Struct(
    *_subject(),
    "otp" / SecretDigits(10),
    "pin" / SecretDigits(PIN_LENGTH),
    SecretPad(10),
    SealTrailer(),
)


class SetTokenPinRequest(msgspec.Struct, frozen=True, gc=False):
    """Set or change a token's PIN.

    Attributes:
        pin: the one in force, secret; blank where there is none, or where it is set anew without.
        new_pin: secret.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    end_user_address: str = ""
    operator: str = ""
    reason: str = ""
    pin: SecretText = SecretText("")
    new_pin: SecretText = SecretText("")


SET_TOKEN_PIN_REQUEST: Final = construct.Struct(
    *_subject(),
    "operator" / Ident(16),
    "reason" / Text(48),
    "pin" / SecretDigits(PIN_LENGTH),
    "new_pin" / SecretDigits(PIN_LENGTH),
    SecretPad(8),
    SealTrailer(),
)


class VerifyMschapv2Request(msgspec.Struct, frozen=True, gc=False):
    """As VERIFY_OTP, the code hidden in an MS-CHAPv2 response (RFC 2759).

    Attributes:
        user_name: as the peer hashed it, without domain; blank: the customer number.
        authenticator_challenge: as the peer was asked.
        peer_challenge: the peer's own.
        nt_response: the peer's proof.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    end_user_address: str = ""
    user_name: str = ""
    authenticator_challenge: bytes = bytes(CHALLENGE_BYTES)
    peer_challenge: bytes = bytes(CHALLENGE_BYTES)
    nt_response: bytes = bytes(NT_RESPONSE_BYTES)


VERIFY_MSCHAPV2_REQUEST: Final = construct.Struct(
    *_subject(),
    "user_name" / Text(64),
    "authenticator_challenge" / Octets(CHALLENGE_BYTES),
    "peer_challenge" / Octets(CHALLENGE_BYTES),
    "nt_response" / Octets(NT_RESPONSE_BYTES),
)


class VerifyMschapv2Response(BusinessResponse, frozen=True, gc=False):
    """As `VerifyOtpResponse`; `authenticator_response` ("S=" and 40 hexadecimal digits) proves to
    the peer that the server knows the code, too. Blank unless approved.
    """

    token: str = ""
    token_state: int = 0
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0
    authenticator_response: str = ""


VERIFY_MSCHAPV2_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "token_state" / U8,
    "remaining_tries" / U8,
    Reserved(6),
    "locked_until" / U64,
    "authenticator_response" / Ident(AUTHENTICATOR_RESPONSE_LENGTH),
)


class VerifyChapRequest(msgspec.Struct, frozen=True, gc=False):
    """As VERIFY_OTP, the code hidden in a CHAP response (RFC 1994).

    Attributes:
        identifier: of the CHAP packets.
        authenticator_challenge: as the peer was asked.
        chap_response: the peer's proof.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    end_user_address: str = ""
    identifier: int = 0
    authenticator_challenge: bytes = bytes(CHALLENGE_BYTES)
    chap_response: bytes = bytes(CHAP_RESPONSE_BYTES)


VERIFY_CHAP_REQUEST: Final = construct.Struct(
    *_subject(),
    "identifier" / U8,
    Reserved(7),
    "authenticator_challenge" / Octets(CHALLENGE_BYTES),
    "chap_response" / Octets(CHAP_RESPONSE_BYTES),
)
