"""Changing the checkpoint key: the new one made, vouched for by the old one, in the database, in
the file outside and in the published folder; then the old one is gone.

Rounds wait meanwhile (`audit_rounds.hold_still`), so that the change says exactly which checkpoints
are the old key's. Each step may be the last before a crash:

1. the new key stands beside the old one, unused        → the next attempt uses it
2. the database has the note that both signed           → whoever opens the key next ends the change
3. the old file is replaced; 4. the note stands outside → the next round's process writes it there
"""

from __future__ import annotations

import os

from tigertally_drivers.errors import Rejected
from tigertally_server.app.environment import Environment
from tigertally_server.audit.checkpoint import parse_checkpoint
from tigertally_server.audit.keychange import KeyChange, build_change, sizes_by_shard
from tigertally_server.audit.note import Algorithm
from tigertally_server.audit.outside import append_notes, open_outside
from tigertally_server.store import audit_rounds
from tigertally_server.store import installation as rows
from tigertally_server.store.audit_rounds import CheckpointKeyRow
from tigertally_server.store.installation import Connection


def change_checkpoint_key(
    conn: Connection, environment: Environment, place: str, algorithm: Algorithm
) -> CheckpointKeyRow:
    """The new generation, in force when this returns. Raises drivers' errors, InstallationError,
    KeyMissing, OSError.
    """
    audit_rounds.hold_still(conn)
    last = audit_rounds.checkpoint_keys(conn)[-1]
    if place == last.place != "file":
        raise Rejected(f"the checkpoint key is {place} already; name another label")
    signers = environment.signers
    old = signers.need(last)
    new = signers.prepare(place, algorithm, environment.entropy)
    installation = environment.installation
    sizes = {
        shard: parse_checkpoint(note).size for shard, note in rows.last_checkpoints(conn).items()
    }
    newest = audit_rounds.last_round(conn)
    change = KeyChange(
        installation_id=installation.installation_id,
        generation=last.generation + 1,
        at_ms=environment.clock.now_ms(),
        old=old.public_key,
        new=new.public_key,
        rounds=0 if newest is None else newest.number + 1,
        sizes=sizes_by_shard(installation.shards, sizes),
    )
    note = build_change(change, old, new)
    row = CheckpointKeyRow(change.generation, change.new, place, change.at_ms, note)
    audit_rounds.insert_checkpoint_key(conn, row)
    conn.commit()
    signers.commit(place)
    fd = open_outside(environment.config.checkpoint_file)
    try:
        append_notes(fd, [note])
    finally:
        os.close(fd)
    return row
