"""Which key seals which: opens and seals the bytes of key records, level by level.

The master key seals key-encryption keys, one per `Wrapping`; those seal everything below. So the
master key is asked once per key-encryption key and process, which is what lets it live in a device
(any `drivers.ports.SealingKey` is a master key). Knows no table and no clock; key bytes leave only
towards `Keyring`.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tigertally_drivers.ports import SealingKey
from tigertally_server.domain.key import NO_PARENT, KeyLevel, KeyRecord

NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
"""Of key-encryption keys and data keys: AES-256."""
_CHECK_LABEL: Final = b"tigertally data key check value"


class KeyMissing(Exception):
    """A sealed value names a key that this keyring doesn't have, or doesn't open under it."""


class Wrapping(StrEnum):
    """What a key-encryption key seals."""

    DATA_KEYS = "data-keys"
    WORKING_KEYS = "working-keys"
    FILES = "files"
    """Secrets of the platform that lie in files outside the database."""


WRAPPED_BY: Final[Mapping[KeyLevel, Wrapping]] = {
    KeyLevel.DATA: Wrapping.DATA_KEYS,
    KeyLevel.WORKING: Wrapping.WORKING_KEYS,
}


def key_check_value(key: bytes) -> bytes:
    """Of the platform's own keys: three bytes that tell two of them apart and tell nothing about
    either. Working keys have those of their algorithm (`services.key_checks`).
    """
    return hmac.digest(key, _CHECK_LABEL, "sha256")[:3]


def open_sealed(aead: AESGCM, sealed: bytes, identity: bytes) -> bytes:
    """Raises KeyMissing where key, place or bytes differ."""
    try:
        return aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], identity)
    except (InvalidTag, ValueError):
        raise KeyMissing(
            "a sealed value does not open: wrong key, wrong place or altered bytes"
        ) from None


class Hierarchy:
    """The key-encryption keys that are open in this process, by id."""

    def __init__(self, master: SealingKey) -> None:
        self.master = master
        self._open: dict[int, AESGCM] = {}
        self._current: dict[str, int] = {}

    def learn(self, rows: Iterable[KeyRecord], *, ask_master: bool) -> bool:
        """Takes the key-encryption keys among these rows into use and lets go of those that are
        destroyed. Returns whether some stay closed, because the master key may not be asked now.
        Raises drivers' errors of the master key.
        """
        seen = {row.id: row for row in rows if row.level is KeyLevel.ENCRYPTION and row.readable}
        closed = [row for row in seen.values() if row.id not in self._open]
        if ask_master:
            for row in closed:
                self._open[row.id] = AESGCM(self.master.open(row.sealed, row.identity))
            closed = []
        for gone in set(self._open) - set(seen):
            del self._open[gone]
        current = {r.purpose: r.id for r in seen.values() if r.state == "current"}
        self._current = {p: i for p, i in current.items() if i in self._open}
        return bool(closed)

    def can_open(self, row: KeyRecord) -> bool:
        """Whether its parent is open here."""
        return row.parent == NO_PARENT or row.parent in self._open

    def open(self, row: KeyRecord) -> bytes:
        """The bytes of a data or working key. Raises KeyMissing, and the drivers' Rejected."""
        if row.parent == NO_PARENT:
            return self.master.open(row.sealed, row.identity)
        aead = self._open.get(row.parent)
        if aead is None:
            raise KeyMissing(f"key {row.id}: its key-encryption key {row.parent} is not open here")
        return open_sealed(aead, row.sealed, row.identity)

    def seal(
        self, row: KeyRecord, raw: bytes, nonce: bytes, *, under: int | None = None
    ) -> KeyRecord:
        """`row` with these bytes sealed under the current key-encryption key of its level, or under
        another one that is open. Raises KeyMissing.
        """
        parent = self.current(WRAPPED_BY[row.level]) if under is None else under
        placed = replace(row, parent=parent)
        sealed = nonce + self._open[parent].encrypt(nonce, raw, placed.identity)
        return replace(placed, sealed=sealed)

    def add(self, row: KeyRecord, raw: bytes) -> None:
        """A key-encryption key that this process has just made."""
        self._open[row.id] = AESGCM(raw)

    def current(self, wrapping: Wrapping) -> int:
        """Raises KeyMissing."""
        try:
            return self._current[wrapping]
        except KeyError:
            raise KeyMissing(f"there is no current key-encryption key for {wrapping}") from None

    def seal_outside(self, plain: bytes, identity: bytes, nonce: bytes) -> tuple[int, bytes]:
        """(key id, sealed) of a secret that lies in a file."""
        key_id = self.current(Wrapping.FILES)
        return key_id, nonce + self._open[key_id].encrypt(nonce, plain, identity)

    def open_outside(self, key_id: int, sealed: bytes, identity: bytes) -> bytes:
        """The inverse. Raises KeyMissing."""
        aead = self._open.get(key_id)
        if aead is None:
            raise KeyMissing(f"key-encryption key {key_id} is not open here, or is destroyed")
        return open_sealed(aead, sealed, identity)
