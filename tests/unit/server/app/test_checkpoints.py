"""Checkpoints and rounds on a real database: signed when a shard grew, chained, published as tiles,
caught up after a crash at any step, refused for a head, rows or an outside that don't fit.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tigertally_drivers.errors import Unavailable
from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP, OWNER, SUPERUSER
from tigertally_server.app.checkpoints import Checkpointer
from tigertally_server.app.publishing import HeadAltered
from tigertally_server.audit import merkle
from tigertally_server.audit.checkpoint import (
    NO_PREVIOUS,
    CheckpointFile,
    origin_of,
    parse_checkpoint,
    verify_checkpoint,
)
from tigertally_server.audit.note import NoteSigner
from tigertally_server.audit.rounds import parse_record, rounds_origin, verify_rounds_checkpoint
from tigertally_server.audit.tile_folder import TileFolder
from tigertally_server.audit.tiles import Edge, TileError
from tigertally_server.store import audit_rounds
from tigertally_server.store import installation as rows
from tigertally_testing.bank import Bank
from tigertally_testing.postgres_bank import install_postgres, open_store


class Crash(BaseException):
    """The process died here."""


@pytest.fixture
def world(database, clock, entropy, tmp_path):
    return World(database, clock, entropy, tmp_path / "checkpoints.log")


class World:
    def __init__(self, database, clock, entropy, outside):
        self.database, self.clock, self.outside = database, clock, outside
        self.folder = outside.with_name("tlog")
        _, self.context = install_postgres(self.connect, clock, entropy)
        self.store = open_store(self.connect)
        self.bank = Bank(self.store, self.context, clock, entropy)
        self.signer = NoteSigner(entropy.token_bytes(32))
        with self.connect(SUPERUSER) as conn:
            conn.execute(
                "UPDATE tigertally.checkpoint_key SET public_key = %s", (self.signer.public_key,)
            )
        with self.connect() as conn:
            installation = rows.read_installation(conn)
        assert installation is not None
        self.installation = installation
        self.held = self.bank.customer_with_token(1)
        self.store.close()

    def connect(self, role=APP):
        return connect(self.database.dsn(role))

    def checkpointer(self, signer=None):
        key = self.context.keyring.head_mac_key()
        signer = signer or self.signer
        return Checkpointer(self.installation, signer, lambda: (key,), self.outside, self.clock)

    def sign(self):
        checkpointer = self.checkpointer()
        with self.connect() as conn:
            try:
                return checkpointer.run_once(conn)
            finally:
                checkpointer.close()

    def grow(self):
        self.bank.verify(self.held, "000000")
        self.store.close()

    @property
    def origin(self):
        return origin_of(self.installation.installation_id, 0)

    def in_file(self):
        return [
            verify_checkpoint(note, self.signer.public_key, self.origin)
            for note in CheckpointFile.at(self.outside).notes(self.origin)
        ]

    def rounds_in_file(self):
        origin = rounds_origin(self.installation.installation_id)
        return [
            verify_rounds_checkpoint(note, self.signer.public_key, origin)
            for note in CheckpointFile.at(self.outside).notes(origin)
        ]

    def published(self, shard=0):
        """The root that the folder's tiles give, after comparing it with their checkpoint."""
        folder = TileFolder(self.folder / str(shard))
        note = folder.checkpoint()
        assert note is not None
        found = verify_checkpoint(note, self.signer.public_key, self.origin)
        edge = Edge.load(found.size, folder.read)
        assert edge.root() == found.root
        return found

    def head(self):
        with self.connect() as conn:
            return rows.read_heads(conn)[0]

    def alter(self, statement):
        with self.connect(SUPERUSER) as conn:
            conn.execute("SET session_replication_role = replica")  # no trigger stands in the way
            conn.execute(statement)
            conn.commit()


