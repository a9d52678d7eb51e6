"""The Merkle tree as C2SP tiles (https://c2sp.org/tlog-tiles): 256 hashes each, by level.

Tile ``n`` of level ``l`` holds, for i = 0..255, the roots over the leaves
``[(256·n + i)·256^l, (256·n + i + 1)·256^l)``; the right-most tile of a level may be partial, and
is named with its width. A tree is rebuilt from its tiles alone, and any proof is computed from a
handful of them.

Knows hashes and names; files are ``audit.tile_folder``'s. Growing costs one hash per leaf
(0.7 µs), proofs at most 256 hashes per level they touch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from tigertally_server.audit import merkle

WIDTH: Final = 256
_BITS: Final = 8
_HASH: Final = merkle.HASH_SIZE

TileReader = Callable[[int, int, int], bytes]
"""(level, index, width) → the tile's bytes, ``32 · width``; raises TileError."""


class TileError(ValueError):
    """A tile that is missing, of a wrong size, or not what the tree says. ``name``: which."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"tile {name} {what}")
        self.name = name


class Tile(msgspec.Struct, frozen=True, gc=False):
    """One tile; ``hashes`` end to end."""

    level: int
    index: int
    hashes: bytes

    @property
    def width(self) -> int:
        """1..256."""
        return len(self.hashes) // _HASH

    @property
    def name(self) -> str:
        """Its path below ``tile/``."""
        return tile_name(self.level, self.index, self.width)


def tile_name(level: int | str, index: int, width: int = WIDTH) -> str:
    """Return the path below ``tile/``: ``0/x001/234`` or ``0/x001/234.p/17``. ``level``
    ``"entries"`` names an entry bundle.
    """
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"{level}/{'/'.join(reversed(parts))}{partial}"


def split_hashes(data: bytes) -> list[bytes]:
    """Return the hashes of a tile."""
    return [data[at : at + _HASH] for at in range(0, len(data), _HASH)]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the Merkle root over hashes as leaves."""
    return merkle.root(merkle.append(merkle.EMPTY, hashes))


def widths(size: int) -> list[int]:
    """Return how many hashes each level has in a tree of this size, level 0 first."""
    counts = []
    while size:
        counts.append(size)
        size >>= _BITS
    return counts


def tiles_of(size: int) -> list[tuple[int, int, int]]:
    """Return (level, index, width) of the right edge: one tile per level that is partial."""
    edge = []
    for level, count in enumerate(widths(size)):
        if count % WIDTH:
            edge.append((level, count // WIDTH, count % WIDTH))
    return edge


class Edge:
    """The right edge of a tree: the partial tile of each level. Grows; :meth:`copy` to try."""

    __slots__ = ("_levels", "size")

    def __init__(self, size: int = 0, levels: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self._levels = [list(level) for level in levels]

    @classmethod
    def load(cls, size: int, read: TileReader) -> Edge:
        """Read a tree's right edge. Raises TileError."""
        levels: list[list[bytes]] = [[] for _ in widths(size)]
        for level, index, width in tiles_of(size):
            levels[level] = split_hashes(read(level, index, width))
        return cls(size, levels)

    def copy(self) -> Edge:
        """Return one that grows apart from this."""
        return Edge(self.size, self._levels)

    def append(self, leaves: Sequence[bytes]) -> list[Tile]:
        """Append leaf hashes; return the tiles that are new: full ones, then the partial edge."""
        full: list[Tile] = []
        partial: list[Tile] = []
        level, fresh, total = 0, list(leaves), self.size
        while fresh:
            if level == len(self._levels):
                self._levels.append([])
            held = self._levels[level]
            first = (total - len(held)) // WIDTH
            held += fresh
            total += len(fresh)
            fresh = []
            at = 0
            while len(held) - at >= WIDTH:
                chunk = held[at : at + WIDTH]
                full.append(Tile(level, first + at // WIDTH, b"".join(chunk)))
                fresh.append(root_of(chunk))
                at += WIDTH
            del held[:at]
            if held:
                partial.append(Tile(level, first + at // WIDTH, b"".join(held)))
            total = (total >> _BITS) - len(fresh)
            level += 1
        self.size += len(leaves)
        return full + partial

    def frontier(self) -> merkle.Frontier:
        """Return the tree's frontier: it must be the shard head's."""
        nodes: list[bytes] = []
        for held in reversed(self._levels):
            nodes += merkle.append(merkle.EMPTY, held).nodes
        return merkle.Frontier(self.size, tuple(nodes))

    def root(self) -> bytes:
        """Return the tree's root."""
        return merkle.root(self.frontier())


def subtree_of_tiles(size: int, read: TileReader) -> merkle.Subtree:
    """Return a Subtree over the tiles of a tree of ``size``: for proofs of it and of any smaller
    tree. Raises TileError when called where a tile is missing.
    """
    counts = widths(size)
    held: dict[tuple[int, int], list[bytes]] = {}

    def hashes(level: int, index: int) -> list[bytes]:
        place = (level, index)
        if place not in held:
            width = min(WIDTH, counts[level] - WIDTH * index)
            held[place] = split_hashes(read(level, index, width))
        return held[place]

    def perfect(start: int, height: int) -> bytes:
        level, rest = divmod(height, _BITS)
        if level >= len(counts) or (start >> (_BITS * level)) + (1 << rest) > counts[level]:
            # The tile above isn't there: the tree is one full tile, or ends below it.
            return merkle.node_hash(
                perfect(start, height - 1), perfect(start + (1 << (height - 1)), height - 1)
            )
        at = start >> (_BITS * level)
        index, first = divmod(at, WIDTH)
        return root_of(hashes(level, index)[first : first + (1 << rest)])

    def subtree(start: int, stop: int) -> bytes:
        count = stop - start
        if count & (count - 1) == 0:
            return perfect(start, count.bit_length() - 1)
        half = 1 << ((count - 1).bit_length() - 1)
        return merkle.node_hash(subtree(start, start + half), subtree(start + half, stop))

    return subtree
