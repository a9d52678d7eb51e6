"""Passwords and PINs: set, change, reset, verify, query, unlock, disable, enable.

One set of messages serves both: `kind` says which, `slot` which of several of that kind (blank: the
ordinary one). A password is secret text of at most 128 bytes in the channel's charset; blanks at
its end don't count.
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
    Reserved,
    SealTrailer,
    SecretDigits,
    SecretPad,
    SecretTextField,
    Text,
)
from tigertally_protocol.messages.business import (
    BusinessResponse,
    institution_and_customer,
    prefix,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import PasswordKind

PASSWORD_WIDTH: Final = 128
_KNOWN_WIDTH: Final = 96


def _subject() -> tuple[Any, ...]:
    return (
        *institution_and_customer(),
        "kind" / U8,
        Reserved(7),
        "slot" / Ident(16),
        "reference" / Ident(32),
    )


class SetPasswordRequest(msgspec.Struct, frozen=True, gc=False):
    """The first password of a user: an operator answers for it, or a one-time code proves it.

    Attributes:
        kind: a `PasswordKind`.
        slot: which of several; blank: the ordinary one.
        operator: who saw the user; blank where `otp` proves.
        token: which of the user's tokens shows `otp`; blank: the single active one.
        password: the new one.
        known: what the bank knows of the user and nobody may use as a password (birth date as
            yyyymmdd, card number …), separated by blanks; kept nowhere.
        otp: a one-time code of the user's; blank where an operator answers.
    """

    institution: str = ""
    customer: str = ""
    kind: int = PasswordKind.PASSWORD
    slot: str = ""
    reference: str = ""
    operator: str = ""
    token: str = ""
    password: SecretText = SecretText("")
    known: SecretText = SecretText("")
    otp: SecretText = SecretText("")


SET_PASSWORD_REQUEST: Final = construct.Struct(
    *_subject(),
    "operator" / Ident(16),
    "token" / Ident(24),
    "password" / SecretTextField(PASSWORD_WIDTH),
    "known" / SecretTextField(_KNOWN_WIDTH),
    "otp" / SecretDigits(10),
    SecretPad(6),
    SealTrailer(),
)


class ChangePasswordRequest(msgspec.Struct, frozen=True, gc=False):
    """The user's own change: `password` is the one in force, `new_password` what shall be."""

    institution: str = ""
    customer: str = ""
    kind: int = PasswordKind.PASSWORD
    slot: str = ""
    reference: str = ""
    end_user_address: str = ""
    password: SecretText = SecretText("")
    new_password: SecretText = SecretText("")
    known: SecretText = SecretText("")


CHANGE_PASSWORD_REQUEST: Final = construct.Struct(
    *_subject(),
    "end_user_address" / Ident(40),
    "password" / SecretTextField(PASSWORD_WIDTH),
    "new_password" / SecretTextField(PASSWORD_WIDTH),
    "known" / SecretTextField(_KNOWN_WIDTH),
    SecretPad(16),
    SealTrailer(),
)


class ResetPasswordRequest(msgspec.Struct, frozen=True, gc=False):
    """An operator's: the user has forgotten it. Blank `password`: one is made and answered."""

    institution: str = ""
    customer: str = ""
    kind: int = PasswordKind.PASSWORD
    slot: str = ""
    reference: str = ""
    operator: str = ""
    reason: str = ""
    password: SecretText = SecretText("")
    known: SecretText = SecretText("")


RESET_PASSWORD_REQUEST: Final = construct.Struct(
    *_subject(),
    "operator" / Ident(16),
    "reason" / Text(48),
    "password" / SecretTextField(PASSWORD_WIDTH),
    "known" / SecretTextField(_KNOWN_WIDTH),
    SecretPad(16),
    SealTrailer(),
)


class VerifyPasswordRequest(msgspec.Struct, frozen=True, gc=False):
    """Is `password` right for this user."""

    institution: str = ""
    customer: str = ""
    kind: int = PasswordKind.PASSWORD
    slot: str = ""
    reference: str = ""
    end_user_address: str = ""
    password: SecretText = SecretText("")


VERIFY_PASSWORD_REQUEST: Final = construct.Struct(
    *_subject(),
    "end_user_address" / Ident(40),
    "password" / SecretTextField(PASSWORD_WIDTH),
    SecretPad(16),
    SealTrailer(),
)


class PasswordRequest(msgspec.Struct, frozen=True, gc=False):
    """QUERY_PASSWORD, UNLOCK_PASSWORD, DISABLE_PASSWORD or ENABLE_PASSWORD: the header's code says
    which.
    """

    institution: str = ""
    customer: str = ""
    kind: int = PasswordKind.PASSWORD
    slot: str = ""
    reference: str = ""
    operator: str = ""
    reason: str = ""


PASSWORD_REQUEST: Final = construct.Struct(*_subject(), "operator" / Ident(16), "reason" / Text(48))


class PasswordResponse(BusinessResponse, frozen=True, gc=False):
    """The password afterwards; each field blank where there is nothing to tell or policy hides it.

    Attributes:
        detail: with PASSWORD_TOO_WEAK the name of the rule.
        kind: as asked; never blank.
        password_state: a `PasswordState`.
        remaining_tries: before it locks; 255 is blank.
        locked_until, changed_at, expires_at: milliseconds since the epoch; 0 is none or blank.
    """

    kind: int = 0
    password_state: int = 0
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0
    changed_at: int = 0
    expires_at: int = 0


def _standing() -> tuple[Any, ...]:
    return (
        *prefix(),
        "kind" / U8,
        "password_state" / U8,
        "remaining_tries" / U8,
        Reserved(5),
        "locked_until" / U64,
        "changed_at" / U64,
        "expires_at" / U64,
    )


PASSWORD_RESPONSE: Final = construct.Struct(*_standing())


class ResetPasswordResponse(PasswordResponse, frozen=True, gc=False):
    """As `PasswordResponse`; `new_password`, secret, is the one that was made, blank where one was
    given.
    """

    new_password: SecretText = SecretText("")


RESET_PASSWORD_RESPONSE: Final = construct.Struct(
    *_standing(), "new_password" / SecretTextField(PASSWORD_WIDTH), SecretPad(16), SealTrailer()
)
