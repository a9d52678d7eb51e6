"""The text that a customer reads before confirming, and the digest that everything which confirms
it is bound to.

Deterministic: the same fields, version and offset from UTC give the same text on every node and in
ten years. At most `TEXT_MAX` characters. The digest covers the text *and* the whole fields, because
the text shows only the ends of an account.
"""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from tigertally_engines.transaction.currencies import shown_amount
from tigertally_engines.transaction.fields import Fields, encoded
from tigertally_engines.transaction.kinds import CURRENT_VERSION, TEXTS

TEXT_MAX: Final = 200
DIGEST_BYTES: Final = 32
_LABEL: Final = b"tigertally transaction text\0"
_STARS: Final = "****"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Composed(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A transaction and the text it became.

    Attributes:
        fields: checked.
        version: of the words.
        offset_minutes: of the bank's time from UTC when it was composed.
    """

    fields: Fields
    version: int
    offset_minutes: int
    text: str

    def __repr__(self) -> str:
        return f"<Composed version {self.version} of {self.fields!r}>"

    def digest(self) -> bytes:
        """SHA-256 over label, version, text and fields, each with its length."""
        text = self.text.encode()
        head = struct.pack(">HhI", self.version, self.offset_minutes, len(text))
        return hashlib.sha256(_LABEL + head + text + encoded(self.fields)).digest()


def compose(fields: Fields, offset_minutes: int, version: int = CURRENT_VERSION) -> Composed:
    """The text of fields that `checked` returned."""
    pieces = TEXTS[version, fields.language, fields.act]
    text = "".join(
        words.format(_shown(fields, name, offset_minutes))
        for name, words in pieces
        if getattr(fields, name)
    )
    assert len(text) <= TEXT_MAX
    return Composed(fields, version, offset_minutes, text)


def _shown(fields: Fields, name: str, offset_minutes: int) -> str:
    if name == "amount":
        return shown_amount(fields.units, fields.currency, fields.language)
    if name == "payee":
        return masked(fields.payee)
    if name == "ordered_at_ms":
        local = timedelta(milliseconds=fields.ordered_at_ms, minutes=offset_minutes)
        return (_EPOCH + local).strftime("%Y-%m-%d %H:%M")
    return str(getattr(fields, name))


def masked(account: str) -> str:
    """An account's ends: enough to recognise it. Always as many stars, so they tell no length."""
    if len(account) >= 12:
        return account[:4] + _STARS + account[-4:]
    return _STARS + (account[-4:] if len(account) >= 8 else account[-2:])
