"""A log's tiles (https://c2sp.org/tlog-tiles) held against its checkpoint: is the tree the signed
one, and if not, which tile is it?

From the leaves upwards: when the hashes of level 0 give the signed root, every other tile must be
what they make. When they don't, from the signed root downwards: each tile must be what the genuine
one above says of it. So one altered, cut, exchanged or missing tile is named, and many are as long
as the right edge can be told.

Also proofs out of tiles. Costs one hash per leaf, and 32 bytes of memory per 256 leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from tigertally_client.verification.notes import NotGenuine
from tigertally_client.verification.tree import EMPTY_ROOT, node_hash, root_of

WIDTH: Final = 256
HASH: Final = 32

Read = Callable[[int, int, int], bytes | None]
"""(level, index, width) → the tile's bytes; None: missing."""


def tile_name(level: int | str, index: int, width: int = WIDTH) -> str:
    """Return a tile's path below ``tile/``."""
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    return f"{level}/{'/'.join(reversed(parts))}" + ("" if width == WIDTH else f".p/{width}")


def from_folder(folder: Path) -> Read:
    """Read tiles from a log's folder; a full tile stands in for a partial one."""

    def read(level: int, index: int, width: int) -> bytes | None:
        for name, whole in (
            (tile_name(level, index, width), width),
            (tile_name(level, index), WIDTH),
        ):
            try:
                data = (folder / "tile" / name).read_bytes()
            except OSError:
                continue
            return data[: HASH * width] if len(data) == HASH * whole else b""
        return None

    return read


def counts(size: int) -> list[int]:
    """Return how many hashes each level has."""
    found = []
    while size:
        found.append(size)
        size //= WIDTH
    return found


