"""Looking for entries: by customer, token, channel, serial, response code, transaction and time, in
any combination, the latest first, page by page.

No index of the log is random (decision 14): customers, tokens and kinds are found by block ranges,
serials by the tree that makes them unique, and a time span by the order in which entries come. A
look for what is frequent goes back through time in spans that grow, so that its first page comes at
once and a look for what is rare ends after a few statements. Nothing counts, sorts or reads the
whole log: a sequential scan is forbidden to the planner here, and a test holds its plans.

A page ends in a place (time, shard, seq); the next one begins behind it, whatever was appended
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from tigertally_server.domain.entry import StoredEntry
from tigertally_server.store import rows

Connection = psycopg.Connection[tuple[Any, ...]]

LIVE: Final = "tigertally.entry"
NO_SCAN: Final = "SET LOCAL enable_seqscan = off"
FIRST_SPAN_MS: Final = 1_000
GROWTH: Final = 16
END_MS: Final = 1 << 62


class Cursor(NamedTuple):
    """The last entry of a page."""

    at_ms: int
    shard: int
    seq: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the entries have in common; None: whatever. Times in ms since the epoch, the first
    included, the second not. `serial` needs the days and channels to look among.
    """

    user_id: int | None = None
    token_id: int | None = None
    channel_id: int | None = None
    transaction: int | None = None
    result: int | None = None
    serial: int | None = None
    days: tuple[int, ...] = ()
    channels: tuple[int, ...] = ()
    from_ms: int = 0
    to_ms: int = END_MS

    @property
    def rare(self) -> bool:
        """Whether few entries can fit, so that all of them are looked for at once."""
        return (self.user_id, self.token_id, self.serial) != (None, None, None)


# The types are said: an index of block ranges compares with its own type only.
_EQUAL: Final = (
    ("user_id", "user_id = %s::bigint"),
    ("token_id", "token_id = %s::bigint"),
    ("channel_id", "channel_id = %s::integer"),
    ("transaction", "transaction = %s::integer"),
    ("result", "result = %s::integer"),
)


def statement(
    table: str, wanted: Wanted, span: tuple[int, int], after: Cursor | None, limit: int
) -> tuple[str, list[Any]]:
    """One look: SQL and parameters. `table` is LIVE or a restored month's, never input."""
    # Of a customer or token all is looked for by its own ranges: time must not lead the planner.
    at = "at_ms + 0" if wanted.rare else "at_ms"
    terms, values = [f"{at} >= %s::bigint", f"{at} < %s::bigint"], list[Any](span)
    for name, term in _EQUAL:
        value = getattr(wanted, name)
        if value is not None:
            terms.append(term)
            values.append(value)
    if wanted.serial is not None:
        terms.append(
            "business_day = ANY(%s::integer[]) AND channel_id = ANY(%s::integer[]) AND serial = %s::bigint"
        )
        values += [list(wanted.days), list(wanted.channels), wanted.serial]
    if after is not None:
        terms.append("(at_ms, shard, seq) < (%s::bigint, %s::smallint, %s::bigint)")
        values += after
    sql = (
        f"SELECT {rows.ENTRY_COLUMNS} FROM {table} WHERE {' AND '.join(terms)} "
        "ORDER BY at_ms DESC, shard DESC, seq DESC LIMIT %s"
    )
    return sql, [*values, limit]


def spans(wanted: Wanted, now_ms: int, first_ms: int) -> Iterator[tuple[int, int]]:
    """Stretches of time to look at, the latest first; `first_ms`: before it there was no log."""
    bottom = max(wanted.from_ms, first_ms)
    if wanted.rare:
        yield wanted.from_ms, wanted.to_ms
        return
    end, length = wanted.to_ms, FIRST_SPAN_MS
    start = min(end, now_ms) - length
    while True:
        # The first one reaches beyond now (a clock may have been set back), the last to the end.
        start = start if start > bottom else wanted.from_ms
        yield start, end
        if start == wanted.from_ms:
            return
        length *= GROWTH
        start, end = start - length, start


def find(
    conn: Connection,
    table: str,
    wanted: Wanted,
    after: Cursor | None,
    limit: int,
    *,
    now_ms: int,
    first_ms: int,
) -> list[StoredEntry]:
    """At most `limit` entries, the latest first."""
    conn.execute(NO_SCAN)
    if after is not None:
        wanted = msgspec.structs.replace(wanted, to_ms=min(wanted.to_ms, after.at_ms + 1))
    found: list[StoredEntry] = []
    for span in spans(wanted, now_ms, first_ms):
        sql, values = statement(table, wanted, span, after, limit - len(found))
        answer = conn.execute(sql.encode(), values, prepare=False).fetchall()
        found += map(rows.entry_of, answer)
        if len(found) >= limit:
            break
    return found


def user_id(conn: Connection, institution: str, customer: str) -> int | None:
    """The id that a customer's entries carry."""
    row = conn.execute(
        "SELECT id FROM tigertally.account WHERE institution = %s AND customer = %s",
        (institution, customer),
    ).fetchone()
    return None if row is None else int(row[0])


def token_id(conn: Connection, institution: str, serial: str) -> int | None:
    """The id that a token's entries carry."""
    row = conn.execute(
        "SELECT id FROM tigertally.token WHERE institution = %s AND serial = %s",
        (institution, serial),
    ).fetchone()
    return None if row is None else int(row[0])
