"""Register, query and close a user."""

from __future__ import annotations

from typing import Any, Final

import construct
import msgspec

from tigertally_protocol.fields import (
    U8,
    U64,
    Ident,
    Reserved,
    SealTrailer,
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
from tigertally_protocol.secret import SecretText

TOKENS_LISTED: Final = 8


def _person() -> tuple[Any, ...]:
    return ("name" / SecretTextField(64), "mobile" / SecretIdent(20), SecretPad(12), SealTrailer())


class RegisterUserRequest(msgspec.Struct, frozen=True, gc=False):
    """Make a user known. `operator`: the member of staff, if any; `name`, `mobile`: secret."""

    institution: str = ""
    customer: str = ""
    reference: str = ""
    operator: str = ""
    name: SecretText = SecretText("")
    mobile: SecretText = SecretText("")


REGISTER_USER_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "reference" / Ident(32),
    "operator" / Ident(16),
    *_person(),
)


class UserResponse(BusinessResponse, frozen=True, gc=False):
    """The user's state after REGISTER_USER or CLOSE_USER; a `UserState`."""

    user_state: int = 0


USER_RESPONSE: Final = construct.Struct(*prefix(), "user_state" / U8, Reserved(7))


class QueryUserRequest(msgspec.Struct, frozen=True, gc=False):
    """What is known of a user."""

    institution: str = ""
    customer: str = ""


QUERY_USER_REQUEST: Final = construct.Struct(*institution_and_customer())


class QueryUserResponse(BusinessResponse, frozen=True, gc=False):
    """A user, the number of tokens, and the first eight of them.

    Attributes:
        registered_at: milliseconds since the epoch.
        token_1 … token_8, token_1_state …: serial numbers and `TokenState`s; empty and 0 when
        fewer. name, mobile: secret.
    """

    user_state: int = 0
    token_count: int = 0
    registered_at: int = 0
    token_1: str = ""
    token_1_state: int = 0
    token_2: str = ""
    token_2_state: int = 0
    token_3: str = ""
    token_3_state: int = 0
    token_4: str = ""
    token_4_state: int = 0
    token_5: str = ""
    token_5_state: int = 0
    token_6: str = ""
    token_6_state: int = 0
    token_7: str = ""
    token_7_state: int = 0
    token_8: str = ""
    token_8_state: int = 0
    name: SecretText = SecretText("")
    mobile: SecretText = SecretText("")


def _tokens() -> list[Any]:
    slots: list[Any] = []
    for number in range(1, TOKENS_LISTED + 1):
        slots += [f"token_{number}" / Ident(24), f"token_{number}_state" / U8]
    return slots


QUERY_USER_RESPONSE: Final = construct.Struct(
    *prefix(),
    "user_state" / U8,
    "token_count" / U8,
    Reserved(6),
    "registered_at" / U64,
    *_tokens(),
    *_person(),
)


class CloseUserRequest(msgspec.Struct, frozen=True, gc=False):
    """Close a user whose tokens are all unbound."""

    institution: str = ""
    customer: str = ""
    reference: str = ""
    operator: str = ""
    reason: str = ""


CLOSE_USER_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "reference" / Ident(32),
    "operator" / Ident(16),
    "reason" / Text(48),
)
