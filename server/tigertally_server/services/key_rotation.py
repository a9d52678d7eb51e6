"""The steps of a key's life, each as the rows that one unit of work writes with its entry.

A new generation comes in two steps. First it is *pre-active*: every process takes it over with the
configuration's epoch, and opens with it what another one may seal. Then it becomes *current*, and
the one before it *old*. Between the two lies `TAKE_OVER_MS`, so that nobody meets a row that he
can't open. Both steps are complete in themselves; whoever is interrupted between them goes on with
the pre-active generation that is there.

Pure: keyring, ids, times and randomness are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from tigertally_drivers.ports import Entropy, SealingKey
from tigertally_server.domain.administration import AdminWrite, PutKey, ReplaceMaster
from tigertally_server.domain.key import (
    IllegalKeyTransition,
    KeyLevel,
    KeyRecord,
    KeyState,
    may_become,
)
from tigertally_server.services.key_hierarchy import KEY_BYTES, key_check_value
from tigertally_server.services.key_making import drawn_encryption_key, expiry, master_record
from tigertally_server.services.keyring import Keyring

TAKE_OVER_MS: Final = 2_000
"""After so long every process that reaches the database has taken over a new generation; they look
every 400 ms.
"""


class NotRotated(Exception):
    """The rotation can't be begun; the text says why."""


def current_of(keyring: Keyring, place: Sequence[str]) -> KeyRecord:
    """The current key of (level, owner, purpose, name). Raises NotRotated."""
    return _only(keyring, tuple(place), KeyState.CURRENT)


def waiting_of(keyring: Keyring, place: Sequence[str]) -> KeyRecord | None:
    """The generation that an interrupted rotation left pre-active."""
    try:
        return _only(keyring, tuple(place), KeyState.PRE_ACTIVE)
    except NotRotated:
        return None


def _only(keyring: Keyring, place: tuple[str, ...], state: KeyState) -> KeyRecord:
    for record in keyring.records():
        if record.place == place and record.state is state:
            return record
    level, owner, purpose, name = place
    whose = f" of {owner}" if owner else ""
    raise NotRotated(f"there is no {state} {level} key for {purpose}{name and ' ' + name}{whose}")


def successor(
    keyring: Keyring, key_id: int, before: KeyRecord, now_ms: int, entropy: Entropy
) -> KeyRecord:
    """The next generation of a key-encryption or data key, pre-active, with fresh bytes."""
    bare = _next(keyring, key_id, before, now_ms)
    if before.level is KeyLevel.ENCRYPTION:
        parent = current_of(keyring, (KeyLevel.MASTER, "", "master", ""))
        placed = replace(bare, parent=parent.id)
        return drawn_encryption_key(placed, keyring.hierarchy.master, entropy)[0]
    return keyring.sealed_record(bare, entropy.token_bytes(KEY_BYTES))


def successor_with(
    keyring: Keyring, key_id: int, before: KeyRecord, now_ms: int, raw: bytes
) -> KeyRecord:
    """The same for a working key whose bytes come from elsewhere: custodians, a partner, the
    caller's entropy.
    """
    return keyring.sealed_record(_next(keyring, key_id, before, now_ms), raw)


def _next(keyring: Keyring, key_id: int, before: KeyRecord, now_ms: int) -> KeyRecord:
    generation = max(r.generation for r in keyring.records() if r.place == before.place) + 1
    return replace(
        before,
        id=key_id,
        state=KeyState.PRE_ACTIVE,
        generation=generation,
        created_at_ms=now_ms,
        changed_at_ms=now_ms,
        expires_at_ms=expiry(before.level, now_ms),
    )


def activation(keyring: Keyring, fresh: KeyRecord, now_ms: int) -> tuple[PutKey, ...]:
    """`fresh` becomes current, and what was current old."""
    before = current_of(keyring, fresh.place)
    return (
        moved(before, KeyState.OLD, now_ms),
        moved(fresh, KeyState.CURRENT, now_ms),
    )


def moved(record: KeyRecord, state: KeyState, now_ms: int) -> PutKey:
    """A step of the life cycle. Raises IllegalKeyTransition."""
    if not may_become(record.state, state):
        raise IllegalKeyTransition(
            f"key {record.id} is {record.state}: it does not become {state} from there"
        )
    gone = state in {KeyState.DESTROYED, KeyState.DESTROYED_COMPROMISED}
    sealed = b"" if gone else record.sealed
    return PutKey(replace(record, state=state, sealed=sealed, changed_at_ms=now_ms), record)


def new_master(
    keyring: Keyring, key_id: int, fresh: SealingKey, salt: bytes, now_ms: int
) -> tuple[AdminWrite, ...]:
    """The whole change of the master key: every key-encryption key sealed under `fresh`, in one
    unit of work. Each is opened again before anything is written. Raises NotRotated.
    """
    before = current_of(keyring, (KeyLevel.MASTER, "", "master", ""))
    old = keyring.hierarchy.master
    if old.check_value == fresh.check_value:
        raise NotRotated("this is the master key in force already")
    made = master_record(key_id, fresh, now_ms, before.generation + 1)
    writes: list[AdminWrite] = [
        ReplaceMaster(before.check_value, made.check_value, salt),
        moved(before, KeyState.OLD, now_ms),
        PutKey(made),
    ]
    for record in keyring.records():
        if record.level is not KeyLevel.ENCRYPTION or not record.readable:
            continue
        raw = old.open(record.sealed, record.identity)
        after = replace(record, parent=key_id, changed_at_ms=now_ms)
        after = replace(after, sealed=fresh.seal(raw, after.identity))
        opened = fresh.open(after.sealed, after.identity)
        if key_check_value(opened) != record.check_value:
            raise NotRotated(f"key {record.id} does not open again under the new master key")
        writes.append(PutKey(after, record))
    return tuple(writes)
