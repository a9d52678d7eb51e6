"""A customer's account with the platform: who, in which institution, alive or closed.

User key = (institution, customer number); `id` is the surrogate that stands in entries, so that a
log of ids names nobody once the customer's data key is destroyed.
"""

from __future__ import annotations

import msgspec

UserKey = tuple[str, str]
"""(institution, customer number)."""


class Account(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """`data_key` is the customer's own key, sealed under data key `key_id`; `personal` is sealed
    under that own key.
    """

    id: int
    institution: str
    customer: str
    state: int
    registered_at_ms: int
    rev: int = 1
    key_id: int
    data_key: bytes
    personal: bytes

    @property
    def key(self) -> UserKey:
        return (self.institution, self.customer)

    def __repr__(self) -> str:
        return f"Account(id={self.id}, state={self.state})"
