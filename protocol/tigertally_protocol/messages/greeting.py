"""The reserved greeting: a text that the user chose, by which the user knows the bank."""

from __future__ import annotations

from typing import Final

import construct
import msgspec

from tigertally_protocol.fields import Ident, Reserved, SealTrailer, SecretPad, SecretTextField
from tigertally_protocol.messages.business import (
    BusinessResponse,
    institution_and_customer,
    prefix,
)
from tigertally_protocol.secret import SecretText

_WIDTH: Final = 96


class SetGreetingRequest(msgspec.Struct, frozen=True, gc=False):
    """Keep `greeting`, secret, for the user; blank takes it back."""

    institution: str = ""
    customer: str = ""
    reference: str = ""
    operator: str = ""
    greeting: SecretText = SecretText("")


SET_GREETING_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "reference" / Ident(32),
    "operator" / Ident(16),
    "greeting" / SecretTextField(_WIDTH),
    SecretPad(16),
    SealTrailer(),
)


class SetGreetingResponse(BusinessResponse, frozen=True, gc=False):
    """With GREETING_UNSUITABLE `detail` names the rule."""


SET_GREETING_RESPONSE: Final = construct.Struct(*prefix(), Reserved(2))


class GetGreetingRequest(msgspec.Struct, frozen=True, gc=False):
    """What to show to whoever says to be this user."""

    institution: str = ""
    customer: str = ""


GET_GREETING_REQUEST: Final = construct.Struct(*institution_and_customer())


class GetGreetingResponse(BusinessResponse, frozen=True, gc=False):
    """`greeting`, secret: the user's own; an invented one, always the same, where there is none or
    no such user.
    """

    greeting: SecretText = SecretText("")


GET_GREETING_RESPONSE: Final = construct.Struct(
    *prefix(), "greeting" / SecretTextField(_WIDTH), SecretPad(16), SealTrailer()
)
