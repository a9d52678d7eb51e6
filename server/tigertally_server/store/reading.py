"""What people and auditors ask of the database: lists, look-ups, the log in order. Reads only, on a
connection of its own.

Nothing here is on the path of a request. Entries are partitioned by business day and indexed within
it, so a place in the log (shard, seq) is looked up day by day, and a shard is read by merging its
days; no query sorts or counts the whole log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, merge
from itertools import count
from typing import Any, Final

import msgspec
import psycopg
from psycopg import sql

from tigertally_server.domain.account import Account, UserKey
from tigertally_server.domain.channel import ChannelKey
from tigertally_server.domain.entry import ArchivedEntry, Entry, ShardHead, StoredEntry
from tigertally_server.domain.token import Token
from tigertally_server.store import archives, rows
from tigertally_server.store.port import TokenKey

Connection = psycopg.Connection[tuple[Any, ...]]

FETCH: Final = 2_000
"""Rows per round trip of a long read."""

_cursor_numbers = count(1)
_TOKENS: Final = f"SELECT {rows.TOKEN_COLUMNS} FROM tigertally.token_state s JOIN tigertally.token t ON t.id = s.id"


class TokenFacts(msgspec.Struct, frozen=True):
    """A token as people ask about it: its rows, and to whom it belongs ("": nobody)."""

    token: Token
    issuer: str
    imported_at_ms: int
    customer: str


class TypeRow(msgspec.Struct, frozen=True):
    """A token type as it is stored."""

    name: str
    parameters: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Entries of one channel and day with the same transaction, result, phase and hour (since the
    epoch).
    """

    transaction: int
    result: int
    phase: int
    hour: int
    entries: int


@dataclass(frozen=True, slots=True)
class DaySpan:
    """The whole of a channel's entries of a day; 0 where there are none."""

    entries: int
    first_serial: int
    last_serial: int
    first_at_ms: int
    last_at_ms: int


def snapshot(conn: Connection) -> None:
    """From now on this connection sees the database as it is at its next statement, and writes
    nothing.
    """
    conn.rollback()
    conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    conn.read_only = True


def share_snapshot(conn: Connection) -> str:
    """A name by which other connections see just what this one sees, as long as it reads."""
    return str(_one(conn, "SELECT pg_export_snapshot()")[0])


def join_snapshot(conn: Connection, name: str) -> None:
    """As `snapshot`, of what another connection sees."""
    snapshot(conn)
    conn.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(name))


# ---------------------------------------------------------------- configuration


def next_channel_id(conn: Connection) -> int:
    """The smallest number above all channels."""
    return int(_one(conn, "SELECT coalesce(max(id), 0) + 1 FROM tigertally.channel")[0])


def channel_keys(conn: Connection, channel_id: int, *, to_open: bool = True) -> list[ChannelKey]:
    """Every version, retired ones too, oldest first. `to_open`: with the sealed keys, which not
    every operator may read.
    """
    columns = rows.CHANNEL_KEY_COLUMNS
    if not to_open:
        columns = columns.replace("sealed", "''::bytea")
    found = conn.execute(
        f"SELECT {columns} FROM tigertally.channel_key WHERE channel_id = %s ORDER BY version",
        (channel_id,),
    )
    return [rows.channel_key_of(row) for row in found]


def token_types(conn: Connection) -> list[TypeRow]:
    """All of them."""
    found = conn.execute("SELECT name, parameters::text FROM tigertally.token_type ORDER BY name")
    return [TypeRow(*row) for row in found]


def password_policies(conn: Connection) -> dict[str, str]:
    """name → parameters, those that were set."""
    found = conn.execute("SELECT name, parameters::text FROM tigertally.password_policy").fetchall()
    return dict(found)


# ---------------------------------------------------------------- customers and tokens


def account(conn: Connection, key: UserKey) -> Account | None:
    """By (institution, customer number)."""
    row = conn.execute(
        f"SELECT {rows.ACCOUNT_COLUMNS} FROM tigertally.account WHERE institution = %s AND customer = %s",
        key,
    ).fetchone()
    return None if row is None else rows.account_of(row)


def account_id(conn: Connection, key: UserKey) -> int | None:
    """The surrogate id by (institution, customer number): all that an auditor may know of one."""
    row = conn.execute(
        "SELECT id FROM tigertally.account WHERE institution = %s AND customer = %s", key
    ).fetchone()
    return None if row is None else int(row[0])


