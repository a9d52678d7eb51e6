"""A small log in memory that can be tampered with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from tigertally_server.audit import checkpoint as cp
from tigertally_server.audit import head as heads
from tigertally_server.audit import merkle
from tigertally_server.audit.anchors import Trust
from tigertally_server.audit.leaf import identity, leaf_hash
from tigertally_server.audit.note import NoteSigner
from tigertally_server.audit.report import Report
from tigertally_server.audit.verify import ShardLog, verify_log
from tigertally_server.domain.entry import Entry, ShardHead, StoredEntry

INSTALLATION = "bank-1"
AUDIT_KEY = b"audit key" * 4
SIGNER = NoteSigner(bytes(range(32)))
OTHER_SIGNER = NoteSigner(bytes(range(1, 33)))


def seal(entry: Entry) -> bytes:
    """A stand-in for AEAD: ``open_sealed`` notices any change of the identity."""
    return bytes(12) + hashlib.sha256(b"seal" + identity(entry)).digest()


def open_sealed(entry: Entry) -> bool:
    return entry.outcome == seal(entry)


def make_entry(seq: int, shard: int = 0) -> Entry:
    entry = Entry(
        shard, seq, 20_000, 7, 1_000 + seq, 0, 0x0301, 1, 1_700_000_000_000 + seq, f"REF-{seq}",
        10 + seq, 20 + seq, -1, -1, hashlib.sha256(b"%d" % seq).digest(), 1, b"", 0, b"p" * 40,
    )  # fmt: skip
    return change(entry, outcome=seal(entry))


def change(entry: Entry, **fields: object) -> Entry:
    return msgspec.structs.replace(entry, **fields)


@dataclass
class Log:
    """One shard: rows, head, checkpoints in the database, and the outside file."""

    shard: int = 0
    rows: list[StoredEntry] = field(default_factory=list)
    head: ShardHead | None = None
    notes: list[str] = field(default_factory=list)
    outside: bytes = b""
    history: list[ShardHead] = field(default_factory=list)
    frontier: merkle.Frontier = merkle.EMPTY

    def grow(self, n: int, *, signed: bool = True) -> Log:
        leaves = []
        for _ in range(n):
            entry = make_entry(len(self.rows), self.shard)
            leaves.append(leaf_hash(entry))
            self.rows.append(StoredEntry(entry, leaves[-1]))
        self.frontier = merkle.append(self.frontier, leaves)
        self.head = heads.make_head(AUDIT_KEY, self.shard, self.frontier)
        self.history.append(self.head)
        if signed:
            self.sign()
        return self

    def sign(self, signer: NoteSigner = SIGNER) -> None:
        assert self.head is not None
        previous = cp.parse_checkpoint(self.notes[-1]).digest() if self.notes else cp.NO_PREVIOUS
        note = cp.build_checkpoint(
            signer, INSTALLATION, self.shard, size=self.head.size, root=self.head.root,
            at_ms=1_700_000_000_000 + self.head.size, previous=previous,
        )  # fmt: skip
        self.notes.append(note)
        self.outside += note.encode() + b"\n"

    def alter(self, seq: int, **fields: object) -> None:
        row = self.rows[seq]
        self.rows[seq] = StoredEntry(change(row.entry, **fields), row.leaf)

    def alter_with_leaf(self, seq: int, **fields: object) -> None:
        entry = change(self.rows[seq].entry, **fields)
        self.rows[seq] = StoredEntry(entry, leaf_hash(entry))

    def log(self) -> ShardLog:
        rows = sorted(self.rows, key=lambda row: row.entry.seq)

        def read(start: int, stop: int | None):
            return (
                r for r in rows if start <= r.entry.seq and (stop is None or r.entry.seq < stop)
            )

        return ShardLog(self.shard, read, self.head, self.notes)

    def verify(self, *, outside: bool = True, opener: bool = True, key: bool = True) -> Report:
        return verify_log(
            [self.log()],
            Trust(INSTALLATION, SIGNER.public_key, AUDIT_KEY if key else None),
            outside=cp.CheckpointFile.of(self.outside) if outside else None,
            open_sealed=open_sealed if opener else None,
        )


@pytest.fixture
def new_log() -> Callable[..., Log]:
    """Make a log of 40 entries: checkpoints at 5, 12, 13, 24, 32, 37; the head at 40."""

    def make(shard: int = 0) -> Log:
        log = Log(shard)
        for n in (5, 7, 1, 11, 8, 5):
            log.grow(n)
        return log.grow(3, signed=False)

    return make


@pytest.fixture
def log(new_log):
    return new_log()


@pytest.fixture(scope="module")
def log_factory() -> Callable[[], Log]:
    """The same log for each example of a property test."""

    def make() -> Log:
        log = Log()
        for n in (5, 7, 1, 11, 8, 5):
            log.grow(n)
        return log.grow(3, signed=False)

    return make
