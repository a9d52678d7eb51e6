"""Each second: sign the head of every shard that grew, and the round over all shards; into the
database, into the file outside, into the folder of tiles.

One process per database does it, by an advisory lock; the private key is where the database's
administrator doesn't reach (``app.signers``). Runs synchronously on its own connection in a worker
thread. A failure is counted and tried again; while it lasts, approvals end after
``audit.unsigned_max_s`` (``app.freshness``).

A round, each step after the one before it is on disk:

1. heads read, their MACs compared; the rows' leaves since the last round grown into the tree, which
   must give the head's frontier;
2. notes signed and committed to the database, shards and round in one transaction;
3. notes appended to the file outside, flushed;
4. tiles and checkpoints written to the folder;
5. the database told how much is published.

A crash after any step is made good by whoever takes the duty next: what the database has and the
file or the folder lacks is written there. What *they* have and the database lacks is never
overwritten, but refused.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from tigertally_drivers.ports import Clock
from tigertally_server.app.publishing import (
    FLUSHED_MS,
    HeadAltered,
    PublishedLog,
    PublishedRounds,
)
from tigertally_server.audit import merkle
from tigertally_server.audit.checkpoint import (
    NO_PREVIOUS,
    CheckpointFile,
    build_checkpoint,
    origin_of,
    parse_checkpoint,
)
from tigertally_server.audit.head import verify_head_mac
from tigertally_server.audit.note import NoteSigner
from tigertally_server.audit.outside import append_notes, open_outside
from tigertally_server.audit.rounds import (
    Round,
    ShardState,
    parse_record,
    parse_rounds_checkpoint,
    record_leaf,
    rounds_origin,
    sign_round,
)
from tigertally_server.audit.tiles import WIDTH, split_hashes
from tigertally_server.domain.entry import ShardHead
from tigertally_server.store import audit_rounds
from tigertally_server.store import installation as rows
from tigertally_server.store.audit_rounds import CheckpointKeyRow, RoundRow
from tigertally_server.store.installation import Connection, Installation
from tigertally_server.store.reading import LogReader, business_days

DAY_MS = 86_400_000
DAYS_AROUND = 3
"""Where the entries of the last seconds stand: today's business day, give or take."""
TAIL = 1 << 20
"""Bytes of the file outside in which the last round is looked for first."""

_ROUNDS_UNFLUSHED = FLUSHED_MS // 100
"""More rounds than come in that time: a round follows upon a second."""


