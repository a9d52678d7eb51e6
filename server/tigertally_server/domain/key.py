"""A key (密钥) as a record: what it is for, whose it is, where it stands in its life, and which
other key seals it.

Three levels below the master key: key-encryption keys seal keys, data keys seal the platform's own
columns, working keys belong to an owner (a channel, an institution) and are used on its behalf.
Pure records; no key byte is ever in one but sealed.

Life cycle (NIST SP 800-57 part 1 rev. 5 §7, with the names this product shows):

    pre-active ──► current ──► old ──► destroyed
        │             │          │          │
        │             └────┬─────┘          │
        ▼                  ▼                ▼
    destroyed         compromised ──► destroyed-compromised

*Pre-active*: every process may learn it, nothing is sealed under it. *Current*: one per owner,
purpose and name; seals and opens. *Old*: opens only. *Compromised*: opens only, so that what it
sealed can be sealed anew; shown as an alarm. *Destroyed*: its bytes are gone, its record stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tigertally_server.domain.channel import FOR_EVER_MS

THE_PLATFORM: Final = ""
"""Owner of what belongs to no channel and no institution."""
NO_PARENT: Final = 0
"""Sealed directly under the master key, as data keys were before there were key-encryption keys."""


class KeyLevel(StrEnum):
    """Where in the hierarchy. The master key's record has no bytes: they are never in the
    database.
    """

    MASTER = "master"
    ENCRYPTION = "key-encryption"
    DATA = "data"
    WORKING = "working"


class KeyState(StrEnum):
    """See the module's text."""

    PRE_ACTIVE = "pre-active"
    CURRENT = "current"
    OLD = "old"
    COMPROMISED = "compromised"
    DESTROYED = "destroyed"
    DESTROYED_COMPROMISED = "destroyed-compromised"


_S = KeyState
TRANSITIONS: Final[Mapping[KeyState, frozenset[KeyState]]] = MappingProxyType(
    {
        _S.PRE_ACTIVE: frozenset({_S.CURRENT, _S.DESTROYED, _S.COMPROMISED}),
        _S.CURRENT: frozenset({_S.OLD, _S.COMPROMISED}),
        _S.OLD: frozenset({_S.DESTROYED, _S.COMPROMISED}),
        _S.COMPROMISED: frozenset({_S.DESTROYED_COMPROMISED}),
        _S.DESTROYED: frozenset({_S.DESTROYED_COMPROMISED}),
        _S.DESTROYED_COMPROMISED: frozenset(),
    }
)
READABLE: Final = frozenset({_S.PRE_ACTIVE, _S.CURRENT, _S.OLD, _S.COMPROMISED})
"""Has bytes, and opens what it sealed."""


class IllegalKeyTransition(Exception):
    """The key's state does not lead there."""


def may_become(now: KeyState, then: KeyState) -> bool:
    """Whether the life cycle leads from one state to the other."""
    return then in TRANSITIONS[now]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """One key. Times are ms since the epoch, UTC.

    purpose      of a data key: a `keyring.Purpose`; of others: what it may be used for
    name         tells an owner's keys of one purpose apart
    generation   counts from 1 per (level, owner, purpose, name)
    parent       id of the key that seals it, or NO_PARENT
    sealed       nonce ‖ ciphertext ‖ tag; empty for the master key and once destroyed
    expires_at   end of its crypto period: warned of, never enforced by refusing service
    """

    id: int
    level: KeyLevel
    purpose: str
    state: KeyState
    owner: str = THE_PLATFORM
    name: str = ""
    algorithm: str = "aes-256"
    generation: int = 1
    parent: int = NO_PARENT
    exportable: bool = False
    sealed: bytes = field(default=b"", repr=False)
    check_value: bytes = b""
    created_at_ms: int = 0
    changed_at_ms: int = 0
    expires_at_ms: int = FOR_EVER_MS

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What has one current key: (level, owner, purpose, name)."""
        return self.level.value, self.owner, self.purpose, self.name

    @property
    def readable(self) -> bool:
        return self.state in READABLE

    @property
    def identity(self) -> bytes:
        """Associated data of its sealed bytes: all that says what it may be used for, so that no
        edit of the row gives a key another use, owner or algorithm. Fields hold no NUL.
        """
        if self.parent == NO_PARENT:
            return f"data_key/{self.id}/{self.purpose}".encode()
        told = (
            "key",
            str(self.id),
            *self.place,
            self.algorithm,
            str(self.generation),
            "exportable" if self.exportable else "",
        )
        return "\0".join(told).encode()
