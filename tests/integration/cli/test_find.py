"""Finding entries by what they have in common: complete, page by page, and never by reading all."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import psycopg
import pytest

from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP, AUDITOR, OWNER
from tigertally_server.store import archives, finding, reading
from tigertally_server.store.finding import Cursor, Wanted
from tigertally_testing.filled_log import fill

DAYS = archives.days_of(202401)[3:9]
ENTRIES = 4_000
FIRST_MS = DAYS[0] * 86_400_000


@pytest.fixture
def filled(database: Any) -> Any:
    with connect(database.dsn(APP)) as conn:
        for shard in range(3):
            conn.execute(
                "INSERT INTO tigertally.shard_head VALUES (%s, 0, %s, %s, '')",
                (shard, bytes(8), bytes(32)),
            )
        fill(conn, bytes(32), days=DAYS, entries=ENTRIES, shards=range(3))
        conn.execute("SELECT tigertally.summarise_log()")
    with connect(database.dsn(OWNER)) as conn:
        conn.execute("ANALYZE tigertally.entry")
    with connect(database.dsn(AUDITOR)) as conn:
        yield conn


def _all(conn: Any) -> list[Any]:
    reader = reading.LogReader(conn, reading.business_days(conn))
    entries = [entry for shard in range(3) for entry, _ in reader.entries(shard, 0, None)]
    return sorted(entries, key=lambda e: (-e.at_ms, -e.shard, -e.seq))


def _paged(conn: Any, wanted: Wanted, size: int) -> list[Any]:
    found: list[Any] = []
    after = None
    while True:
        page = finding.find(
            conn, finding.LIVE, wanted, after, size, now_ms=FIRST_MS * 2, first_ms=FIRST_MS
        )
        found += [stored.entry for stored in page]
        if len(page) < size:
            return found
        last = found[-1]
        after = Cursor(last.at_ms, last.shard, last.seq)


def test_every_look_finds_all_and_only_what_fits_whatever_the_page(filled: Any) -> None:
    entries = _all(filled)
    assert len(entries) == ENTRIES
    one = entries[ENTRIES // 3]
    channels = tuple(range(10))
    looks = [
        ({}, Wanted(), 997),
        ({"user_id": one.user_id}, Wanted(user_id=one.user_id), 1),
        ({"token_id": one.token_id}, Wanted(token_id=one.token_id), 3),
        ({"channel_id": 3}, Wanted(channel_id=3), 100),
        ({"result": 103}, Wanted(result=103), 7),
        ({"result": 499}, Wanted(result=499), 7),
        ({"transaction": 0x0604, "result": 1}, Wanted(transaction=0x0604, result=1), 10),
        ({"serial": one.serial}, Wanted(serial=one.serial, days=DAYS, channels=channels), 5),
    ]
    for fields, wanted, size in looks:
        fitting = [e for e in entries if all(getattr(e, n) == v for n, v in fields.items())]
        assert _paged(filled, wanted, size) == fitting, fields
    span = Wanted(from_ms=entries[900].at_ms, to_ms=entries[100].at_ms)
    assert _paged(filled, span, 50) == [e for e in entries if span.from_ms <= e.at_ms < span.to_ms]


LOOKS = {
    "customer": Wanted(user_id=5),
    "token": Wanted(token_id=5),
    "channel": Wanted(channel_id=5),
    "response code": Wanted(result=101),
    "transaction": Wanted(transaction=0x0301),
    "time": Wanted(from_ms=FIRST_MS, to_ms=FIRST_MS + 1),
    "serial": Wanted(serial=7, days=DAYS, channels=(1, 2)),
}


@pytest.mark.parametrize("name", LOOKS)
def test_no_look_is_a_scan(filled: Any, name: str) -> None:
    """The planner is forbidden to scan, and has another way."""
    wanted = LOOKS[name]
    filled.execute(finding.NO_SCAN)
    after = Cursor(FIRST_MS + 20_000, 0, 0)
    wanted = msgspec.structs.replace(wanted, to_ms=after.at_ms)
    span = list(finding.spans(wanted, wanted.to_ms, FIRST_MS))[:2][-1]
    sql, values = finding.statement(finding.LIVE, wanted, span, after, 20)
    plan = "\n".join(row[0] for row in filled.execute(f"EXPLAIN {sql}".encode(), values))
    assert "Seq Scan" not in plan, plan
    expected = {"customer": "user_id_idx", "token": "token_id_idx", "serial": "serial_phase_idx"}
    assert expected.get(name, "at_ms_result") in plan, plan


def test_spans_grow_and_leave_no_gap() -> None:
    wanted = Wanted(result=1)
    found = list(finding.spans(wanted, 10**12, 10**12 - 10**9))
    assert found[0][1] == finding.END_MS
    assert found[-1][0] == 0
    assert all(later[0] == earlier[1] for later, earlier in pairwise(found))
    assert len(found) < 10


def test_the_command_pages_masks_and_records(tool: Any) -> None:
    for number in range(7):
        tool("user", "register", f"C{number}", "--institution", "0001", "--name", "张三丰")
    look = ("audit", "find", "--transaction", "register-user", "--limit", "3")
    pages, after = [], None
    while True:
        answer = tool.json(*look, *(("--after", after) if after else ()))
        pages.append(answer["entries"])
        after = answer["after"]
        if after is None:
            break
    assert [len(page) for page in pages] == [3, 3, 1]
    entries = [entry for page in pages for entry in page]
    assert len({entry["entry"] for entry in entries}) == 7
    assert {entry["sealed"] for entry in entries} == {"customer and answer"}
    assert "张三丰" not in str(entries)
    mine = tool.json("audit", "find", "--customer", "C3", "--institution", "0001")["entries"]
    assert [entry["transaction"] for entry in mine] == ["REGISTER_USER"]
    acts = tool.json("audit", "show", "--channel", "house")["entries"]
    assert [entry.get("act") for entry in acts].count("audit find") == 4
    assert "is no" in tool.fails("audit", "find", "--from", "soon")
    assert "there is no response code" in tool.fails("audit", "find", "--result", "fine")
    assert "add --institution" in tool.fails("audit", "find", "--customer", "C3")
    assert "copy it" in tool.fails("audit", "find", "--after", "1")


# ---------------------------------------------------------------- append-only

CHANGES = (
    "UPDATE {} SET {} = {}",
    "DELETE FROM {}",
    "TRUNCATE {} CASCADE",
)
TABLES = {
    "tigertally.entry": "result",
    "tigertally.entry_2024_01": "result",
    "tigertally.checkpoint": "size",
    "tigertally.archive_leaves": "first",
    "tigertally.archive_shard": "entries",
}


@pytest.mark.parametrize("role", [APP, AUDITOR, "tigertally_system", "tigertally_security", OWNER])
def test_nobody_changes_or_deletes_what_stands_in_the_log(
    filled: Any, database: Any, role: str
) -> None:
    """The owner too, for whom only the triggers stand in the way."""
    login = APP if role.startswith("tigertally_s") else role
    with connect(database.dsn(OWNER if role == OWNER else login)) as conn:
        for table, column in TABLES.items():
            for change in CHANGES:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(change.format(table, column, column).encode())
                conn.rollback()
