"""The transaction that a message speaks of, as the engine's typed fields; or which field is wrong.

Sending and verifying read it the same way, so the same fields give the same digest.
"""

from __future__ import annotations

import re
from typing import Any, Final

from tigertally_engines.sms.transaction import BadFields, Transaction, parse_free
from tigertally_engines.sms.wording import AMOUNT_MAX
from tigertally_server.services.request import Request

LOGIN: Final = "login"
PAYMENT: Final = "payment"
CONFIRM: Final = "confirm"
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)


class BadTransaction(ValueError):
    """`field` names what is wrong; its value is not repeated."""

    def __init__(self, field: str) -> None:
        super().__init__(f"field {field!r} is not as it must be")
        self.field = field


def scene_of(message: Any) -> str:
    """What kind of act it is, where the message doesn't say."""
    if message.scene:
        return str(message.scene)
    if message.amount or message.currency:
        return PAYMENT
    return CONFIRM if message.purpose else LOGIN


def transaction_of(request: Request) -> Transaction:
    """Raises BadTransaction."""
    message = request.message
    if message.amount > AMOUNT_MAX:
        raise BadTransaction("amount")
    if (message.amount or message.currency) and not _CURRENCY.fullmatch(message.currency):
        raise BadTransaction("currency")
    try:
        free = parse_free(message.free_fields)
    except BadFields:
        raise BadTransaction("free_fields") from None
    return Transaction(
        institution=request.institution_of(message.institution),
        customer=message.customer,
        channel=request.channel.id,
        scene=scene_of(message),
        amount=message.amount,
        currency=message.currency,
        payee=message.payee,
        payee_name=message.payee_name,
        purpose=message.purpose,
        free=free,
    )