def last_places(conn: Connection, account_id: int) -> list[tuple[int, int]]:
    """(shard, seq) of the last entry of each of a customer's present tokens."""
    return conn.execute(
        "SELECT last_shard, last_seq FROM tigertally.token_state WHERE owner_id = %s AND owner_id <> 0 "
        "AND last_seq >= 0 ORDER BY id",
        (account_id,),
    ).fetchall()


def account_by_id(conn: Connection, account_id: int) -> Account | None:
    """By surrogate id."""
    row = conn.execute(
        f"SELECT {rows.ACCOUNT_COLUMNS} FROM tigertally.account WHERE id = %s", (account_id,)
    ).fetchone()
    return None if row is None else rows.account_of(row)


def token(conn: Connection, key: TokenKey) -> TokenFacts | None:
    """By (institution, serial)."""
    row = conn.execute(
        f"SELECT {rows.TOKEN_COLUMNS}, t.issuer, t.imported_at, coalesce(a.customer, '') "
        "FROM tigertally.token t JOIN tigertally.token_state s ON s.id = t.id "
        "LEFT JOIN tigertally.account a ON a.id = s.owner_id WHERE t.institution = %s AND t.serial = %s",
        key,
    ).fetchone()
    return None if row is None else TokenFacts(rows.token_of(row[:-3]), *row[-3:])


def tokens_of(conn: Connection, account_id: int) -> list[Token]:
    """All tokens bound to a customer."""
    found = conn.execute(
        f"{_TOKENS} WHERE s.owner_id = %s AND s.owner_id <> 0 ORDER BY t.serial", (account_id,)
    )
    return [rows.token_of(row) for row in found]


def seeded_tokens(conn: Connection, type_name: str, after_id: int, limit: int) -> list[Token]:
    """The next tokens of a type that have a seed, by their ids."""
    found = conn.execute(
        f"{_TOKENS} WHERE t.type_name = %s AND t.id > %s AND t.seed <> '' ORDER BY t.id LIMIT %s",
        (type_name, after_id, limit),
    )
    return [rows.token_of(row) for row in found]


def known_serials(conn: Connection, institution: str, serials: Sequence[str]) -> dict[str, str]:
    """serial → type of those tokens that are there already."""
    found = conn.execute(
        "SELECT serial, type_name FROM tigertally.token WHERE institution = %s AND serial = ANY(%s)",
        (institution, list(serials)),
    ).fetchall()
    return dict(found)


def last_serial(conn: Connection, institution: str) -> str:
    """The greatest token serial of an institution, "" where it has none."""
    row = conn.execute(
        "SELECT serial FROM tigertally.token WHERE institution = %s ORDER BY serial DESC LIMIT 1",
        (institution,),
    ).fetchone()
    return "" if row is None else str(row[0])


def new_ids(conn: Connection, sequence: str, number: int) -> list[int]:
    """`number` fresh ids of the sequence `account_id` or `token_id`."""
    found = conn.execute(
        "SELECT nextval(%s::regclass) FROM generate_series(1, %s)",
        (f"tigertally.{sequence}", number),
    ).fetchall()
    return [row[0] for row in found]


# ---------------------------------------------------------------- the log


def business_days(conn: Connection) -> list[int]:
    """The business days that have entries, oldest first: one probe of an index each."""
    days: list[int] = []
    while True:
        after = days[-1] if days else -1
        row = _one(
            conn, "SELECT min(business_day) FROM tigertally.entry WHERE business_day > %s", after
        )
        if row[0] is None:
            return days
        days.append(row[0])


def shards_of_day(conn: Connection, day: int) -> list[int]:
    """The shards that have entries of that business day: one probe each."""
    shards: list[int] = []
    while True:
        after = shards[-1] if shards else -32_768
        row = _one(
            conn,
            "SELECT min(shard) FROM tigertally.entry WHERE business_day = %s AND shard > %s",
            day,
            after,
        )
        if row[0] is None:
            return shards
        shards.append(row[0])


def entry_at(conn: Connection, shard: int, seq: int, days: Sequence[int]) -> StoredEntry | None:
    """The entry at a place; `days`: where to look."""
    row = conn.execute(
        f"SELECT {rows.ENTRY_COLUMNS} FROM tigertally.entry WHERE business_day = ANY(%s) AND shard = %s AND seq = %s "
        "LIMIT 1",
        (list(days), shard, seq),
    ).fetchone()
    return None if row is None else rows.entry_of(row)