def spans(count: int) -> Iterator[tuple[int, int]]:
    """Yield (index, width) of a level's tiles."""
    for index in range(-(-count // WIDTH)):
        yield index, min(WIDTH, count - WIDTH * index)


def hashes_of(data: bytes) -> list[bytes]:
    """Return a tile's hashes."""
    return [data[at : at + HASH] for at in range(0, len(data), HASH)]


def tree_root(edges: Sequence[Sequence[bytes]]) -> bytes:
    """Return the root of a tree from its right edge: each level's partial tile, level 0 first."""
    root: bytes | None = None
    for edge in edges:
        for node in _perfect(edge):
            root = node if root is None else node_hash(node, root)
    return EMPTY_ROOT if root is None else root


def _perfect(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the perfect subtrees that these hashes make up, the smallest first."""
    roots, at = [], 0
    for bit in (1 << n for n in range(7, -1, -1)):
        if len(hashes) & bit:
            roots.append(root_of(hashes[at : at + bit]))
            at += bit
    return roots[::-1]


def check(size: int, root: bytes, read: Read) -> list[str]:
    """Return what is wrong with the tiles of a tree, a sentence for each; nothing: all is well."""
    return _Check(size, root, read).run()


class _Check:
    def __init__(self, size: int, root: bytes, read: Read) -> None:
        self._root, self._counts = root, counts(size)
        self._problems: list[str] = []
        self._stored: list[list[list[bytes] | None]] = []
        for level, count in enumerate(self._counts):
            self._stored.append([self._tile(read, level, *span) for span in spans(count)])
        # What each level would be if it were made of the one below; None where that has holes.
        self._made: list[list[bytes | None]] = [[]]
        for tiles in self._stored[:-1]:
            full = [tile for tile in tiles if tile is None or len(tile) == WIDTH]
            self._made.append([None if tile is None else root_of(tile) for tile in full])

    def _tile(self, read: Read, level: int, index: int, width: int) -> list[bytes] | None:
        data = read(level, index, width)
        if data is not None and len(data) == HASH * width:
            return hashes_of(data)
        what = "is missing" if data is None else "has another size than its name says"
        self._problems.append(f"tile {tile_name(level, index, width)} {what}")
        return None

    def run(self) -> list[str]:
        edges = self._edges()
        if edges is None and self._problems:
            return self._problems
        if edges is None:
            self._problems.append("the right edge of the tree can't be told: nothing is verified")
            return self._problems
        expected: dict[int, bytes] = {}
        top = len(self._counts) - 1
        for level in range(top, -1, -1):
            expected = self._down(level, edges[level], expected)
        return self._problems

    def _edge(self, level: int, *, made: bool) -> list[bytes] | None:
        """The partial tile of a level, as stored or as made of the level below."""
        width = self._counts[level] % WIDTH
        if not width:
            return []
        if not made:
            return self._stored[level][-1]
        hashes = self._made[level][-width:] if level else []
        whole = [each for each in hashes if each is not None]
        return whole if len(whole) == width else None

    def _edges(self) -> list[list[bytes]] | None:
        """The right edge that gives the signed root; a stored tile that differs is named."""
        levels = range(len(self._counts))
        stored = [self._edge(level, made=False) for level in levels]
        made = [self._edge(level, made=True) for level in levels]
        doubtful = [level for level in levels if stored[level] != made[level] and made[level]]
        for choice in range(1 << min(len(doubtful), 8)):
            taken = list(stored)
            for bit, level in enumerate(doubtful[:8]):
                if choice >> bit & 1:
                    taken[level] = made[level]
            whole = [edge for edge in taken if edge is not None]
            if len(whole) == len(taken) and tree_root(whole) == self._root:
                for level in levels:
                    if stored[level] is not None and taken[level] != stored[level]:
                        self._altered(level, self._counts[level] // WIDTH)
                return whole
        if not doubtful and stored and stored[0]:
            self._altered(0, self._counts[0] // WIDTH)
        return None

    def _altered(self, level: int, index: int) -> None:
        width = min(WIDTH, self._counts[level] - WIDTH * index)
        self._problems.append(f"tile {tile_name(level, index, width)} was altered")

    def _down(self, level: int, edge: list[bytes], expected: dict[int, bytes]) -> dict[int, bytes]:
        """Judge a level's full tiles by what the level above says; return what it says itself."""
        below: dict[int, bytes] = {}
        full = self._counts[level] // WIDTH
        for index in range(full):
            tile = self._genuine(level, index, expected.get(index))
            if tile is not None:
                below.update(enumerate(tile, WIDTH * index))
        below.update(enumerate(edge, WIDTH * full))
        return below

    def _genuine(self, level: int, index: int, wanted: bytes | None) -> list[bytes] | None:
        tile = self._stored[level][index]
        if tile is not None and (wanted is None or root_of(tile) == wanted):
            return tile  # without a word from above: judged by what is said of its neighbours
        if wanted is None:
            return None
        if tile is not None:
            self._altered(level, index)
        made = self._made[level][WIDTH * index : WIDTH * (index + 1)] if level else []
        whole = [each for each in made if each is not None]
        return whole if len(whole) == WIDTH and root_of(whole) == wanted else None


def subtree_reader(size: int, read: Read) -> Callable[[int, int], bytes]:
    """Return a function (start, stop) → the root over these leaves, out of the tiles. It raises
    NotGenuine where a tile is missing.
    """
    known = counts(size)

    def perfect(start: int, height: int) -> bytes:
        level, rest = divmod(height, 8)
        at = start >> (8 * level)
        if level >= len(known) or at + (1 << rest) > known[level]:
            half = 1 << (height - 1)
            return node_hash(perfect(start, height - 1), perfect(start + half, height - 1))
        index, first = divmod(at, WIDTH)
        data = read(level, index, min(WIDTH, known[level] - WIDTH * index))
        if not data:
            raise NotGenuine(f"tile {tile_name(level, index)} is missing or cut")
        return root_of(hashes_of(data)[first : first + (1 << rest)])

    def subtree(start: int, stop: int) -> bytes:
        count = stop - start
        if count & (count - 1) == 0:
            return perfect(start, count.bit_length() - 1)
        half = 1 << ((count - 1).bit_length() - 1)
        return node_hash(subtree(start, start + half), subtree(start + half, stop))

    return subtree


def root_at(size: int, of: int, read: Read) -> bytes:
    """Return the root that a tree of ``size`` had when it had ``of`` leaves. Raises NotGenuine."""
    return subtree_reader(size, read)(0, of) if of else EMPTY_ROOT
