from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_server.audit import head as heads
from tigertally_server.audit import merkle
from tigertally_server.audit.leaf import leaf_hash_of
from tigertally_server.domain.entry import ShardHead

VECTORS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "rfc6962_tree.json").read_text(encoding="utf-8")
)
LEAVES = [leaf_hash_of(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]


def naive_root(leaves):
    """RFC 9162 §2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m, leaves):
    """RFC 9162 §2.1.3.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m, leaves, complete):
    """RFC 9162 §2.1.4.1, word for word."""
    if m == len(leaves):
        return [] if complete else [naive_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, leaves[:k], complete), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def leaves_of(n):
    return [hashlib.sha256(b"%d" % i).digest() for i in range(n)]


def test_known_roots():
    assert merkle.root(merkle.EMPTY).hex() == VECTORS["empty_root"]
    frontier = merkle.EMPTY
    for n, leaf in enumerate(LEAVES, start=1):
        frontier = merkle.append(frontier, [leaf])
        assert merkle.root(frontier) == ROOTS[n - 1]
        assert merkle.root(merkle.append(merkle.EMPTY, LEAVES[:n])) == ROOTS[n - 1]


@pytest.mark.parametrize("vector", VECTORS["inclusion"])
def test_known_inclusion_proofs(vector):
    index, size = vector["index"], vector["size"]
    path = merkle.inclusion_proof(merkle.subtree_of_leaves(LEAVES), index, size)
    assert [node.hex() for node in path] == vector["path"]
    assert merkle.verify_inclusion(LEAVES[index], index, size, path, ROOTS[size - 1])


@pytest.mark.parametrize("vector", VECTORS["consistency"])
def test_known_consistency_proofs(vector):
    first, second = vector["first"], vector["second"]
    proof = merkle.consistency_proof(merkle.subtree_of_leaves(LEAVES), first, second)
    assert [node.hex() for node in proof] == vector["proof"]
    assert merkle.verify_consistency(first, second, ROOTS[first - 1], ROOTS[second - 1], proof)


@given(st.lists(st.integers(0, 40), max_size=8))
def test_appending_in_any_batches_gives_the_same_tree(batches):
    leaves = leaves_of(sum(batches))
    frontier, at = merkle.EMPTY, 0
    for n in batches:
        frontier = merkle.append(frontier, leaves[at : at + n])
        at += n
        assert frontier.size == at
        assert len(frontier.nodes) == at.bit_count()
        assert merkle.decode_frontier(merkle.encode_frontier(frontier)) == frontier
    assert merkle.root(frontier) == naive_root(leaves)


@given(st.integers(1, 70), st.data())
def test_proofs_are_the_naive_ones_and_verify(size, data):
    leaves = leaves_of(size)
    subtree = merkle.subtree_of_leaves(leaves)
    root = naive_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_proof(subtree, index, size)
    assert path == naive_path(index, leaves)
    assert merkle.verify_inclusion(leaves[index], index, size, path, root)
    first = data.draw(st.integers(1, size))
    proof = merkle.consistency_proof(subtree, first, size)
    assert proof == naive_subproof(first, leaves, True)
    assert merkle.verify_consistency(first, size, naive_root(leaves[:first]), root, proof)


@given(st.integers(2, 40), st.data())
def test_wrong_proofs_are_refused(size, data):
    leaves = leaves_of(size)
    subtree = merkle.subtree_of_leaves(leaves)
    root = naive_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_proof(subtree, index, size)
    bad = list(path)
    bad[data.draw(st.integers(0, len(bad) - 1))] = bytes(32)
    assert not merkle.verify_inclusion(leaves[index], index, size, bad, root)
    assert not merkle.verify_inclusion(leaves[index], index, size, path[:-1], root)
    assert not merkle.verify_inclusion(leaves[index], index, size, [*path, root], root)
    assert not merkle.verify_inclusion(leaves[index], index - 1, size, path, root)
    assert not merkle.verify_inclusion(leaves[index], size, size, path, root)
    first = data.draw(st.integers(1, size - 1))
    old = naive_root(leaves[:first])
    proof = merkle.consistency_proof(subtree, first, size)
    bad = list(proof)
    bad[data.draw(st.integers(0, len(bad) - 1))] = bytes(32)
    assert not merkle.verify_consistency(first, size, old, root, bad)
    assert not merkle.verify_consistency(first, size, old, root, [])
    assert not merkle.verify_consistency(first, size, old, root, [*proof, root])
    assert not merkle.verify_consistency(first, size, root, root, proof)
    assert not merkle.verify_consistency(first, size, old, old, proof)
    assert not merkle.verify_consistency(size, first, root, old, proof)


def test_what_no_tree_has_is_refused():
    subtree = merkle.subtree_of_leaves(LEAVES)
    for index, size in ((-1, 8), (8, 8), (0, 0)):
        with pytest.raises(merkle.MerkleError):
            merkle.inclusion_proof(subtree, index, size)
    for first, second in ((0, 8), (8, 7), (-1, 3)):
        with pytest.raises(merkle.MerkleError):
            merkle.consistency_proof(subtree, first, second)
    with pytest.raises(merkle.MerkleError, match="were given"):
        merkle.inclusion_proof(subtree, 0, 20)
    good = merkle.encode_frontier(merkle.append(merkle.EMPTY, LEAVES))
    for data in (b"", good[:-1], good + b"\0", b"\xff" * 8 + bytes(64 * 32), good[:7]):
        with pytest.raises(merkle.MerkleError):
            merkle.decode_frontier(data)


def test_reading_in_chunks_gives_the_same_subtree():
    leaves = leaves_of(9000)
    subtree = merkle.subtree_of(lambda start, stop: iter(leaves[start:stop]))
    assert subtree(0, 9000) == naive_root(leaves)
    assert subtree(8192, 9000) == naive_root(leaves[8192:])


def test_head_is_bound_to_all_it_says():
    key = b"k" * 32
    head = heads.advance(key, heads.make_head(key, 3, merkle.EMPTY), LEAVES[:5])
    assert (head.size, head.root) == (5, ROOTS[4])
    said: dict[str, Any] = {
        "shard": head.shard,
        "size": head.size,
        "root": head.root,
        "frontier": head.frontier,
        "mac": head.mac,
    }
    assert heads.verify_head_mac(key, **said)
    assert not heads.verify_head_mac(b"j" * 32, **said)
    for name, other in (("shard", 4), ("size", 6), ("root", ROOTS[5])):
        assert not heads.verify_head_mac(key, **(said | {name: other}))
    assert not heads.verify_head_mac(key, **(said | {"frontier": head.frontier + b"x"}))
    assert not heads.verify_head_mac(key, 3, 5, b"short", head.frontier, head.mac)
    assert not heads.verify_head_mac(key, 3, -1, head.root, head.frontier, head.mac)
    with pytest.raises(merkle.MerkleError):
        heads.advance(key, ShardHead(3, 6, head.frontier, head.root, head.mac), LEAVES)
