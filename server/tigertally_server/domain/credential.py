"""A credential: one method of authentication that a customer has beside tokens (a password, a PIN,
a phone for codes by SMS, a greeting, an emergency code …).

What the method itself must remember is a record of its engine, sealed; what every method has in
common (who, state, failures, locks, validity) stands in the open and is judged by one set of rules.
Knows no engine. (owner, kind, slot) is unique.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from tigertally_engines.otp.state import OtpState
from tigertally_server.domain.channel import FOR_EVER_MS


class CredentialKind(IntEnum):
    """Numbers are stored: for ever. The slot tells several of one kind apart."""

    PASSWORD = 1
    PIN = 2
    TOKEN_PIN = 3  # slot: the token's serial
    SMS = 4  # slot: empty, or a label
    GREETING = 5
    EMERGENCY_CODE = 6  # slot: the lost token's serial
    ACTIVATION = 7  # slot: the token's serial
    APP_KEY = 8
    PHONE_CHANGE = 9


class CredentialState(IntEnum):
    """Numbers are stored, and are those of TokenState where the words are: for ever."""

    ACTIVE = 1
    DISABLED = 4
    VOID = 7
    PENDING = 8


CredentialKey = tuple[str, str, int]
"""(institution, customer number, kind): all credentials of one kind of one customer."""


class Credential(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The locked row of one credential. `sealed` is the engine's record under data key `key_id`;
    `factor` holds moving factor, failures and locks, as a token's; `rev` guards every update; times
    are ms since the epoch. `tag` holds keyed digests of what is in the record, by which counters
    are found (see `send_count.TAG_SCOPES`); mostly empty.
    """

    id: int
    owner_id: int
    kind: CredentialKind
    slot: str = ""
    state: CredentialState = CredentialState.ACTIVE
    key_id: int
    sealed: bytes
    factor: OtpState = OtpState()
    changed_at_ms: int
    valid_from_ms: int = 0
    valid_to_ms: int = FOR_EVER_MS
    last_shard: int = -1
    last_seq: int = -1
    rev: int = 1
    tag: bytes = b""

    def __repr__(self) -> str:
        return f"Credential(id={self.id}, kind={self.kind.name}, state={self.state.name})"

    def valid_at(self, now_ms: int) -> bool:
        return self.valid_from_ms <= now_ms < self.valid_to_ms
