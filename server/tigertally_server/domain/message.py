"""A message on its way to a customer: written in the transaction that decided to send it, handed to
a gateway afterwards.

Number and text are sealed with the id as associated data; what the dispatcher needs to find its
work (state, times, attempts) stands in the open.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

MESSAGE_ID_BYTES = 16


class MessageState(IntEnum):
    """Numbers are stored and stand on the wire: for ever."""

    QUEUED = 1
    SENDING = 2
    SENT = 3
    DELIVERED = 4
    FAILED = 5
    UNKNOWN = 6  # handed over, and the gateway's answer was lost
    EXPIRED = 7


FINISHED = frozenset(
    {
        MessageState.DELIVERED,
        MessageState.FAILED,
        MessageState.EXPIRED,
    }
)
"""Nothing more happens to these."""


class OutgoingMessage(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One row of the outbox; times are ms since the epoch. `purpose` is a word of the sender's,
    never personal.
    """

    id: bytes
    account_id: int
    channel_id: int
    purpose: str
    state: MessageState = MessageState.QUEUED
    key_id: int
    sealed: bytes
    created_at_ms: int
    expires_at_ms: int
    attempts: int = 0
    next_attempt_ms: int = 0
    gateway: str = ""
    gateway_id: str = ""
    reason: str = ""
    rev: int = 1

    def __repr__(self) -> str:
        return f"OutgoingMessage(id={self.id.hex()}, state={self.state.name})"
