"""The entry: one recorded transaction, and everything that is kept about it.

One record is four things at once: the leaf of the audit log, the idempotency record of its
serial, the stored outcome a retry is answered with, and what a verification query reads.

The record doesn't know how it is encoded (``audit.leaf``), sealed (the caller hands in
ciphertext) or stored (``store``).

Invariants: an entry never changes once its head is committed; ``seq`` is the entry's 0-based
leaf index in its shard's Merkle tree, gap-free; ``(channel_id, business_day, serial, phase)`` is
unique; no field holds a secret in clear.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

ENTRY_VERSION: Final = 1
"""Version of the canonical encoding that new entries are written with."""

NO_SHARD: Final = -1
"""``previous_shard`` of an entry whose token has no earlier entry."""

NO_SEQ: Final = -1
"""``previous_seq`` of an entry whose token has no earlier entry."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One recorded transaction, as it is committed to by the audit log.

    Units: ``at_ms`` milliseconds since 1970-01-01 UTC; ``business_day`` days since 1970-01-01.
    Ids are 0 where there is nothing to refer to.
    """

    shard: int
    seq: int
    business_day: int
    channel_id: int
    serial: int
    phase: int
    transaction: int
    result: int
    at_ms: int
    reference: str
    user_id: int
    """0: the entry concerns no user."""
    token_id: int
    """0: the entry concerns no token."""
    previous_shard: int
    """Where the token's previous entry stands; ``NO_SHARD`` when there is none."""
    previous_seq: int
    digest: bytes
    """Keyed digest of the request, 32 bytes; empty for an entry that answers no request."""
    outcome_key_id: int
    outcome: bytes
    """The sealed outcome: nonce (12) ‖ ciphertext ‖ tag (16)."""
    personal_key_id: int
    """0: sealed under the customer's own data key; otherwise the id of a data key."""
    personal: bytes
    """The sealed personal part; erased by destroying its key, so the leaf stays valid."""
    version: int = ENTRY_VERSION


class ArchivedEntry(msgspec.Struct, frozen=True, gc=False):
    """An entry that stands in a file outside which is not at hand: only its leaf is known here."""

    shard: int
    seq: int


class StoredEntry(NamedTuple):
    """An entry as it was read back, with the leaf hash stored beside it (32 bytes)."""

    entry: Entry
    leaf: bytes


class ShardHead(msgspec.Struct, frozen=True, gc=False):
    """A shard's head row: how long its log is and what it commits to. Replaced by every batch."""

    shard: int
    size: int
    frontier: bytes
    """The encoded right edge of the tree (``audit.merkle.encode_frontier``)."""
    root: bytes
    mac: bytes
    """HMAC-SHA256 under the audit key (``audit.head.head_mac``)."""
