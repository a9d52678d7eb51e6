"""What transactions there are, which fields each has, and the sentences that are made of them.

A sentence is a row of pieces in a fixed order. A piece with a field that is blank is left out; a
free value stands between quotation marks that no value may hold, so where one value ends and the
next begins can be seen.

Texts are evidence: a version that was ever used stays here word for word. Changing a word is a new
version.
"""

from __future__ import annotations

from typing import Final

import msgspec

LANGUAGES: Final = ("zh", "en")


class Kind(msgspec.Struct, frozen=True):
    """Which fields a transaction must and may have."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()


_PAYEE: Final = frozenset({"payee_name", "payee"})
_MORE: Final = frozenset({"bank", "purpose"})

KINDS: Final[dict[str, Kind]] = {
    "transfer": Kind(_PAYEE | {"amount"}, _MORE),
    "payment": Kind(frozenset({"payee_name", "amount"}), _MORE | {"payee"}),
    "withdrawal": Kind(frozenset({"amount"}), frozenset({"purpose"})),
    "new_payee": Kind(_PAYEE, _MORE),
    "limit": Kind(frozenset({"amount", "purpose"})),
    "other": Kind(frozenset({"purpose"}), frozenset({"amount"})),
}

CURRENT_VERSION: Final = 1

Pieces = tuple[tuple[str, str], ...]
"""(the field that must not be blank, "" = always; the words, with `{}` for its value)."""

_TAIL_ZH: Final[Pieces] = (
    ("payee", "，账号{}"),
    ("bank", "，开户行「{}」"),
    ("ordered_at_ms", "，{}"),
    ("purpose", "，附言「{}」"),
)
_TAIL_EN: Final[Pieces] = (
    ("payee", ", account {}"),
    ("bank", ', bank "{}"'),
    ("ordered_at_ms", ", {}"),
    ("purpose", ', note "{}"'),
)

TEXTS: Final[dict[tuple[int, str, str], Pieces]] = {
    (1, "zh", "transfer"): (("amount", "转账{}"), ("payee_name", "，收款人「{}」"), *_TAIL_ZH),
    (1, "zh", "payment"): (("amount", "付款{}"), ("payee_name", "，收款方「{}」"), *_TAIL_ZH),
    (1, "zh", "withdrawal"): (("amount", "取款{}"), *_TAIL_ZH),
    (1, "zh", "new_payee"): (("payee_name", "新增收款人「{}」"), *_TAIL_ZH),
    (1, "zh", "limit"): (("amount", "限额改为{}"), *_TAIL_ZH),
    (1, "zh", "other"): (("purpose", "办理「{}」"), ("amount", "，金额{}"), *_TAIL_ZH[:3]),
    (1, "en", "transfer"): (("amount", "Transfer {}"), ("payee_name", ' to "{}"'), *_TAIL_EN),
    (1, "en", "payment"): (("amount", "Pay {}"), ("payee_name", ' to "{}"'), *_TAIL_EN),
    (1, "en", "withdrawal"): (("amount", "Withdraw {}"), *_TAIL_EN),
    (1, "en", "new_payee"): (("payee_name", 'Add payee "{}"'), *_TAIL_EN),
    (1, "en", "limit"): (("amount", "Set limit to {}"), *_TAIL_EN),
    (1, "en", "other"): (("purpose", 'Order "{}"'), ("amount", ", amount {}"), *_TAIL_EN[:3]),
}
