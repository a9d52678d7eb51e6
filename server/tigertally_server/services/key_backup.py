"""The backup of all keys (密钥备份) as one file that is worth nothing without its backup key.

Key-encryption keys are sealed under the backup key instead of the master key; everything below
stays sealed under them, as it is in the database. So the backup key is needed to make a backup and
to use one, and the master key's loss costs nothing more than a restore. A proof under the backup
key covers the whole content: nothing can be left out or changed unseen.

Pure: bytes in, records out. Time and keys are given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import msgspec

from tigertally_drivers.errors import Rejected
from tigertally_drivers.ports import SealingKey
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.key_hierarchy import key_check_value
from tigertally_server.services.key_making import master_record

FORMAT: Final = "tigertally-key-backup-v1"
_PROOF: Final = b"tigertally key backup proof"
_GONE: Final = frozenset({KeyState.DESTROYED, KeyState.DESTROYED_COMPROMISED})


class BadBackup(Exception):
    """The file is no backup, was altered, or is another backup key's; the text says which."""


class BackedUpKey(msgspec.Struct, frozen=True):
    """A record as it stands in the file; bytes as hexadecimal digits."""

    id: int
    level: KeyLevel
    purpose: str
    state: KeyState
    owner: str
    name: str
    algorithm: str
    generation: int
    parent: int
    exportable: bool
    sealed: str
    check_value: str
    created_at_ms: int
    changed_at_ms: int
    expires_at_ms: int

    def __repr__(self) -> str:
        return f"BackedUpKey({self.id})"


class Backup(msgspec.Struct, frozen=True):
    """The file. `check_value`: of the backup key; `proof`: over everything before it."""

    format: str
    installation: str
    made_at_ms: int
    check_value: str
    keys: tuple[BackedUpKey, ...]
    proof: str = ""

    @property
    def digest(self) -> bytes:
        """Of what the proof covers."""
        bare = msgspec.structs.replace(self, proof="")
        return hashlib.sha256(msgspec.json.encode(bare)).digest()


def make_backup(
    records: Sequence[KeyRecord],
    master: SealingKey,
    backup_key: SealingKey,
    installation: str,
    now_ms: int,
) -> bytes:
    """All keys that have bytes, for `backup_key`. Raises drivers' errors."""
    kept = []
    for record in records:
        if record.level is KeyLevel.MASTER or record.state in _GONE:
            continue
        told = record
        if record.level is KeyLevel.ENCRYPTION:
            raw = master.open(record.sealed, record.identity)
            told = replace(record, sealed=backup_key.seal(raw, record.identity))
        kept.append(_told(told))
    bare = Backup(FORMAT, installation, now_ms, backup_key.check_value, tuple(kept))
    proof = backup_key.seal(bare.digest, _PROOF).hex()
    whole = msgspec.structs.replace(bare, proof=proof)
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


def read_backup(data: bytes, backup_key: SealingKey) -> Backup:
    """The content, proven. Raises BadBackup."""
    try:
        backup = msgspec.json.decode(data, type=Backup)
    except msgspec.DecodeError as problem:
        raise BadBackup(f"this is no key backup: {problem}") from None
    if backup.format != FORMAT:
        raise BadBackup(f"this is no key backup of this form ({FORMAT})")
    if backup.check_value != backup_key.check_value:
        raise BadBackup(
            "the backup was made for the backup key with check value "
            f"{backup.check_value.upper()}, this one has {backup_key.check_value.upper()}"
        )
    try:
        proven = backup_key.open(bytes.fromhex(backup.proof), _PROOF)
    except (Rejected, ValueError):
        proven = b""
    if proven != backup.digest:
        raise BadBackup("the backup was altered: its proof does not fit its content")
    return backup


def restored_records(
    backup: Backup, backup_key: SealingKey, master: SealingKey, master_id: int, now_ms: int
) -> list[KeyRecord]:
    """The records as they shall stand in a database under `master`, its own record first. Raises
    BadBackup, drivers' errors of the master key.
    """
    found = [master_record(master_id, master, now_ms)]
    for kept in backup.keys:
        record = _record(kept)
        if record.level is KeyLevel.ENCRYPTION:
            record = rehung(record, backup_key, master, master_id)
        found.append(record)
    return found


def rehung(
    record: KeyRecord, backup_key: SealingKey, master: SealingKey, master_id: int
) -> KeyRecord:
    """A key-encryption key of a backup, under the master key. Raises BadBackup."""
    try:
        raw = backup_key.open(record.sealed, record.identity)
    except Rejected:
        raise BadBackup(f"key {record.id} of the backup does not open") from None
    if key_check_value(raw) != record.check_value:
        raise BadBackup(f"key {record.id} of the backup has another check value")
    placed = replace(record, parent=master_id)
    return replace(placed, sealed=master.seal(raw, placed.identity))


def _told(record: KeyRecord) -> BackedUpKey:
    values = {name: getattr(record, name) for name in BackedUpKey.__struct_fields__}
    values["sealed"], values["check_value"] = record.sealed.hex(), record.check_value.hex()
    return BackedUpKey(**values)


def _record(kept: BackedUpKey) -> KeyRecord:
    values = msgspec.structs.asdict(kept)
    try:
        values["sealed"] = bytes.fromhex(kept.sealed)
        values["check_value"] = bytes.fromhex(kept.check_value)
    except ValueError:
        raise BadBackup(f"key {kept.id} of the backup is damaged") from None
    return KeyRecord(**values)