class Checkpointer:
    """Holds the checkpoint key, the file outside, and the last note of each shard. ``reopen``: how
    to get at the key of a later generation.
    """

    def __init__(
        self,
        installation: Installation,
        signer: NoteSigner,
        head_keys: Callable[[], Sequence[bytes]],
        outside: Path,
        clock: Clock,
        *,
        folder: Path | None = None,
        reopen: Callable[[CheckpointKeyRow], NoteSigner] | None = None,
    ) -> None:
        self._installation, self._signer, self._head_keys = installation, signer, head_keys
        self._outside, self._clock, self._reopen = outside, clock, reopen
        self._folder = outside.with_name("tlog") if folder is None else folder
        self._fd = -1
        self._conn: Connection | None = None
        self._last: dict[int, tuple[int, bytes]] = {}
        self._logs: dict[int, PublishedLog] = {}
        self._rounds = PublishedRounds(self._folder / "rounds")

    @property
    def on_duty(self) -> bool:
        return self._conn is not None

    def run_once(self, conn: Connection) -> int:
        """Signs what grew; returns the number of shards' checkpoints. 0 where another process has
        the duty.

        Raises OSError, psycopg's errors, drivers' errors of the signer, and HeadAltered: call
        `close` then.
        """
        if conn is not self._conn and not self._take_duty(conn):
            return 0
        audit_rounds.hold_still(conn)
        self._follow_key(conn)
        heads = rows.read_heads(conn)
        grown = [head for head in heads if self._grown(conn, head)]
        if not grown:
            conn.commit()
            return 0
        at_ms = self._clock.now_ms()
        notes = {head.shard: self._sign(conn, head, at_ms) for head in grown}
        round_note = self._sign_round(conn, heads, at_ms)
        conn.commit()
        append_notes(self._fd, [*notes.values(), round_note])
        for shard, note in notes.items():
            self._logs[shard].publish(note)
        self._rounds.publish(round_note)
        self._tell_published(conn)
        return len(notes)

    def close(self) -> None:
        """Gives up what is held in memory: the next attempt begins with what is on disk."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        self._conn = None

    # ------------------------------------------------------------------ one round

    def _follow_key(self, conn: Connection) -> None:
        keys = audit_rounds.checkpoint_keys(conn)
        if not keys or keys[-1].public_key == self._signer.public_key:
            return
        if self._reopen is None:
            raise HeadAltered("the checkpoint key was changed, and this process has the old one")
        self._signer = self._reopen(keys[-1])

    def _grown(self, conn: Connection, head: ShardHead) -> bool:
        size, _ = self._last.get(head.shard, (0, NO_PREVIOUS))
        if head.size == size:
            return False
        if not any(
            verify_head_mac(key, head.shard, head.size, head.root, head.frontier, head.mac)
            for key in self._head_keys()
        ):
            raise HeadAltered(
                f"the head of shard {head.shard} was altered: run `tigertally audit verify`"
            )
        if head.size < size:
            raise HeadAltered(
                f"shard {head.shard} is shorter than its last checkpoint: run `tigertally audit "
                f"verify`"
            )
        frontier = self._logs[head.shard].grow(self._read_leaves(conn, head.shard, size, head.size))
        if merkle.encode_frontier(frontier) != head.frontier:
            raise HeadAltered(
                f"entries {size} to {head.size - 1} of shard {head.shard} are not what its head "
                "committed to: run `tigertally audit verify`"
            )
        return True

    def _sign(self, conn: Connection, head: ShardHead, at_ms: int) -> str:
        _, previous = self._last.get(head.shard, (0, NO_PREVIOUS))
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

    def _sign_round(self, conn: Connection, heads: Sequence[ShardHead], at_ms: int) -> str:
        origin = rounds_origin(self._installation.installation_id)
        states = tuple(ShardState(head.shard, head.size, head.root) for head in heads)
        if [state.shard for state in states] != list(range(self._installation.shards)):
            raise HeadAltered("a shard's head row is missing: run `tigertally audit verify`")
        found = Round(origin, self._rounds.size, at_ms, states)
        record = found.record()
        note = sign_round(self._signer, found, merkle.root(self._rounds.add(record)))
        audit_rounds.insert_round(conn, RoundRow(found.number, at_ms, record, note))
        return note

    def _tell_published(self, conn: Connection) -> None:
        entries = sum(size for size, _ in self._last.values())
        audit_rounds.set_published(conn, entries, self._clock.now_ms())
        conn.commit()

    def _read_leaves(self, conn: Connection, shard: int, start: int, stop: int) -> list[bytes]:
        today = self._clock.now_ms() // DAY_MS
        near = (today - DAYS_AROUND, today + DAYS_AROUND)
        for days in (near, None):
            found = audit_rounds.leaves_between(conn, shard, start, stop, days)
            count = stop - start
            if (found.rows, len(found.hashes)) == (count, merkle.HASH_SIZE * count):
                return split_hashes(found.hashes)
        # Some of them are archived: their leaves are kept.
        whole = list(LogReader(conn, business_days(conn)).leaves(shard, start, stop))
        if len(whole) == stop - start:
            return whole
        raise HeadAltered(
            f"of entries {start} to {stop - 1} of shard {shard} there are {found.rows} rows: run "
            "`tigertally audit verify`"
        )

    # ------------------------------------------------------------------ taking the duty over

    def _take_duty(self, conn: Connection) -> bool:
        mine = rows.try_checkpoint_lock(conn)
        conn.commit()
        if not mine:
            return False
        self.close()
        self._fd = open_outside(self._outside)
        self._last = {}
        self._logs = {}
        notes = rows.last_checkpoints(conn)
        for shard in {*range(self._installation.shards), *notes}:
            self._take_over_shard(conn, shard, notes.get(shard))
        self._take_over_rounds(conn)
        self._catch_up(conn)
        self._publish_keys(conn)
        self._tell_published(conn)
        self._conn = conn
        return True

    def _take_over_shard(self, conn: Connection, shard: int, note: str | None) -> None:
        def known(outside: str) -> tuple[int, bytes] | None:
            found = parse_checkpoint(outside)
            stored = rows.checkpoint_at(conn, shard, found.size)
            if stored is None or parse_checkpoint(stored) != found:
                return None
            return found.size, found.root

        def read(start: int, stop: int) -> list[bytes]:
            return self._read_leaves(conn, shard, start, stop)

        log = self._logs[shard] = PublishedLog(f"shard {shard}", self._folder / str(shard))
        if note is None:
            log.take_over("", 0, merkle.EMPTY_ROOT, read, known)
            return
        last = parse_checkpoint(note)
        self._last[shard] = (last.size, last.digest())
        flushed = rows.size_long_before(conn, shard, last.size, FLUSHED_MS)
        log.take_over(note, last.size, last.root, read, known, flushed)

    def _take_over_rounds(self, conn: Connection) -> None:
        def known(outside: str) -> tuple[int, bytes] | None:
            found = parse_rounds_checkpoint(outside)
            stored = audit_rounds.round_note(conn, found.size - 1)
            if stored is None or parse_rounds_checkpoint(stored) != found:
                return None
            return found.size, found.root

        def read(start: int, stop: int) -> list[bytes]:
            leaves = [record_leaf(r.record) for r in audit_rounds.rounds(conn, start, stop)]
            if len(leaves) != stop - start:
                raise HeadAltered(
                    "rounds are missing in the database: run `tigertally audit verify`"
                )
            return leaves

        self._rounds = PublishedRounds(self._folder / "rounds")
        last = audit_rounds.last_round(conn)
        if last is None:
            self._rounds.take_over("", 0, merkle.EMPTY_ROOT, read, known)
            return
        checkpoint = parse_rounds_checkpoint(last.note)
        first = checkpoint.size // WIDTH * WIDTH
        published = self._rounds.published_size(known)
        first = min(first, published // WIDTH * WIDTH)
        records = (row.record for row in audit_rounds.rounds(conn, first, checkpoint.size))
        self._rounds.load_bundles(records, first)
        flushed = max(0, checkpoint.size - _ROUNDS_UNFLUSHED)
        self._rounds.take_over(last.note, checkpoint.size, checkpoint.root, read, known, flushed)

    def _catch_up(self, conn: Connection) -> None:
        """What a crash between the commit and the file left out of the file. A round's note is
        the last of its round, so it says that the shards' notes are there too.
        """
        sizes, done = self._covered_outside(conn)
        for shard in range(self._installation.shards):
            append_notes(self._fd, rows.checkpoints_after(conn, shard, sizes.get(shard, 0)))
        append_notes(self._fd, [row.note for row in audit_rounds.rounds(conn, done)])
        conn.commit()

    def _covered_outside(self, conn: Connection) -> tuple[dict[int, int], int]:
        """(size by shard, rounds) whose notes stand in the file."""
        origin = rounds_origin(self._installation.installation_id)
        for file in (CheckpointFile.tail(self._outside, TAIL), CheckpointFile.at(self._outside)):
            last_round = deque(file.notes(origin), maxlen=1)
            if last_round:
                return self._covered_by(conn, last_round[0])
        last = {note.split("\n", 1)[0]: note for note in file.notes()}
        sizes = {}
        for shard in range(self._installation.shards):
            found = last.get(origin_of(self._installation.installation_id, shard))
            sizes[shard] = 0 if found is None else parse_checkpoint(found).size
            if found is not None and rows.checkpoint_at(conn, shard, sizes[shard]) != found:
                raise HeadAltered(_not_in_database(f"shard {shard}"))
        return sizes, 0

    def _covered_by(self, conn: Connection, note: str) -> tuple[dict[int, int], int]:
        checkpoint = parse_rounds_checkpoint(note)
        row = next(audit_rounds.rounds(conn, checkpoint.size - 1, checkpoint.size), None)
        if row is None or row.note != note:
            raise HeadAltered(_not_in_database("the log of rounds"))
        sizes = {state.shard: state.size for state in parse_record(row.record).shards}
        return sizes, checkpoint.size

    def _publish_keys(self, conn: Connection) -> None:
        changes = [row.note for row in audit_rounds.checkpoint_keys(conn) if row.note]
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / "keys.new"
        fresh.write_text("".join(f"{note}\n" for note in changes), encoding="utf-8")
        fresh.replace(self._folder / "keys")
        conn.commit()


def _not_in_database(log: str) -> str:
    return (
        f"the last checkpoint of {log} in the file outside is not in the database: the past was "
        "written anew, or an older database was restored; run `tigertally audit verify`"
    )
