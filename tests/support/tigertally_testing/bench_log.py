"""What `make bench ARGS="audit"` measures: a log of ten million entries filled, found in, verified
whole, and a month of it archived.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tigertally_drivers.postgres.settings import AUDITOR, OWNER
from tigertally_server.app.archiving import Archiver
from tigertally_server.audit.anchors import Trust
from tigertally_server.audit.checkpoint import NO_PREVIOUS, build_checkpoint, parse_checkpoint
from tigertally_server.audit.verify import ShardLog, verify_log
from tigertally_server.store import archives, audit_rounds, finding, reading
from tigertally_server.store.finding import Connection, Wanted
from tigertally_server.store.installation import insert_checkpoint, last_checkpoints, read_heads
from tigertally_testing.filled_log import CHANNELS, CUSTOMERS, DAY_MS, fill
from tigertally_testing.house import House

OLD, MONTH = 202401, 202402
SHARDS = 4
LOOKS = 200


@dataclass(frozen=True, slots=True)
class Look:
    """One kind of question: ms of the whole answer, a page of 50."""

    name: str
    p50: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True)
class LogFigures:
    """Per second and per entry; `verify_cpu_us` is this process's own."""

    entries: int
    filled_per_s: float
    table_bytes: float
    index_bytes: float
    summarised_s: float
    verified_per_s: float
    verify_cpu_us: float
    archived_entries: int
    archived_per_s: float
    archive_bytes: float
    kept_bytes: float
    looks: tuple[Look, ...]


