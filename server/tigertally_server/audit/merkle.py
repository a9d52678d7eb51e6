"""The Merkle tree of RFC 9162 §2.1: append, root, and proofs of inclusion and consistency.

A tree that only grows is known by its *frontier*: the roots of the perfect subtrees along its
right edge, largest first, one for each bit set in its size. A frontier of 10⁸ leaves is at most
27 hashes; appending needs nothing else. Proofs need hashes from the middle of the tree, asked for
through a ``Subtree``: the root over leaves ``[start, stop)``.

Knows hashes only: no entries, keys, storage. Everything here is a pure function; leaves are
given as *leaf hashes* (``audit.leaf``), 32 bytes each. Appending a batch costs one inner hash per
leaf (about 0.7 µs), level by level.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final

import msgspec

NODE_PREFIX: Final = b"\x01"
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of the tree without leaves (RFC 9162 §2.1.1)."""

HASH_SIZE: Final = 32
MAX_SIZE: Final = (1 << 63) - 1
_CHUNK: Final = 4096
_sha256 = hashlib.sha256

Subtree = Callable[[int, int], bytes]
"""The root over the leaves ``[start, stop)``, ``start < stop``; 32 bytes."""

LeafReader = Callable[[int, int], Iterable[bytes]]
"""The leaf hashes ``[start, stop)`` in order."""


class MerkleError(ValueError):
    """A frontier, index or size that no tree has."""


class Frontier(msgspec.Struct, frozen=True, gc=False):
    """The right edge of a tree: its size, and its perfect subtrees' roots, largest first.

    Invariant: ``len(nodes) == size.bit_count()``.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()


EMPTY: Final = Frontier()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the inner node over two subtrees: SHA-256(0x01 ‖ left ‖ right)."""
    return _sha256(NODE_PREFIX + left + right).digest()


def append(frontier: Frontier, leaves: Sequence[bytes]) -> Frontier:
    """Return the frontier after the leaf hashes were appended in order."""
    before = frontier.size
    stack = list(frontier.nodes)  # the smallest subtree last: popped as its level comes
    edge: list[bytes] = []  # smallest first
    level = list(leaves)
    sha256 = _sha256
    while level:
        if before & 1:
            level.insert(0, stack.pop())
        if len(level) & 1:
            edge.append(level.pop())
        pairs = iter(level)
        level = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(pairs, pairs, strict=True)
        ]
        before >>= 1
    # What `before` still counts in was not touched: it stands to the left, unchanged.
    return Frontier(frontier.size + len(leaves), (*stack, *reversed(edge)))


def root(frontier: Frontier) -> bytes:
    """Return the tree's root, 32 bytes."""
    if not frontier.nodes:
        return EMPTY_ROOT
    nodes = frontier.nodes
    result = nodes[-1]
    for left in nodes[-2::-1]:
        result = node_hash(left, result)
    return result


def encode_frontier(frontier: Frontier) -> bytes:
    """Return the frontier as bytes for the head row: size as u64, then the nodes."""
    return frontier.size.to_bytes(8, "big") + b"".join(frontier.nodes)


def decode_frontier(data: bytes) -> Frontier:
    """Read a frontier back. Raises MerkleError when size and number of nodes disagree."""
    size = int.from_bytes(data[:8], "big")
    if len(data) < 8 or size > MAX_SIZE or len(data) != 8 + HASH_SIZE * size.bit_count():
        raise MerkleError("these bytes are no frontier: size and number of nodes disagree")
    return Frontier(size, tuple(data[at : at + HASH_SIZE] for at in range(8, len(data), HASH_SIZE)))


# ------------------------------------------------------------------------------------ subtrees


def subtree_of(read: LeafReader) -> Subtree:
    """Return a Subtree that reads and hashes its leaves each time; memory O(log n)."""

    def subtree(start: int, stop: int) -> bytes:
        leaves = iter(read(start, stop))
        frontier = EMPTY
        while chunk := list(islice(leaves, _CHUNK)):
            frontier = append(frontier, chunk)
        if frontier.size != stop - start:
            raise MerkleError(f"leaves {start} to {stop}: {frontier.size} were given")
        return root(frontier)

    return subtree


def subtree_of_leaves(leaves: Sequence[bytes]) -> Subtree:
    """Return a Subtree over leaf hashes held in memory."""
    return subtree_of(lambda start, stop: leaves[start:stop])


def _split(size: int) -> int:
    """Return the largest power of two smaller than ``size`` (> 1): where RFC 9162 cuts a tree."""
    return 1 << ((size - 1).bit_length() - 1)


# ------------------------------------------------------------------------------------ inclusion


def inclusion_proof(subtree: Subtree, index: int, size: int) -> list[bytes]:
    """Return the path from leaf ``index`` to the root of the tree of ``size`` (§2.1.3.1).

    Raises:
        MerkleError: no such leaf in a tree of that size.
    """
    if not 0 <= index < size:
        raise MerkleError(f"leaf {index} is not in a tree of size {size}")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(subtree(middle, stop))
            stop = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    path.reverse()
    return path


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes
) -> bool:
    """Say whether ``path`` proves that ``leaf`` stands at ``index`` under the root (§2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last = index, size - 1
    result = leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            result = node_hash(result, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and hmac.compare_digest(result, expected_root)


# ---------------------------------------------------------------------------------- consistency


def consistency_proof(subtree: Subtree, first: int, second: int) -> list[bytes]:
    """Return the proof that the tree of ``second`` leaves begins with that of ``first`` (§2.1.4.1).

    Raises:
        MerkleError: ``first`` is not within 1..second.
    """
    if not 0 < first <= second:
        raise MerkleError(f"no consistency proof from size {first} to size {second}")
    proof: list[bytes] = []
    start, stop = 0, second
    known = True  # the subtree [start, first) is the whole first tree: the verifier has its root
    while first != stop:
        middle = start + _split(stop - start)
        if first <= middle:
            proof.append(subtree(middle, stop))
            stop = middle
        else:
            proof.append(subtree(start, middle))
            start = middle
            known = False
    if not known:
        proof.append(subtree(start, stop))
    proof.reverse()
    return proof


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Say whether ``proof`` shows that the second tree only appended to the first (§2.1.4.2)."""
    if first == second:
        return not proof and hmac.compare_digest(first_root, second_root)
    if not 0 < first < second or not proof:
        return False
    path = list(proof)
    if first & (first - 1) == 0:  # an exact power of two: its root is the first node
        path.insert(0, first_root)
    position, last = first - 1, second - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        position >>= 1
        last >>= 1
    return (
        last == 0 and hmac.compare_digest(old, first_root) and hmac.compare_digest(new, second_root)
    )
