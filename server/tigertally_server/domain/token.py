"""A token (令牌) and its validity. What may be done with it is in `life_cycle`.

Lock and expiry are not states but facts of time; `shown_state` folds them in for people and for the
wire.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from tigertally_engines.otp.state import OtpState

NO_OWNER = 0


class TokenState(IntEnum):
    """Numbers are stored and stand on the wire: for ever."""

    IN_STOCK = 1
    ACTIVE = 2
    LOCKED = 3  # shown only: derived from locked_until
    DISABLED = 4
    EXPIRED = 5  # shown only: derived from the validity
    NOT_YET_VALID = 6  # shown only
    VOID = 7
    LOST = 9
    REPLACED = 10
    ASSIGNED = 11  # bound, not yet activated


class UserState(IntEnum):
    """Numbers are stored and stand on the wire: for ever."""

    ACTIVE = 1
    CLOSED = 2


class Token(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The locked row of one token with its static part. `rev` guards every update; times are ms
    since the epoch. `extra` is what an engine remembers beside `otp` (a card's used cells); it is
    written only with `Decision.rebound_tokens`.
    """

    id: int
    institution: str
    serial: str
    type_name: str
    overrides: str = ""
    seed_key_id: int
    sealed_seed: bytes
    static_rev: int = 1
    owner_id: int = NO_OWNER
    owner_state: int = 0
    state: TokenState = TokenState.IN_STOCK
    otp: OtpState
    valid_from_ms: int
    valid_to_ms: int
    last_shard: int = -1
    last_seq: int = -1
    rev: int = 1
    extra: bytes = b""

    def __repr__(self) -> str:
        return f"Token(id={self.id}, serial={self.serial!r}, state={self.state.name})"


def shown_state(token: Token, now_ms: int) -> TokenState:
    """The state a person is shown: void, disabled and stock first, then expiry, then lock."""
    if token.state is not TokenState.ACTIVE:
        return token.state
    if now_ms >= token.valid_to_ms:
        return TokenState.EXPIRED
    if now_ms < token.valid_from_ms:
        return TokenState.NOT_YET_VALID
    if now_ms < token.otp.locked_until_ms:
        return TokenState.LOCKED
    return TokenState.ACTIVE
