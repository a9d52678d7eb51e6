"""Every tile of small trees, altered in every way: found, and named."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tigertally_client.verification import tiles
from tigertally_server.audit import merkle
from tigertally_server.audit.tiles import Edge, tile_name, tiles_of, widths


def leaves(n):
    return [hashlib.sha256(b"%d" % i).digest() for i in range(n)]


class Tree:
    def __init__(self, size):
        self.size = size
        self.store = {}
        edge = Edge()
        for tile in edge.append(leaves(size)):
            self.store[tile.level, tile.index, tile.width] = tile.hashes
        self.root = edge.root()

    def check(self, store=None):
        store = self.store if store is None else store

        def read(level, index, width):
            data = store.get((level, index, width))
            return None if data is None else (data if len(data) == 32 * width else b"")

        return tiles.check(self.size, self.root, read)


SIZES = (1, 2, 255, 256, 257, 511, 513, 700, 65536, 65537, 65536 + 257)


@pytest.fixture(scope="module")
def trees():
    return {size: Tree(size) for size in SIZES}


@pytest.mark.parametrize("size", SIZES)
def test_whole_trees_hold(trees, size):
    assert trees[size].check() == []
    assert trees[size].root == merkle.root(merkle.append(merkle.EMPTY, leaves(size)))


def ways(data):
    yield "altered", bytes([data[0] ^ 1]) + data[1:]
    yield "altered", data[:-1] + bytes([data[-1] ^ 128])
    yield "size", data[:-32]
    yield "size", data + bytes(32)
    yield "size", data[:-1]
    if len(data) >= 64:
        yield "altered", data[32:64] + data[:32] + data[64:]
    yield "missing", None


@pytest.mark.parametrize("size", SIZES)
def test_any_single_tile_touched_is_named(trees, size):
    tree = trees[size]
    places = list(tree.store)
    small = len(places) < 20
    for level, index, width in places if small else [places[1], *places[-4:]]:
        for what, data in list(ways(tree.store[level, index, width]))[:: 1 if small else 5]:
            store = dict(tree.store)
            if data is None:
                del store[level, index, width]
            else:
                store[level, index, width] = data
            problems = tree.check(store)
            name = tiles.tile_name(level, index, width)
            assert any(name in problem and what in problem for problem in problems), (
                name,
                problems,
            )
            others = [p for p in problems if "tile" in p and name not in p]
            assert others == [], (name, problems)


@pytest.mark.parametrize("size", [513, 65537])
def test_tiles_exchanged_are_both_named(trees, size):
    tree = trees[size]
    store = dict(tree.store)
    store[0, 0, 256], store[0, 1, 256] = store[0, 1, 256], store[0, 0, 256]
    problems = tree.check(store)
    assert [p for p in problems if "altered" in p] == [
        "tile 0/000 was altered", "tile 0/001 was altered",
    ]  # fmt: skip


@given(st.data())
@settings(max_examples=60)
def test_no_set_of_touched_tiles_passes(data):
    tree = _tree(data.draw(st.sampled_from((513, 700, 1500))))
    store = dict(tree.store)
    for place in data.draw(st.sets(st.sampled_from(sorted(store)), min_size=1, max_size=4)):
        at = data.draw(st.integers(0, len(store[place]) - 1))
        changed = bytearray(store[place])
        changed[at] ^= data.draw(st.integers(1, 255))
        store[place] = bytes(changed)
    assert tree.check(store)


_TREES: dict[int, Tree] = {}


def _tree(size):
    return _TREES.setdefault(size, Tree(size))


@given(st.integers(0, 10**9), st.integers(1, 256))
def test_both_sides_name_tiles_alike(index, width):
    assert tiles.tile_name(3, index, width) == tile_name(3, index, width)


def test_names_of_the_specification():
    """https://c2sp.org/tlog-tiles: its own examples."""
    assert tile_name(0, 1234067) == "0/x001/x234/067"
    assert tiles_of(70_000) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert [n // 256 for n in widths(70_000)] == [273, 1, 0]
    assert tiles_of(256) == [(1, 0, 1)]
