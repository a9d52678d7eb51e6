"""A log of any length, true to the last hash, filled in without a transaction for each entry.

    fill(connect, head_key, days=[20000, 20001], entries=10_000, shards=4)

Entries have the sizes, customers, channels and codes of a bank's day; their ciphertexts are random
bytes, so they compress as little as real ones, and open with no key. Appends to whatever is there;
the heads are sealed, checkpoints are the caller's.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg

from tigertally_server.audit import head, merkle
from tigertally_server.audit.leaf import leaf_hash
from tigertally_server.domain.entry import Entry
from tigertally_server.store import rows
from tigertally_server.store.installation import ensure_partitions, read_heads

Connection = psycopg.Connection[tuple[Any, ...]]

BATCH: Final = 20_000
DAY_MS: Final = 86_400_000
CUSTOMERS: Final = 1_000_000
CHANNELS: Final = 8
_RESULTS: Final = (1,) * 190 + (101,) * 8 + (102, 103)
_TRANSACTIONS: Final = (0x0301,) * 90 + (0x0307,) * 5 + (0x0508,) * 4 + (0x0604,)
_OUTCOME, _PERSONAL, _DIGEST = 75, 70, 32
_POOL: Final = 1 << 20


def fill(
    conn: Connection,
    head_key: bytes,
    *,
    days: Sequence[int],
    entries: int,
    shards: Sequence[int],
    seed: int = 1,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Appends `entries` entries spread over `days` (in order) and round `shards`. Around midnight
    some still belong to the day before, as with a bank.
    """
    for day in days:
        ensure_partitions(conn, day, day)
    conn.commit()
    making = _Making(random.Random(seed), days, entries, shards)
    heads = {found.shard: found for found in read_heads(conn)}
    for first in range(0, entries, BATCH):
        leaves: dict[int, list[bytes]] = {shard: [] for shard in shards}
        sizes = {shard: heads[shard].size for shard in shards}
        with conn.cursor() as cursor, cursor.copy(_COPY.encode()) as copy:
            pieces = [_COPY_HEADER]
            for number in range(first, min(first + BATCH, entries)):
                shard = shards[number % len(shards)]
                entry = making.entry(number, shard, sizes[shard] + len(leaves[shard]))
                leaf = leaf_hash(entry)
                leaves[shard].append(leaf)
                pieces.append(_copied(entry, leaf))
            copy.write(b"".join((*pieces, _COPY_END)))
        for shard in shards:
            grown = merkle.append(merkle.decode_frontier(heads[shard].frontier), leaves[shard])
            heads[shard] = made = head.make_head(head_key, shard, grown)
            conn.execute(
                "UPDATE tigertally.shard_head SET size = %s, frontier = %s, root = %s, mac = %s "
                "WHERE shard = %s",
                (made.size, made.frontier, made.root, made.mac, shard),
            )
        conn.commit()
        if progress is not None:
            progress(min(first + BATCH, entries))


_COPY_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END: Final = b"\xff\xff"
_ROW: Final = struct.Struct(">h ih iq ii ii iq ih ii ii iq i iq iq ih iq i32s ii".replace(" ", ""))
"""Columns up to outcome_key_id, each behind its length."""


def _copied(e: Entry, leaf: bytes) -> bytes:
    fixed = _ROW.pack(
        21, 2, e.shard, 8, e.seq, 4, e.business_day, 4, e.channel_id, 8, e.serial, 2, e.phase,
        4, e.transaction, 4, e.result, 8, e.at_ms, 0, 8, e.user_id, 8, e.token_id,
        2, e.previous_shard, 8, e.previous_seq, _DIGEST, e.digest, 4, e.outcome_key_id,
    )  # fmt: skip
    return b"".join(
        (
            fixed,
            len(e.outcome).to_bytes(4, "big"),
            e.outcome,
            struct.pack(">iii", 4, e.personal_key_id, len(e.personal)),
            e.personal,
            struct.pack(">ihi", 2, e.version, len(leaf)),
            leaf,
        )
    )


_COPY: Final = f"COPY tigertally.entry ({rows.ENTRY_COLUMNS}) FROM STDIN (FORMAT binary)"


class _Making:
    """Entries by number, the same for the same seed."""

    def __init__(
        self, chance: random.Random, days: Sequence[int], entries: int, shards: Sequence[int]
    ) -> None:
        self._chance, self._days = chance, days
        self._each = -(-entries // len(days))
        self._pool = chance.randbytes(_POOL)
        self._salt = chance.randrange(1 << 40)
        self._shards = len(shards)

    def entry(self, number: int, shard: int, seq: int) -> Entry:
        index, place = divmod(number, self._each)
        day = self._days[index]
        chance = self._chance.getrandbits(62)
        late = index > 0 and place < 12 and place % 3 == 0
        customer = 1 + chance % CUSTOMERS
        at = chance % (_POOL - 256)
        pool = self._pool
        return Entry(
            shard=shard,
            seq=seq,
            business_day=self._days[index - 1] if late else day,
            channel_id=1 + chance % CHANNELS,
            serial=self._salt + number,
            phase=0,
            transaction=_TRANSACTIONS[chance // 7 % 100],
            result=_RESULTS[chance // 11 % 200],
            at_ms=day * DAY_MS + place * DAY_MS // self._each,
            reference="",
            user_id=customer,
            token_id=customer + CUSTOMERS,
            previous_shard=-1,
            previous_seq=-1,
            digest=pool[at : at + _DIGEST],
            outcome_key_id=1,
            outcome=pool[at + 7 : at + 7 + _OUTCOME],
            personal_key_id=0,
            personal=pool[at + 97 : at + 97 + _PERSONAL],
        )
