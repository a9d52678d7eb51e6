"""What the audit log costs: its share of a transaction, with parts switched off within one run in
turns; a round's cost per entry; how fast a log is verified, and how large and fast proofs are.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from unittest.mock import patch

from tigertally_client.verification import tiles as outside
from tigertally_client.verification.tree import climb, consistent
from tigertally_server.app.publishing import PublishedLog
from tigertally_server.audit import head as audit_head
from tigertally_server.audit import merkle
from tigertally_server.audit.anchors import Trust
from tigertally_server.audit.head import make_head
from tigertally_server.audit.leaf import leaf_hash
from tigertally_server.audit.tile_folder import TileFolder
from tigertally_server.audit.tiles import subtree_of_tiles
from tigertally_server.audit.verify import ShardLog, verify_log
from tigertally_server.domain.entry import Entry, ShardHead, StoredEntry
from tigertally_server.services import recording
from tigertally_server.services.unit_of_work import UnitOfWork
from tigertally_testing.bench_units import open_bank

BATCH = 240
TURNS = 16
KEY = bytes(32)
VERIFIED_ENTRIES = 250_000


@dataclass(frozen=True, slots=True)
class AuditFigure:
    """`value` in `unit`; `share` of a transaction's CPU in the server, where that is one."""

    name: str
    value: float
    unit: str
    share: float | None = None


def measure_audit() -> list[AuditFigure]:
    """All of it, about a minute."""
    return [*_shares(), *_publishing(), *_verifying()]


def _no_leaf(*_: object) -> bytes:
    return KEY


def _no_head(_: bytes, head: ShardHead, leaves: list[bytes]) -> ShardHead:
    return ShardHead(head.shard, head.size + len(leaves), head.frontier, head.root, head.mac)


@contextmanager
def _switched_off() -> Iterator[None]:
    with (
        patch.object(recording, "sealed_leaf_hash", _no_leaf),
        patch.object(audit_head, "advance", _no_head),
    ):
        yield


def _shares() -> list[AuditFigure]:
    """Shard 0 has everything, shard 1 no leaves, tree and sealed heads; batches in turns."""
    with open_bank(2 * TURNS * BATCH) as (bank, held, _):
        units = [UnitOfWork(bank.store, bank.context, shard) for shard in range(2)]
        now_ms = bank.clock.now_ms()
        with_it: list[float] = []
        without: list[float] = []
        for turn in range(2 * TURNS):
            share = held[turn * BATCH : (turn + 1) * BATCH]
            batch = [bank.verification(each, each.code(now_ms)) for each in share]
            if turn % 2:
                with _switched_off():
                    without.append(_cpu_us(partial(units[1].run, batch)) / BATCH)
            else:
                with_it.append(_cpu_us(partial(units[0].run, batch)) / BATCH)
    on, off = median(with_it), median(without)
    return [
        AuditFigure("a transaction, everything on", on, "µs", 1.0),
        AuditFigure("without leaf, tree and sealed head", off, "µs", off / on),
        AuditFigure("leaf, tree and sealed head", on - off, "µs", (on - off) / on),
    ]


def _publishing() -> list[AuditFigure]:
    """A round's tiles for one shard, at 1 500 entries a round, per entry."""
    count, rounds = 1_500, 40
    leaves = [hashlib.sha256(b"%d" % n).digest() for n in range(count * rounds)]
    with tempfile.TemporaryDirectory() as name:
        log = PublishedLog("bench", Path(name))
        costs = []
        for turn in range(rounds):
            part = leaves[turn * count : (turn + 1) * count]
            costs.append(_cpu_us(partial(_publish, log, part)) / count)
    return [AuditFigure("a round's tiles, per entry", median(costs), "µs")]


def _publish(log: PublishedLog, leaves: list[bytes]) -> None:
    log.grow(leaves)
    log.publish("note\n")


def _verifying() -> list[AuditFigure]:
    entries = [_entry(seq) for seq in range(VERIFIED_ENTRIES)]
    stored = [StoredEntry(entry, leaf_hash(entry)) for entry in entries]
    leaves = [row.leaf for row in stored]
    head = make_head(KEY, 0, merkle.append(merkle.EMPTY, leaves))

    def whole() -> None:
        for _ in range(4):  # a million
            log = ShardLog(0, lambda start, stop: iter(stored[start:stop]), head, [])
            assert verify_log([log], Trust("bench", KEY, KEY)).ok

    spent = _cpu_us(whole) / 1e6
    return [
        AuditFigure("rows verified per second and core", 4 * len(stored) / spent, "/s"),
        *_proofs(leaves, head.root),
    ]


def _proofs(leaves: list[bytes], root: bytes) -> list[AuditFigure]:
    size = len(leaves)
    with tempfile.TemporaryDirectory() as name:
        log = PublishedLog("bench", Path(name))
        log.grow(leaves)
        log.publish("note\n")
        read = TileFolder(Path(name)).read
        spent = _cpu_us(lambda: outside.check(size, root, outside.from_folder(Path(name)))) / 1e6
        subtree = subtree_of_tiles(size, read)
        path: list[bytes] = []
        inclusion = _cpu_us(lambda: path.extend(merkle.inclusion_proof(subtree, size // 3, size)))
        older = merkle.root(merkle.append(merkle.EMPTY, leaves[: size // 2 + 17]))
        fresh = subtree_of_tiles(size, read)
        growth: list[bytes] = []
        consistency = _cpu_us(
            lambda: growth.extend(merkle.consistency_proof(fresh, size // 2 + 17, size))
        )
        good = _cpu_us(lambda: climb(leaves[size // 3], size // 3, size, path))
        assert climb(leaves[size // 3], size // 3, size, path) == root
        assert consistent(size // 2 + 17, size, older, root, growth)
    return [
        AuditFigure("leaves per second, tiles against their checkpoint", size / spent, "/s"),
        AuditFigure("inclusion proof", 32 * len(path), "bytes"),
        AuditFigure("inclusion proof out of tiles", inclusion, "µs"),
        AuditFigure("inclusion proof verified", good, "µs"),
        AuditFigure("consistency proof", 32 * len(growth), "bytes"),
        AuditFigure("consistency proof out of tiles", consistency, "µs"),
    ]


def _entry(seq: int) -> Entry:
    return Entry(
        0, seq, 20_000, 7, seq + 1, 0, 0x0301, 1, 1_700_000_000_000 + seq, "R" * 20, 10, 20, 0,
        seq - 1, KEY, 1, bytes(80), 0, bytes(90),
    )  # fmt: skip


def _cpu_us(work: Callable[[], object]) -> float:
    """CPU of this process, µs."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1e6