def measure_log(entries: int, tell: Callable[[str], None]) -> LogFigures:
    """At most half a million of the entries stand in a month of their own, which is archived."""
    old = min(500_000, entries // 5)
    with _house() as (house, conn):
        begun = time.monotonic()
        key = house.environment.keyring.head_mac_key()
        for month, number in ((OLD, old), (MONTH, entries - old)):
            fill(
                conn,
                key,
                days=archives.days_of(month),
                entries=number,
                shards=range(SHARDS),
                seed=month,
                progress=lambda done: tell(f"filled {done:,}") if done % 2_000_000 == 0 else None,
            )
            _checkpoint(house, conn)
        filled = time.monotonic() - begun
        summarised = _settle(house)
        tell("looking")
        looks = _looks(house)
        tell("verifying")
        seconds, cpu = _verify(house)
        tell("archiving")
        archived, archive_s, size, kept = _archive(house)
        table, index = _sizes(house)
    return LogFigures(
        entries=entries,
        filled_per_s=entries / filled,
        table_bytes=table / (entries - old),
        index_bytes=index / (entries - old),
        summarised_s=summarised,
        verified_per_s=entries / seconds,
        verify_cpu_us=cpu / entries * 1e6,
        archived_entries=archived,
        archived_per_s=archived / archive_s,
        archive_bytes=size / archived,
        kept_bytes=kept / archived,
        looks=looks,
    )


@contextmanager
def _house() -> Iterator[tuple[House, Connection]]:
    with tempfile.TemporaryDirectory(prefix="tigertally-bench-") as name:
        Path(name).chmod(0o711)
        state = Path(name) / "state"
        database = {"state_dir": str(state), "shared_buffers_mb": 2_048}
        with House(state, database=database) as house:
            conn = house.databases.connect("tigertally_app", patient=True)
            try:
                yield house, conn
            finally:
                conn.close()


def _settle(house: House) -> float:
    owner = house.databases.connect(OWNER, patient=True)
    begun = time.monotonic()
    owner.execute("SELECT tigertally.summarise_log()")
    owner.commit()
    seconds = time.monotonic() - begun
    owner.autocommit = True
    owner.execute("VACUUM (ANALYZE) tigertally.entry")
    owner.close()
    return seconds


def _checkpoint(house: House, conn: Connection) -> None:
    environment = house.environment
    assert environment.signer is not None
    before = {
        shard: parse_checkpoint(note).digest() for shard, note in last_checkpoints(conn).items()
    }
    for head in read_heads(conn):
        now_ms = environment.clock.now_ms()
        note = build_checkpoint(
            environment.signer,
            environment.installation.installation_id,
            head.shard,
            size=head.size,
            root=head.root,
            at_ms=now_ms,
            previous=before.get(head.shard, NO_PREVIOUS),
        )
        insert_checkpoint(conn, head.shard, head.size, now_ms, note)
    conn.commit()


def _looks(house: House) -> tuple[Look, ...]:
    chance = random.Random(7)
    days = archives.days_of(MONTH)
    first, last = days[0] * DAY_MS, (days[-1] + 1) * DAY_MS
    channels = tuple(range(1, 1 + CHANNELS))

    def customer() -> int:
        return 1 + chance.randrange(CUSTOMERS)

    def moment() -> int:
        return chance.randrange(first, last)

    def minute() -> Wanted:
        at = moment()
        return Wanted(from_ms=at, to_ms=at + 60_000)

    kinds: dict[str, Callable[[], Wanted]] = {
        "customer": lambda: Wanted(user_id=customer()),
        "token": lambda: Wanted(token_id=CUSTOMERS + customer()),
        "serial, day unknown": lambda: Wanted(
            serial=chance.randrange(1 << 40), days=days, channels=channels
        ),
        "time, one minute": minute,
        "channel": lambda: Wanted(channel_id=1 + chance.randrange(CHANNELS), to_ms=moment()),
        "response code 101 (4 %)": lambda: Wanted(result=101, to_ms=moment()),
        "response code 103 (0.5 %)": lambda: Wanted(result=103, to_ms=moment()),
        "response code that never came": lambda: Wanted(result=199),
        "transaction 0x0604 (1 %), channel": lambda: Wanted(
            transaction=0x0604, channel_id=3, to_ms=moment()
        ),
    }
    conn = house.databases.connect(AUDITOR, patient=True)
    try:
        return tuple(_look(conn, name, make, first, last) for name, make in kinds.items())
    finally:
        conn.close()


def _look(conn: Connection, name: str, make: Callable[[], Wanted], first: int, last: int) -> Look:
    took = []
    for _ in range(LOOKS):
        wanted = make()
        begun = time.perf_counter()
        finding.find(conn, finding.LIVE, wanted, None, 50, now_ms=last, first_ms=first)
        took.append((time.perf_counter() - begun) * 1e3)
        conn.rollback()
    took.sort()
    return Look(name, took[LOOKS // 2], took[LOOKS * 99 // 100], took[-1])


def _verify(house: House) -> tuple[float, float]:
    """(seconds, CPU seconds of this process)."""
    installation = house.environment.installation
    trust = Trust(
        installation.installation_id,
        installation.checkpoint_public_key,
        house.environment.keyring.head_mac_key(),
    )
    conn = house.databases.connect(AUDITOR, patient=True)
    try:
        reading.snapshot(conn)
        reader = reading.LogReader(conn, reading.business_days(conn))
        heads = reading.heads(conn)

        def log(shard: int) -> ShardLog:
            return ShardLog(
                shard,
                lambda start, stop: reader.entries(shard, start, stop),
                heads[shard],
                reading.checkpoint_notes(conn, shard),
            )

        begun, cpu = time.monotonic(), time.process_time()
        report = verify_log([log(shard) for shard in heads], trust)
        assert report.ok, report.findings
        return time.monotonic() - begun, time.process_time() - cpu
    finally:
        conn.close()


def _archive(house: House) -> tuple[int, float, int, int]:
    """(entries, seconds, the file's bytes, bytes that stay in the database)."""
    environment = house.environment
    assert environment.signer is not None
    owner = house.databases.connect(OWNER, patient=True)
    try:
        archiver = Archiver(
            owner,
            house.state_dir / "archive",
            environment.installation.installation_id,
            environment.signer,
            [row.public_key for row in audit_rounds.checkpoint_keys(owner)],
            environment.clock,
            lambda what, done, total: None,
        )
        begun = time.monotonic()
        row = archiver.run(OLD)
        seconds = time.monotonic() - begun
        kept = owner.execute("SELECT pg_total_relation_size('tigertally.archive_leaves')")
        (size,) = kept.fetchone() or (0,)
        return row.entries, seconds, row.size, size
    finally:
        owner.close()


def _sizes(house: House) -> tuple[int, int]:
    """(heap, indexes) of the month, bytes."""
    table = archives.partition(MONTH)
    with house.databases.connect(OWNER) as conn:
        row = conn.execute(
            "SELECT pg_table_size(%s), pg_indexes_size(%s)", (table, table)
        ).fetchone()
    assert row is not None
    return row[0], row[1]
