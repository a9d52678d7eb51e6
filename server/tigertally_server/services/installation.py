"""Installing the system, and opening an installed one: the keys, the shards, the first token types.

Everything random comes from Entropy; nothing that is already there is replaced.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from tigertally_drivers.ports import Clock, Entropy, SealingKey
from tigertally_server.audit import head as audit_head
from tigertally_server.audit import merkle
from tigertally_server.audit.note import Algorithm
from tigertally_server.audit.signing import new_secret, note_signer
from tigertally_server.services.key_making import complete_keys
from tigertally_server.services.keyring import Keyring
from tigertally_server.store import installation as rows
from tigertally_server.store.audit_rounds import CheckpointKeyRow, insert_checkpoint_key
from tigertally_server.store.installation import Connection, Installation
from tigertally_server.store.keys import read_keys

DEFAULT_TOKEN_TYPES: Final[Mapping[str, Mapping[str, object]]] = {
    "totp-6": {"algorithm": "totp", "hash": "sha1", "digits": 6, "step_s": 30},
    "totp-8": {"algorithm": "totp", "hash": "sha256", "digits": 8, "step_s": 30},
    "hotp-6": {"algorithm": "hotp", "hash": "sha1", "digits": 6},
    "gm-sm3-6": {"algorithm": "gm-sm3", "hash": "sm3", "digits": 6, "step_s": 60},
}


class InstallationError(Exception):
    """The installation can't be opened; the text says why and what to do."""


def signer_identity(installation_id: str) -> bytes:
    """Associated data of the checkpoint key's file."""
    return f"checkpoint key/{installation_id}".encode()


def install(
    conn: Connection,
    master: SealingKey,
    master_salt: bytes,
    shards: int,
    clock: Clock,
    entropy: Entropy,
    algorithm: Algorithm = Algorithm.ED25519,
) -> tuple[Installation, bytes]:
    """Writes all rows of a new installation in the caller's transaction; returns it and the sealed
    checkpoint key.
    """
    installation_id = entropy.token_bytes(8).hex()
    signing_key = new_secret(algorithm, entropy)
    public = note_signer(signing_key).public_key
    now = clock.now_ms()
    row = Installation(
        installation_id, now, shards, bytes.fromhex(master.check_value), master_salt, public
    )
    rows.insert_installation(conn, row)
    insert_checkpoint_key(conn, CheckpointKeyRow(1, public, "file", now, ""))
    complete_keys(conn, master, clock, entropy)
    keyring = open_keyring(conn, master, entropy)
    mac_key = keyring.head_mac_key()
    for shard in range(shards):
        rows.insert_head(conn, audit_head.make_head(mac_key, shard, merkle.EMPTY))
    for name, parameters in DEFAULT_TOKEN_TYPES.items():
        rows.insert_token_type(conn, name, json.dumps(parameters))
    return row, keyring.seal_file(signing_key, signer_identity(installation_id))


def check_master_key(row: Installation, master: SealingKey, where: str) -> None:
    """Raises InstallationError where the master key is not the one that the database was sealed
    under.
    """
    if bytes.fromhex(master.check_value) != row.master_check:
        raise InstallationError(
            f"the master key from {where} has check value {master.check_value.upper()}, but this "
            f"database was sealed under "
            f"{row.master_check.hex().upper()}; put the right key back (it was shown with its "
            f"place when the system was "
            "installed). Without it every seed and every customer key is lost."
        )


def open_keyring(conn: Connection, master: SealingKey, entropy: Entropy) -> Keyring:
    """Raises drivers' Rejected, KeyMissing."""
    return Keyring(master, read_keys(conn), entropy)