def entries_of_serial(
    conn: Connection, day: int, channel_id: int, serial: int
) -> list[StoredEntry]:
    """All phases of one serial."""
    found = conn.execute(
        f"SELECT {rows.ENTRY_COLUMNS} FROM tigertally.entry WHERE business_day = %s AND channel_id = %s AND serial = %s "
        "ORDER BY phase",
        (day, channel_id, serial),
    )
    return [rows.entry_of(row) for row in found]


def entries_of_reference(
    conn: Connection, day: int, channel_id: int, reference: str, limit: int
) -> list[StoredEntry]:
    """The latest first."""
    found = conn.execute(
        f"SELECT {rows.ENTRY_COLUMNS} FROM tigertally.entry WHERE business_day = %s AND channel_id = %s "
        "AND reference = %s AND reference <> '' ORDER BY at_ms DESC, shard, seq DESC LIMIT %s",
        (day, channel_id, reference, limit),
    )
    return [rows.entry_of(row) for row in found]


def entries_before(
    conn: Connection, day: int, shard: int, seq: int, limit: int
) -> list[StoredEntry]:
    """The last entries of a day and shard up to `seq`, the latest first."""
    found = conn.execute(
        f"SELECT {rows.ENTRY_COLUMNS} FROM tigertally.entry WHERE business_day = %s AND shard = %s AND seq <= %s "
        "ORDER BY seq DESC LIMIT %s",
        (day, shard, seq, limit),
    )
    return [rows.entry_of(row) for row in found]


FromFiles = Callable[[int, Iterator[tuple[ArchivedEntry, bytes]]], Iterator["LogRow"]]
"""(shard, its archived entries) → the same with those entries that files at hand hold."""

LogRow = tuple[Entry | ArchivedEntry, bytes]


class LogReader:
    """One shard's rows in order of seq, whatever days they stand under; what is archived is known
    by its leaf, or read from the files at hand. Belongs to one snapshot of one connection.
    """

    def __init__(
        self, conn: Connection, days: Sequence[int], from_files: FromFiles | None = None
    ) -> None:
        gone = {archive.month for archive in archives.archives(conn)}
        self._conn, self._from_files = conn, from_files
        # Between an archive and the end of its partition a month stands in both; once is enough.
        self._days = [day for day in days if archives.month_of(day) not in gone]
        self._archived = bool(gone)

    def entries(self, shard: int, start: int, stop: int | None) -> Iterator[LogRow]:
        """(entry, stored leaf) with start <= seq < stop."""
        live: Iterator[LogRow] = (
            (Entry(*row[:20]), row[20])
            for row in self._merged(rows.ENTRY_COLUMNS, shard, start, stop)
        )
        if not self._archived:
            return live
        archived: Iterator[LogRow] = self._archived_leaves(shard, start, stop)
        if self._from_files is not None:
            archived = self._from_files(shard, self._archived_leaves(shard, start, stop))
        return merge(archived, live, key=lambda row: row[0].seq)

    def leaves(self, shard: int, start: int, stop: int) -> Iterator[bytes]:
        """The stored leaves with start <= seq < stop."""
        live = ((row[1], row[2]) for row in self._merged("shard, seq, leaf", shard, start, stop))
        if not self._archived:
            return (leaf for _, leaf in live)
        archived = ((entry.seq, leaf) for entry, leaf in self._archived_leaves(shard, start, stop))
        return (leaf for _, leaf in merge(archived, live))

    def _archived_leaves(
        self, shard: int, start: int, stop: int | None
    ) -> Iterator[tuple[ArchivedEntry, bytes]]:
        last = 2**63 - 1 if stop is None else stop - 1
        return archives.archived_leaves(self._conn, shard, start, last)

    def _merged(self, columns: str, shard: int, start: int, stop: int | None) -> Iterator[rows.Row]:
        """A merge that opens a day only when its turn comes: days overlap at their edges, if at
        all.
        """
        last = 2**63 - 1 if stop is None else stop - 1
        waiting = sorted(self._spans(shard, start, last), reverse=True)
        heap: list[tuple[int, int, rows.Row, Iterator[rows.Row]]] = []
        while heap or waiting:
            while waiting and (not heap or waiting[-1][0] <= heap[0][0]):
                _, day = waiting.pop()
                self._push(heap, day, self._day(columns, day, shard, start, last))
            if not heap:
                continue
            _, day, row, rest = heappop(heap)
            yield row
            self._push(heap, day, rest)

    @staticmethod
    def _push(
        heap: list[tuple[int, int, rows.Row, Iterator[rows.Row]]],
        day: int,
        rest: Iterator[rows.Row],
    ) -> None:
        row = next(rest, None)
        if row is not None:
            heappush(heap, (row[1], day, row, rest))

    def _spans(self, shard: int, first: int, last: int) -> Iterator[tuple[int, int]]:
        """(smallest seq in question, day)."""
        for day in self._days:
            row = _one(
                self._conn,
                "SELECT min(seq) FROM tigertally.entry WHERE business_day = %s AND shard = %s AND seq BETWEEN %s AND %s",
                day,
                shard,
                first,
                last,
            )
            if row[0] is not None:
                yield row[0], day

    def _day(self, columns: str, day: int, shard: int, first: int, last: int) -> Iterator[rows.Row]:
        with self._conn.cursor(name=f"log_{next(_cursor_numbers)}") as cursor:
            cursor.itersize = FETCH
            cursor.execute(
                f"SELECT {columns} FROM tigertally.entry WHERE business_day = %s AND shard = %s "
                "AND seq BETWEEN %s AND %s ORDER BY seq",
                (day, shard, first, last),
                binary=True,
            )
            yield from cursor


