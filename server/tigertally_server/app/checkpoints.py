"""Each second: sign the head of every shard that grew, into the database and into the file outside.

One process per database does it, by an advisory lock; the key is in a file that the database's
administrator doesn't have. Runs synchronously on its own connection in a worker thread. A failure
is counted and tried again: approvals don't wait for it, because every batch's head is already
sealed.
"""

from __future__ import annotations

import os
from pathlib import Path

from tigertally_drivers.ports import Clock
from tigertally_server.audit.checkpoint import (
    NO_PREVIOUS,
    CheckpointFile,
    build_checkpoint,
    origin_of,
    parse_checkpoint,
)
from tigertally_server.audit.head import verify_head_mac
from tigertally_server.audit.note import NoteSigner
from tigertally_server.audit.outside import append_note, open_outside
from tigertally_server.domain.entry import ShardHead
from tigertally_server.store import installation as rows
from tigertally_server.store.installation import Connection, Installation


class HeadAltered(Exception):
    """A shard's head is not as this system wrote it; it is not signed."""


class Checkpointer:
    """Holds the checkpoint key, the file outside, and the last note of each shard."""

    def __init__(
        self,
        installation: Installation,
        signer: NoteSigner,
        head_key: bytes,
        outside: Path,
        clock: Clock,
    ) -> None:
        self._installation, self._signer, self._head_key = installation, signer, head_key
        self._outside, self._clock = outside, clock
        self._fd = -1
        self._conn: Connection | None = None
        self._last: dict[int, tuple[int, bytes]] = {}

    def run_once(self, conn: Connection) -> int:
        """Signs what grew; returns the number of checkpoints. 0 where another process has the duty.

        Raises OSError, psycopg's errors and HeadAltered.
        """
        if conn is not self._conn and not self._take_duty(conn):
            return 0
        heads = rows.read_heads(conn)
        written = [note for head in heads if (note := self._checkpoint(conn, head)) is not None]
        conn.commit()
        for note in written:
            append_note(self._fd, note)
        return len(written)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        self._conn = None

    def _take_duty(self, conn: Connection) -> bool:
        mine = rows.try_checkpoint_lock(conn)
        conn.commit()
        if not mine:
            return False
        self.close()
        self._fd = open_outside(self._outside)
        for shard, note in rows.last_checkpoints(conn).items():
            last = parse_checkpoint(note)
            self._last[shard] = (last.size, last.digest())
            self._catch_up(conn, shard)
        conn.commit()
        self._conn = conn
        return True

    def _catch_up(self, conn: Connection, shard: int) -> None:
        """What a crash between the commit and the file left out of the file."""
        origin = origin_of(self._installation.installation_id, shard)
        size = 0
        for note in CheckpointFile.at(self._outside).notes(origin):
            size = parse_checkpoint(note).size
        for note in rows.checkpoints_after(conn, shard, size):
            append_note(self._fd, note)

    def _checkpoint(self, conn: Connection, head: ShardHead) -> str | None:
        size, previous = self._last.get(head.shard, (0, NO_PREVIOUS))
        if head.size == size:
            return None
        if not verify_head_mac(
            self._head_key, head.shard, head.size, head.root, head.frontier, head.mac
        ):
            raise HeadAltered(
                f"the head of shard {head.shard} was altered: run `tigertally audit verify`"
            )
        if head.size < size:
            raise HeadAltered(
                f"shard {head.shard} is shorter than its last checkpoint: run `tigertally audit "
                f"verify`"
            )
        at_ms = self._clock.now_ms()
        note = build_checkpoint(
            self._signer,
            self._installation.installation_id,
            head.shard,
            size=head.size,
            root=head.root,
            at_ms=at_ms,
            previous=previous,
        )
        rows.insert_checkpoint(conn, head.shard, head.size, at_ms, note)
        self._last[head.shard] = (head.size, parse_checkpoint(note).digest())
        return note
