"""Making keys: which there must be, how long each kind lasts, and how the next generation of one is
drawn.

Crypto periods follow NIST SP 800-57 part 1 rev. 5 §5.3.6 (symmetric keys: about two years from
first use for what seals data, less for what authenticates). The end of one is a date to warn of;
nothing stops on it. Randomness and time are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from tigertally_drivers.ports import Clock, Entropy, SealingKey
from tigertally_server.domain.channel import FOR_EVER_MS
from tigertally_server.domain.key import (
    NO_PARENT,
    KeyLevel,
    KeyRecord,
    KeyState,
)
from tigertally_server.services.key_hierarchy import (
    KEY_BYTES,
    NONCE_BYTES,
    Hierarchy,
    Wrapping,
    key_check_value,
)
from tigertally_server.services.keyring import Purpose
from tigertally_server.store import keys as rows
from tigertally_server.store.installation import Connection

DAY_MS: Final = 86_400_000
PERIOD_DAYS: Final[Mapping[KeyLevel, int]] = {
    KeyLevel.MASTER: 1_095,
    KeyLevel.ENCRYPTION: 730,
    KeyLevel.DATA: 365,
    KeyLevel.WORKING: 365,
}


def expiry(level: KeyLevel, now_ms: int) -> int:
    """End of the crypto period of a key made now, ms since the epoch."""
    days = PERIOD_DAYS[level]
    return now_ms + days * DAY_MS if days else FOR_EVER_MS


def bare_key(
    key_id: int,
    level: KeyLevel,
    purpose: str,
    now_ms: int,
    *,
    state: KeyState = KeyState.CURRENT,
    generation: int = 1,
    parent: int = NO_PARENT,
) -> KeyRecord:
    """A record of the platform's own, without bytes yet."""
    return KeyRecord(
        id=key_id,
        level=level,
        purpose=purpose,
        state=state,
        generation=generation,
        parent=parent,
        created_at_ms=now_ms,
        changed_at_ms=now_ms,
        expires_at_ms=expiry(level, now_ms),
    )


def master_record(key_id: int, master: SealingKey, now_ms: int, generation: int = 1) -> KeyRecord:
    """What the database knows of the master key: that there is one, and its check value."""
    bare = bare_key(key_id, KeyLevel.MASTER, "master", now_ms, generation=generation)
    return replace(bare, check_value=bytes.fromhex(master.check_value))


def drawn_encryption_key(
    bare: KeyRecord, master: SealingKey, entropy: Entropy
) -> tuple[KeyRecord, bytes]:
    """A fresh key-encryption key under the master key: its record, and its bytes."""
    raw = entropy.token_bytes(KEY_BYTES)
    told = replace(bare, check_value=key_check_value(raw))
    return replace(told, sealed=master.seal(raw, told.identity)), raw


def complete_keys(
    conn: Connection, master: SealingKey, clock: Clock, entropy: Entropy
) -> list[KeyRecord]:
    """Makes what is missing, and returns it: everything at installation, later what a newer program
    brings. Data keys that still stand under the master key itself are sealed anew under their
    key-encryption key, their bytes unchanged. The caller holds the lock for installing, has checked
    the master key, and commits.
    """
    present = rows.read_keys(conn)
    now_ms = clock.now_ms()
    made: list[KeyRecord] = []
    hierarchy = Hierarchy(master)
    hierarchy.learn(present, ask_master=True)
    above = _current(present, KeyLevel.MASTER)
    if "master" not in above:
        above["master"] = master_record(rows.next_ids(conn, 1)[0], master, now_ms)
        made.append(above["master"])
    have = _current(present, KeyLevel.ENCRYPTION)
    for wrapping in (w for w in Wrapping if w.value not in have):
        key_id = rows.next_ids(conn, 1)[0]
        parent = above["master"].id
        bare = bare_key(key_id, KeyLevel.ENCRYPTION, wrapping.value, now_ms, parent=parent)
        record, raw = drawn_encryption_key(bare, master, entropy)
        hierarchy.add(record, raw)
        made.append(record)
    hierarchy.learn([*present, *made], ask_master=True)
    have = _current(present, KeyLevel.DATA)
    for purpose in (p for p in Purpose if p.value not in have):
        bare = bare_key(rows.next_ids(conn, 1)[0], KeyLevel.DATA, purpose.value, now_ms)
        made.append(drawn_data_key(bare, hierarchy, entropy))
    rows.insert_keys(conn, made)
    _under_their_parents(conn, present, hierarchy, entropy, now_ms)
    return made


def drawn_data_key(bare: KeyRecord, hierarchy: Hierarchy, entropy: Entropy) -> KeyRecord:
    """A fresh data key under the current key-encryption key."""
    raw = entropy.token_bytes(KEY_BYTES)
    told = replace(bare, check_value=key_check_value(raw))
    return hierarchy.seal(told, raw, entropy.token_bytes(NONCE_BYTES))


def _current(records: Iterable[KeyRecord], level: KeyLevel) -> dict[str, KeyRecord]:
    return {r.purpose: r for r in records if r.level is level and r.state is KeyState.CURRENT}


def _under_their_parents(
    conn: Connection,
    present: Iterable[KeyRecord],
    hierarchy: Hierarchy,
    entropy: Entropy,
    now_ms: int,
) -> None:
    for row in present:
        if row.level is KeyLevel.DATA and row.parent == NO_PARENT and row.readable:
            nonce = entropy.token_bytes(NONCE_BYTES)
            sealed = hierarchy.seal(row, hierarchy.open(row), nonce)
            rows.change_key(conn, row, replace(sealed, changed_at_ms=now_ms))
