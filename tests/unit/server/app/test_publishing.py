"""What a start finds of the published tiles."""

import hashlib

import pytest

from tigertally_server.app.publishing import PublishedLog
from tigertally_server.audit import merkle
from tigertally_server.audit.tile_folder import TileFolder
from tigertally_server.audit.tiles import WIDTH

SIZE = 3 * WIDTH + 5
LEAVES = [hashlib.sha256(bytes([i >> 8, i & 255])).digest() for i in range(SIZE)]
ROOT = merkle.root(merkle.append(merkle.EMPTY, LEAVES))


@pytest.fixture
def folder(tmp_path):
    started(tmp_path, flushed=0)
    return tmp_path


def started(path, flushed):
    log = PublishedLog("shard 0", path)
    log.take_over(
        "note", SIZE, ROOT, lambda start, stop: LEAVES[start:stop], lambda _: (SIZE, ROOT), flushed
    )


@pytest.mark.parametrize("damage", [b"", bytes(32 * WIDTH)])
@pytest.mark.parametrize("tile", [0, 1, 2])
@pytest.mark.parametrize("flushed", [0, WIDTH, WIDTH + 9, 3 * WIDTH, SIZE])
def test_a_full_tile_that_power_may_have_taken_is_written_again(folder, damage, tile, flushed):
    file = folder / f"tile/0/{tile:03d}"
    good = file.read_bytes()
    file.write_bytes(damage)
    started(folder, flushed)
    looked_at = tile >= flushed // WIDTH
    assert (TileFolder(folder).path / f"tile/0/{tile:03d}").read_bytes() == (
        good if looked_at else damage
    )
