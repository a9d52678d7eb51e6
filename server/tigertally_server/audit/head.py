"""The seal of a shard's head row: an HMAC that the database administrator can't make.

Each batch replaces the head row; the MAC binds shard, size, root and frontier, so that a head
can't be altered, nor copied to another shard. An *older* head with its own MAC is still genuine:
that it was set back is seen by the checkpoints (``audit.checkpoint``), not here.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Sequence
from typing import Final

from tigertally_server.audit import merkle
from tigertally_server.domain.entry import ShardHead

MAC_SIZE: Final = 32
_LABEL: Final = b"tigertally audit head v1\x00"
_FIXED: Final = struct.Struct(">HQ32s")


def head_mac(key: bytes, shard: int, size: int, root: bytes, frontier: bytes) -> bytes:
    """Return HMAC-SHA256(key, label ‖ shard u16 ‖ size u64 ‖ root ‖ frontier), 32 bytes.

    Args:
        key: the audit key.
        shard: 0..65535.
        size: number of leaves.
        root: 32 bytes.
        frontier: as ``merkle.encode_frontier`` gives it.
    """
    if len(root) != merkle.HASH_SIZE:
        raise merkle.MerkleError("a root has 32 bytes")
    return hmac.digest(key, _LABEL + _FIXED.pack(shard, size, root) + frontier, hashlib.sha256)


def verify_head_mac(
    key: bytes, shard: int, size: int, root: bytes, frontier: bytes, mac: bytes
) -> bool:
    """Say whether the head row is one that the server wrote (constant-time compare)."""
    if len(root) != merkle.HASH_SIZE or not 0 <= size <= merkle.MAX_SIZE:
        return False
    return hmac.compare_digest(head_mac(key, shard, size, root, frontier), mac)


def make_head(key: bytes, shard: int, frontier: merkle.Frontier) -> ShardHead:
    """Return the head row of a shard whose tree has this frontier."""
    edge = merkle.encode_frontier(frontier)
    root = merkle.root(frontier)
    mac = head_mac(key, shard, frontier.size, root, edge)
    return ShardHead(shard, frontier.size, edge, root, mac)


def advance(key: bytes, head: ShardHead, leaves: Sequence[bytes]) -> ShardHead:
    """Return the head after ``leaves`` (leaf hashes, in order of seq) were appended.

    Raises:
        merkle.MerkleError: the head's size and frontier disagree. The head's MAC is not checked
            here: do that where the head is first read.
    """
    frontier = merkle.decode_frontier(head.frontier)
    if frontier.size != head.size:
        raise merkle.MerkleError("the head's size is not its frontier's")
    return make_head(key, head.shard, merkle.append(frontier, leaves))
