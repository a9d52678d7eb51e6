"""Scratch cards with a matrix: ask for some cells, verify what stands in them. The codes of a list
are verified by VERIFY_OTP.
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
    SecretPad,
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
        "end_user_address" / Ident(40),
    )


class AskCardRequest(msgspec.Struct, frozen=True, gc=False):
    """Which cells of the card shall the customer type in; fields as in `VerifyOtpRequest`."""

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    end_user_address: str = ""


ASK_CARD_REQUEST: Final = construct.Struct(*_subject())


class AskCardResponse(BusinessResponse, frozen=True, gc=False):
    """The question; `detail` is `card_low` when a new card is due.

    Attributes:
        challenge: to be sent with the answer.
        cells: coordinates with commas between, in the order in which they are to be typed.
        cell_digits: digits in each.
        cells_left: cells of the card that were not used yet.
        expires_at: milliseconds since the epoch.
    """

    token: str = ""
    challenge: str = ""
    cells: str = ""
    cell_digits: int = 0
    cells_left: int = NO_CELLS
    expires_at: int = 0


ASK_CARD_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "challenge" / Ident(32),
    "cells" / Ident(40),
    "cell_digits" / U8,
    Reserved(1),
    "cells_left" / U16,
    Reserved(4),
    "expires_at" / U64,
)


class VerifyCardRequest(msgspec.Struct, frozen=True, gc=False):
    """Does `answer` stand in the cells that were asked for; it is secret."""

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    end_user_address: str = ""
    challenge: str = ""
    answer: SecretText = SecretText("")


VERIFY_CARD_REQUEST: Final = construct.Struct(
    *_subject(),
    "challenge" / Ident(32),
    "answer" / SecretDigits(16),
    SecretPad(16),
    SealTrailer(),
)


class VerifyCardResponse(BusinessResponse, frozen=True, gc=False):
    """As `VerifyOtpResponse`, and what is left of the card; `detail` as in `AskCardResponse`."""

    token: str = ""
    token_state: int = 0
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0
    cells_left: int = NO_CELLS


VERIFY_CARD_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "token_state" / U8,
    "remaining_tries" / U8,
    Reserved(6),
    "locked_until" / U64,
    "cells_left" / U16,
    Reserved(6),
)
