"""Checkpoints on a real database: signed when a shard grew, chained, caught up after a crash,
refused for an altered head.
"""

from __future__ import annotations

import pytest

from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP, OWNER
from tigertally_server.app.checkpoints import Checkpointer, HeadAltered
from tigertally_server.audit.checkpoint import (
    NO_PREVIOUS,
    CheckpointFile,
    origin_of,
    parse_checkpoint,
    verify_checkpoint,
)
from tigertally_server.audit.note import NoteSigner
from tigertally_server.store import installation as rows
from tigertally_testing.bank import Bank
from tigertally_testing.postgres_bank import install_postgres, open_store


@pytest.fixture
def world(database, clock, entropy, tmp_path):
    return World(database, clock, entropy, tmp_path / "checkpoints.log")


class World:
    def __init__(self, database, clock, entropy, outside):
        self.database, self.clock, self.outside = database, clock, outside
        _, self.context = install_postgres(self.connect, clock, entropy)
        self.store = open_store(self.connect)
        self.bank = Bank(self.store, self.context, clock, entropy)
        self.signer = NoteSigner(entropy.token_bytes(32))
        with self.connect() as conn:
            installation = rows.read_installation(conn)
        assert installation is not None
        self.installation = installation
        self.held = self.bank.customer_with_token(1)
        self.store.close()

    def connect(self, role=APP):
        return connect(self.database.dsn(role))

    def checkpointer(self):
        key = self.context.keyring.head_mac_key()
        return Checkpointer(self.installation, self.signer, key, self.outside, self.clock)

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


def test_signed_when_grown_and_chained(world):
    checkpointer = world.checkpointer()
    with world.connect() as conn:
        assert checkpointer.run_once(conn) == 1
        assert checkpointer.run_once(conn) == 0
        world.grow()
        assert checkpointer.run_once(conn) == 1
        stored = [parse_checkpoint(n) for n in rows.checkpoints_after(conn, 0, 0)]
    checkpointer.close()
    first, second = world.in_file()
    assert (first.previous, second.previous) == (NO_PREVIOUS, first.digest())
    assert stored == [first, second]
    assert second.size == first.size + 1


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


def test_what_a_crash_left_out_of_the_file_is_caught_up(world):
    first = world.checkpointer()
    with world.connect() as conn:
        first.run_once(conn)
    first.close()
    world.grow()
    crashed = world.checkpointer()
    real = crashed._outside
    with world.connect() as conn:
        crashed.run_once(conn)
    crashed.close()
    whole = real.read_bytes()
    real.write_bytes(
        whole[: whole.rindex(world.origin.encode() + b"\n")]
    )  # committed, never appended
    assert len(world.in_file()) == 1
    world.grow()
    again = world.checkpointer()
    with world.connect() as conn:
        assert again.run_once(conn) == 1
    again.close()
    sizes = [checkpoint.size for checkpoint in world.in_file()]
    assert sizes == list(range(sizes[0], sizes[0] + 3))


def test_altered_head_is_not_signed(world):
    with world.connect(OWNER) as conn:
        conn.execute("UPDATE tigertally.shard_head SET root = decode(repeat('00', 32), 'hex')")
        conn.commit()
    checkpointer = world.checkpointer()
    with world.connect() as conn, pytest.raises(HeadAltered, match="audit verify"):
        checkpointer.run_once(conn)
    checkpointer.close()
