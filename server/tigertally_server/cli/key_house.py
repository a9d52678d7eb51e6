"""What the verbs about keys share: one of them at a time, a keyring that is up to date, and how a
key is shown.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tigertally_server.app.key_care import reason_to_look
from tigertally_server.cli.house import House
from tigertally_server.cli.output import CommandError, when
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.key_hierarchy import Wrapping
from tigertally_server.services.keyring import Keyring, Purpose
from tigertally_server.store.installation import Connection, read_installation
from tigertally_server.store.keys import read_keys, try_ceremony_lock

MASTER: Final = "master"
ENDED: Final = frozenset({KeyState.DESTROYED, KeyState.DESTROYED_COMPROMISED})


@contextmanager
def key_work(house: House) -> Iterator[Connection]:
    """One verb that changes keys at a time, on whichever host; the keyring is as the database has
    it. Raises CommandError.
    """
    with house.reading(house.acting.role) as conn:
        if not try_ceremony_lock(conn):
            raise CommandError("another operator is at the keys: try again when he is through")
        follow(house, conn)
        yield conn


def follow(house: House, conn: Connection) -> None:
    """Takes over what was written since. Raises the drivers' errors of the master key."""
    keyring = house.environment.keyring
    keyring.follow(read_keys(conn), ask_master=True)
    row = read_installation(conn)
    conn.rollback()
    if row is not None:
        house.environment.installation = row


def pause(seconds: float) -> None:
    """Until every process has taken over what was just written."""
    threading.Event().wait(seconds)


def place_of(keyring: Keyring, target: str) -> tuple[str, str, str, str]:
    """What a person names: `master`, a key-encryption key or data key by its purpose, or any key by
    its number. Raises CommandError.
    """
    if target == MASTER:
        return KeyLevel.MASTER, "", MASTER, ""
    if target in {wrapping.value for wrapping in Wrapping}:
        return KeyLevel.ENCRYPTION, "", target, ""
    if target in {purpose.value for purpose in Purpose}:
        return KeyLevel.DATA, "", target, ""
    return find_key(keyring, target).place


def find_key(keyring: Keyring, text: str) -> KeyRecord:
    """By its number. Raises CommandError."""
    for record in keyring.records():
        if text == str(record.id):
            return record
    raise CommandError(f"there is no key {text!r}; `tigertally key list` shows them")


def summary(record: KeyRecord, house: House) -> dict[str, Any]:
    """A key as people see it: everything but its bytes."""
    zone = house.config.zone
    return {
        "id": record.id,
        "level": record.level.value,
        "purpose": record.purpose,
        "owner": record.owner or "platform",
        "name": record.name,
        "algorithm": record.algorithm,
        "generation": record.generation,
        "state": record.state.value,
        "check_value": record.check_value.hex().upper(),
        "sealed_under": record.parent or "",
        "exportable": record.exportable,
        "created": when(record.created_at_ms, zone),
        "changed": when(record.changed_at_ms, zone),
        "expires": when(record.expires_at_ms, zone),
        "warning": reason_to_look(
            record, house.environment.clock.now_ms(), house.config.keys.warn_days
        ),
    }
