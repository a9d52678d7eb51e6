"""Rounds: each time checkpoints are signed, the state of *all* shards becomes one leaf of a log.

A shard's own checkpoints say nothing about its neighbours, so a whole shard could vanish. The log
of rounds is a Merkle log like a shard (RFC 9162), named ``tigertally/<installation id>/rounds``;
its n-th leaf is the n-th round's record::

    tigertally/<installation id>/rounds
    round <n, from 0>
    time <ms since 1970-01-01 UTC>
    super-root <base64>
    shard <number> <size> <base64 root>       one line for each shard, in order

The super-root is the Merkle root over the shard lines (newline included) as leaves. The log's
checkpoint is a signed note (https://c2sp.org/tlog-checkpoint) with two lines more::

    tigertally/<installation id>/rounds
    <number of rounds>
    <base64 root of the log of rounds>
    time <ms>
    super-root <base64, of its last round>

One witness's or time-stamping authority's word about it covers every shard at once.

Knows hashes and texts; no storage, no private keys.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from tigertally_server.audit import merkle
from tigertally_server.audit.leaf import leaf_hash_of
from tigertally_server.audit.note import (
    NoteError,
    NoteSigner,
    VerifierKey,
    decode_base64,
    encode_base64,
    open_note,
    split_note,
)

_BASE64: Final = r"[A-Za-z0-9+/]{43}="
_NUMBER: Final = r"(?:0|[1-9]\d{0,18})"
_RECORD: Final = re.compile(
    rf"(?P<origin>tigertally/[^\s+/]+/rounds)\nround (?P<number>{_NUMBER})\n"
    rf"time (?P<time>{_NUMBER})\nsuper-root (?P<super>{_BASE64})\n"
    rf"(?P<shards>(?:shard {_NUMBER} {_NUMBER} {_BASE64}\n)+)",
    re.ASCII,
)
_NOTE: Final = re.compile(
    rf"(?P<origin>tigertally/[^\s+/]+/rounds)\n(?P<size>{_NUMBER})\n(?P<root>{_BASE64})\n"
    rf"time (?P<time>{_NUMBER})\nsuper-root (?P<super>{_BASE64})\n",
    re.ASCII,
)


class ShardState(msgspec.Struct, frozen=True, gc=False):
    """A shard's committed head, as a round saw it."""

    shard: int
    size: int
    root: bytes

    def line(self) -> str:
        """Return the shard's line of a record."""
        return f"shard {self.shard} {self.size} {encode_base64(self.root)}\n"


class Round(msgspec.Struct, frozen=True):
    """What one round saw: every shard, in order of number."""

    origin: str
    number: int
    at_ms: int
    shards: tuple[ShardState, ...]

    def super_root(self) -> bytes:
        """Return the Merkle root over the shard lines."""
        leaves = [leaf_hash_of(state.line().encode()) for state in self.shards]
        return merkle.root(merkle.append(merkle.EMPTY, leaves))

    def record(self) -> str:
        """Return the leaf's text."""
        lines = "".join(state.line() for state in self.shards)
        super_root = encode_base64(self.super_root())
        head = f"{self.origin}\nround {self.number}\ntime {self.at_ms}\n"
        return f"{head}super-root {super_root}\n{lines}"


class RoundsCheckpoint(msgspec.Struct, frozen=True):
    """The log of rounds at one size."""

    origin: str
    size: int
    root: bytes
    at_ms: int
    super_root: bytes

    def text(self) -> str:
        """Return the lines that are signed."""
        return (
            f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\ntime {self.at_ms}\n"
            f"super-root {encode_base64(self.super_root)}\n"
        )


def rounds_origin(installation_id: str) -> str:
    """Return the origin of the log of rounds, which is its key name too."""
    return f"tigertally/{installation_id}/rounds"


def record_leaf(record: str) -> bytes:
    """Return the leaf hash of a record."""
    return leaf_hash_of(record.encode())


def parse_record(record: str) -> Round:
    """Read a record. Raises NoteError for any but its one spelling (a wrong super-root too)."""
    match = _RECORD.fullmatch(record)
    if match is None:
        raise NoteError("not the record of a round")
    states = []
    for line in match["shards"].splitlines():
        _, shard, size, root = line.split(" ")
        states.append(ShardState(int(shard), int(size), decode_base64(root)))
    if [state.shard for state in states] != list(range(len(states))):
        raise NoteError("a round tells every shard once, in order")
    found = Round(match["origin"], int(match["number"]), int(match["time"]), tuple(states))
    if encode_base64(found.super_root()) != match["super"]:
        raise NoteError("the round's super-root is not that of its shards")
    return found


def sign_round(signer: NoteSigner, found: Round, root: bytes) -> str:
    """Return the signed checkpoint of the log of rounds whose last leaf is this round."""
    size = found.number + 1
    checkpoint = RoundsCheckpoint(found.origin, size, root, found.at_ms, found.super_root())
    return signer.sign(found.origin, checkpoint.text())


def parse_rounds_checkpoint(note: str) -> RoundsCheckpoint:
    """Read a note *without* verifying its signature. Raises NoteError."""
    match = _NOTE.fullmatch(split_note(note)[0])
    if match is None:
        raise NoteError("the note's text is no checkpoint of the log of rounds")
    return RoundsCheckpoint(
        match["origin"],
        int(match["size"]),
        decode_base64(match["root"]),
        int(match["time"]),
        decode_base64(match["super"]),
    )


def verify_rounds_checkpoint(note: str, public_key: bytes, origin: str) -> RoundsCheckpoint:
    """Return the checkpoint after origin and signature were verified. Raises NoteError."""
    checkpoint = parse_rounds_checkpoint(note)
    if checkpoint.origin != origin:
        raise NoteError("the checkpoint is of another installation")
    open_note(note, VerifierKey(origin, public_key))
    return checkpoint
