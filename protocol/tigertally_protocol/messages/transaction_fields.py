"""What the customer is asked to confirm, as typed fields: the same in every message that binds a
code to it.

The server makes one canonical form of them and never trusts a text that a channel composed. A
verification says them again; one changed field and the code is refused.
"""

from __future__ import annotations

from typing import Any

from tigertally_protocol.fields import U64, Ident, Text


def transaction_fields() -> tuple[Any, ...]:
    """Their declaration. A layout repeats them as class attributes, all blank where there is no
    transaction (a login).
    """
    return (
        "scene" / Ident(16),
        "amount" / U64,
        "currency" / Ident(4),
        "payee" / Ident(36),
        "payee_name" / Text(48),
        "purpose" / Text(48),
        "free_fields" / Text(160),
    )