def test_signed_when_grown_and_chained(world):
    checkpointer = world.checkpointer()
    with world.connect() as conn:
        assert checkpointer.run_once(conn) == 1
        assert checkpointer.run_once(conn) == 0
        world.grow()
        assert checkpointer.run_once(conn) == 1
        stored = [parse_checkpoint(n) for n in rows.checkpoints_after(conn, 0, 0)]
        assert audit_rounds.coverage(conn).published == stored[-1].size
    checkpointer.close()
    first, second = world.in_file()
    assert (first.previous, second.previous) == (NO_PREVIOUS, first.digest())
    assert stored == [first, second]
    assert second.size == first.size + 1
    assert world.published() == second


def test_a_round_tells_every_shard(world):
    world.sign()
    world.grow()
    world.sign()
    with world.connect() as conn:
        stored = list(audit_rounds.rounds(conn))
    found = [parse_record(row.record) for row in stored]
    assert [round_.number for round_ in found] == [0, 1]
    assert [len(round_.shards) for round_ in found] == [2, 2]
    assert found[1].shards[0].root == world.head().root
    assert found[1].shards[1] == type(found[1].shards[1])(1, 0, merkle.EMPTY_ROOT)
    notes = world.rounds_in_file()
    assert [note.size for note in notes] == [1, 2]
    assert notes[1].super_root == found[1].super_root()
    bundle = (world.folder / "rounds/tile/entries/000.p/2").read_bytes()
    assert bundle == b"".join(
        len(row.record).to_bytes(2, "big") + row.record.encode() for row in stored
    )


def test_one_process_has_the_duty(world):
    mine, other = world.checkpointer(), world.checkpointer()
    with world.connect() as conn, world.connect() as second:
        assert mine.run_once(conn) == 1
        world.grow()
        assert other.run_once(second) == 0
        assert mine.run_once(conn) == 1
        mine.close()
        conn.close()
        world.grow()
        assert other.run_once(second) == 1
    other.close()
    assert len(world.in_file()) == 3


class Steps:
    """Counts what reaches disk or database, and dies before the n-th."""

    def __init__(self, monkeypatch, die_at):
        self.done, self.die_at = 0, die_at
        for place, name in ((os, "write"), (os, "fsync"), (Path, "replace"), (os, "open")):
            monkeypatch.setattr(place, name, self.counted(getattr(place, name)))
        for name in (
            "insert_round", "set_published", "hold_still", "checkpoint_keys", "leaves_between",
        ):  # fmt: skip
            monkeypatch.setattr(audit_rounds, name, self.counted(getattr(audit_rounds, name)))
        for name in ("read_heads", "insert_checkpoint", "last_checkpoints", "checkpoints_after"):
            monkeypatch.setattr(rows, name, self.counted(getattr(rows, name)))

    def counted(self, real):
        def step(*arguments, **options):
            self.done += 1
            if self.done == self.die_at:
                raise Crash
            return real(*arguments, **options)

        return step


def test_a_crash_at_every_step_is_made_good(world):
    world.sign()
    crashes = 0
    while True:
        world.grow()
        with pytest.MonkeyPatch.context() as patch:
            steps = Steps(patch, crashes + 1)
            try:
                world.sign()
            except Crash:
                crashes += 1
            else:
                break
        if crashes % 3:  # at times the next process finds more than one round to make good
            world.sign()
            assert world.published().size == world.head().size
    assert crashes == steps.done > 20
    sizes = [checkpoint.size for checkpoint in world.in_file()]
    assert sorted(set(sizes)) == sorted(sizes)
    assert len({note.size for note in world.rounds_in_file()}) == world.rounds_in_file()[-1].size
    assert world.published().root == world.head().root
    with world.connect() as conn:
        assert len(list(audit_rounds.rounds(conn))) == world.rounds_in_file()[-1].size
        assert audit_rounds.coverage(conn).published == world.head().size