# ---------------------------------------------------------------- heads and checkpoints


def heads(conn: Connection) -> dict[int, ShardHead]:
    """shard → head."""
    found = conn.execute(
        "SELECT shard, size, frontier, root, mac FROM tigertally.shard_head ORDER BY shard"
    )
    return {row[0]: rows.head_of(row) for row in found}


def checkpoint_notes(conn: Connection, shard: int) -> Iterator[str]:
    """The signed notes of a shard by growing size."""
    with conn.cursor(name=f"notes_{next(_cursor_numbers)}") as cursor:
        cursor.itersize = FETCH
        cursor.execute(
            "SELECT note FROM tigertally.checkpoint WHERE shard = %s ORDER BY size", (shard,)
        )
        for row in cursor:
            yield row[0]


def covering_note(conn: Connection, shard: int, seq: int) -> str | None:
    """The smallest checkpoint whose tree holds entry `seq`."""
    row = conn.execute(
        "SELECT note FROM tigertally.checkpoint WHERE shard = %s AND size > %s ORDER BY size LIMIT 1",
        (shard, seq),
    ).fetchone()
    return None if row is None else str(row[0])


# ---------------------------------------------------------------- a day


def day_tallies(conn: Connection, day: int, channel_id: int) -> list[Tally]:
    """Entries of a channel and business day, counted by transaction and code."""
    found = conn.execute(
        "SELECT transaction, result, phase, at_ms / 3600000, count(*) FROM tigertally.entry "
        "WHERE business_day = %s AND channel_id = %s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        (day, channel_id),
    )
    return [Tally(*row) for row in found]


def day_span(conn: Connection, day: int, channel_id: int, phases: Sequence[int]) -> DaySpan:
    """Of the entries in these phases."""
    row = _one(
        conn,
        "SELECT count(*), coalesce(min(serial), 0), coalesce(max(serial), 0), coalesce(min(at_ms), 0), "
        "coalesce(max(at_ms), 0) FROM tigertally.entry WHERE business_day = %s AND channel_id = %s AND phase = ANY(%s)",
        day,
        channel_id,
        list(phases),
    )
    return DaySpan(*row)


def entries_in_phase(
    conn: Connection, days: Sequence[int], channel_id: int, phase: int
) -> list[Entry]:
    """A channel's entries of one phase, by time; for phases that are few (summaries)."""
    found = conn.execute(
        f"SELECT {rows.ENTRY_COLUMNS} FROM tigertally.entry WHERE business_day = ANY(%s) AND channel_id = %s "
        "AND phase = %s ORDER BY at_ms",
        (list(days), channel_id, phase),
    )
    return [rows.entry_of(row).entry for row in found]


def _one(conn: Connection, sql: str, *params: Any) -> rows.Row:
    # Statements are constants of this module.
    row = conn.execute(sql, params).fetchone()
    assert row is not None
    return row
