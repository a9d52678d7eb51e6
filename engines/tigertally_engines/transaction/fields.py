"""What a transaction is, as typed fields: checked, in one spelling, with one encoding.

The server composes the text that the customer reads from these and from nothing else; no channel
hands in a text of its own.

Invariants: two `Fields` that differ in any field have different encodings, because each value
stands there with its length. What `checked` returns, `checked` returns again.
"""

from __future__ import annotations

import re
import struct
from typing import Final

import msgspec

from tigertally_engines.transaction.characters import is_readable, normal
from tigertally_engines.transaction.currencies import decimal_text, minor_units
from tigertally_engines.transaction.kinds import KINDS, LANGUAGES

NAME_MAX: Final = 32
BANK_MAX: Final = 24
PURPOSE_MAX: Final = 32
ACCOUNT_MAX: Final = 36
_ACCOUNT: Final = re.compile(r"[0-9A-Za-z@._+-]{2,36}", re.ASCII)
_TEXTS: Final = {"payee_name": NAME_MAX, "bank": BANK_MAX, "purpose": PURPOSE_MAX}
_LATEST_MS: Final = 253_402_214_400_000  # 9999-12-31: years have four digits
ENCODING: Final = b"TTV1"


class BadTransactionField(ValueError):
    """`field` names what is wrong; its value is not repeated."""

    def __init__(self, field: str) -> None:
        super().__init__(f"field {field!r} is not as it must be")
        self.field = field


class Fields(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One transaction.

    Attributes:
        act: a row of `kinds.KINDS`.
        language: of the text, zh or en.
        amount: decimal text, `.` before the digits behind the point; "" with a blank currency.
        currency: three letters (ISO 4217).
        payee: whole; the text shows its ends only.
        ordered_at_ms: when the customer ordered it, milliseconds since the epoch.
        purpose: the customer's or the bank's own words.
    """

    act: str
    language: str
    amount: str = ""
    currency: str = ""
    payee_name: str = ""
    payee: str = ""
    bank: str = ""
    purpose: str = ""
    ordered_at_ms: int = 0

    def __repr__(self) -> str:
        return f"<Fields {self.act}>"

    @property
    def units(self) -> int:
        """The amount in the currency's smallest unit, 0 where there is none."""
        return minor_units(self.amount, self.currency) or 0


def checked(fields: Fields) -> Fields:
    """The same fields in their one spelling. Raises BadTransactionField."""
    if fields.act not in KINDS:
        raise BadTransactionField("act")
    if fields.language not in LANGUAGES:
        raise BadTransactionField("language")
    if not 0 <= fields.ordered_at_ms < _LATEST_MS:
        raise BadTransactionField("ordered_at")
    amount = _amount(fields)
    if fields.payee and not _ACCOUNT.fullmatch(fields.payee):
        raise BadTransactionField("payee")
    texts = {name: _text(getattr(fields, name), name, most) for name, most in _TEXTS.items()}
    spelled = msgspec.structs.replace(fields, amount=amount, **texts)
    kind = KINDS[fields.act]
    for name in kind.required - {"amount"}:
        if not getattr(spelled, name):
            raise BadTransactionField(name)
    for name in ("amount", "payee", *_TEXTS):
        if getattr(spelled, name) and name not in kind.required | kind.optional:
            raise BadTransactionField(name)
    return spelled


def _amount(fields: Fields) -> str:
    required = "amount" in KINDS[fields.act].required
    if not fields.amount and not fields.currency and not required:
        return ""
    units = minor_units(fields.amount, fields.currency)
    if units is None:
        known = minor_units("0", fields.currency) is not None
        raise BadTransactionField("amount" if known else "currency")
    if not units:
        raise BadTransactionField("amount")
    return decimal_text(units, fields.currency)


def _text(text: str, name: str, most: int) -> str:
    spelled = normal(text)
    if len(spelled) > most or not is_readable(spelled):
        raise BadTransactionField(name)
    return spelled


def encoded(fields: Fields) -> bytes:
    """The one encoding of checked fields: `TTV1`, then in the order of the record length u32 and
    value, numbers as u64, big-endian.
    """
    pieces = [ENCODING]
    for value in msgspec.structs.astuple(fields):
        octets = struct.pack(">Q", value) if isinstance(value, int) else value.encode()
        pieces += (struct.pack(">I", len(octets)), octets)
    return b"".join(pieces)
