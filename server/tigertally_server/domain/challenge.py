"""A challenge: something issued that waits for its one answer — a code by SMS, an OCRA question, a
card's coordinates, a flow of factors.

The id is random and goes over the wire; the engine's record is sealed with that id as associated
data. A challenge is answered at most once: `rev` guards the update that uses it up. Lapse is a fact
of time, not a state somebody must write (`shown_state`).
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

CHALLENGE_ID_BYTES = 16


class ChallengeKind(IntEnum):
    """Numbers are stored: for ever."""

    SMS_CODE = 1
    OCRA = 2
    SCRATCH = 3
    FLOW = 4
    CONFIRMATION = 5
    CHAP = 6


class ChallengeState(IntEnum):
    """Numbers are stored: for ever."""

    OPEN = 1
    USED = 2
    CANCELLED = 3
    EXPIRED = 4
    FAILED = 5


OpenChallengesKey = tuple[str, str, int]
"""(institution, customer number, kind): the open challenges of one kind of one customer."""


class Challenge(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The locked row of one challenge; times are ms since the epoch."""

    id: bytes
    kind: ChallengeKind
    owner_id: int
    channel_id: int
    state: ChallengeState = ChallengeState.OPEN
    issued_at_ms: int
    expires_at_ms: int
    failures: int = 0
    key_id: int
    sealed: bytes
    rev: int = 1

    def __repr__(self) -> str:
        return f"Challenge(id={self.id.hex()}, kind={self.kind.name}, state={self.state.name})"


def shown_challenge_state(challenge: Challenge, now_ms: int) -> ChallengeState:
    """The state with the lapse of time folded in."""
    if challenge.state is ChallengeState.OPEN and now_ms >= challenge.expires_at_ms:
        return ChallengeState.EXPIRED
    return challenge.state