def test_what_a_crash_left_out_of_the_file_is_caught_up(world):
    world.sign()
    world.grow()
    before = world.outside.read_bytes()
    world.sign()
    world.outside.write_bytes(before)  # committed, never appended
    assert len(world.in_file()) == 1
    world.grow()
    assert world.sign() == 1
    sizes = [checkpoint.size for checkpoint in world.in_file()]
    assert sizes == list(range(sizes[0], sizes[0] + 3))


def test_tiles_that_power_took_are_made_again_from_the_rows(world):
    for _ in range(3):
        world.grow()
    world.sign()
    edge = next((world.folder / "0/tile/0/000.p").iterdir())
    for damage in (b"", edge.read_bytes()[:-1], bytes(len(edge.read_bytes()))):
        edge.write_bytes(damage)
        with pytest.raises((TileError, AssertionError)):
            world.published()
        world.sign()
        assert world.published().root == world.head().root
    (world.folder / "0/checkpoint").write_bytes(b"torn")
    world.grow()
    world.sign()
    assert world.published().root == world.head().root
    shutil.rmtree(world.folder)
    world.sign()
    assert world.published().root == world.head().root


def test_altered_head_is_not_signed(world):
    world.alter("UPDATE tigertally.shard_head SET root = decode(repeat('00', 32), 'hex')")
    with pytest.raises(HeadAltered, match="audit verify"):
        world.sign()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE tigertally.entry SET leaf = sha256('') WHERE seq = 1", "committed"),
        ("DELETE FROM tigertally.entry WHERE shard = 0 AND seq = 1", "rows"),
    ],
)  # fmt: skip
def test_rows_that_are_not_what_the_head_committed_to_are_not_signed(world, statement, what):
    world.alter(statement)
    with pytest.raises(HeadAltered, match=what):
        world.sign()
    assert world.in_file() == []


def test_a_past_written_anew_is_not_published_over_the_old_one(world):
    world.grow()
    world.sign()
    world.grow()
    world.sign()
    for statement in (
        "UPDATE tigertally.checkpoint SET note = replace(note, 'time 1', 'time 2')",
        "DELETE FROM tigertally.checkpoint; DELETE FROM tigertally.audit_round",
    ):
        world.alter(statement)
        before = world.outside.read_bytes()
        with pytest.raises(HeadAltered, match="written anew"):
            world.sign()
        assert world.outside.read_bytes() == before


def test_an_older_database_does_not_go_on_behind_the_file_outside(world):
    world.sign()
    world.grow()
    world.sign()
    last = world.head().size
    shutil.rmtree(world.folder)  # the file alone knows
    world.alter(
        f"DELETE FROM tigertally.checkpoint WHERE size = {last};"
        "DELETE FROM tigertally.audit_round WHERE number = 1"
    )
    with pytest.raises(HeadAltered, match="file outside"):
        world.sign()


def test_a_signer_that_is_away_leaves_nothing_half_done(world):
    class Away:
        public_key = world.signer.public_key

        def sign(self, data):
            raise Unavailable("the device doesn't answer")

    world.sign()
    world.grow()
    checkpointer = world.checkpointer(NoteSigner(Away()))
    with world.connect() as conn, pytest.raises(Unavailable):
        checkpointer.run_once(conn)
    checkpointer.close()
    assert len(world.in_file()) == 1
    assert world.sign() == 1
    assert [note.size for note in world.rounds_in_file()] == [1, 2]


def test_a_folder_that_takes_nothing_is_made_good_when_it_does_again(world, monkeypatch):
    world.sign()
    world.grow()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TileFolder, "write", _full)
        with pytest.raises(OSError, match="No space"):
            world.sign()
    with world.connect() as conn:
        found = audit_rounds.coverage(conn)
    assert found.published == found.recorded - 1
    world.sign()
    assert world.published().root == world.head().root
    with world.connect(OWNER) as conn:
        found = audit_rounds.coverage(conn)
    assert found.published == found.recorded


def _full(*_):
    raise OSError(28, "No space left on device")
