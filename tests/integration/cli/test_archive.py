"""Months of the log into files outside, a crash at every step of it, and back for a look."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tigertally_client.archive import NotHolding, check
from tigertally_client.archive import main as command
from tigertally_client.proof import verify
from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP, AUDITOR, OWNER, SUPERUSER
from tigertally_server.app import archiving
from tigertally_server.app.archiving import Archiver, NotArchived
from tigertally_server.audit import archive_file
from tigertally_server.cli.house import open_house
from tigertally_server.store import archives, audit_rounds
from tigertally_server.store.reading import LogReader, business_days

FIRST, SECOND = 202401, 202402
DAYS = (*archives.days_of(FIRST)[-3:], *archives.days_of(SECOND)[:3])
ENTRIES = 600


@pytest.fixture
def old(tool: Any) -> Any:
    """A log that begins long ago: the end of one month, the beginning of the next, and today."""
    tool.fill(DAYS, ENTRIES)
    tool("user", "register", "C1", "--institution", "0001")
    tool.checkpoint()
    return tool


def _folder(tool: Any) -> Path:
    return Path(tool.state) / "archive"


def _file(tool: Any, month: int = FIRST) -> Path:
    return _folder(tool) / f"entries-{archives.month_name(month)}.tta"


def _key(tool: Any) -> str:
    """As the bank publishes it."""
    return str(
        tool.sql("SELECT encode(checkpoint_public_key, 'hex') FROM tigertally.installation")[0][0]
    )


def _count(tool: Any) -> int:
    return int(
        tool.sql("SELECT count(*) FROM tigertally.entry WHERE at_ms < 1e12::bigint * 1.72")[0][0]
    )


def _verified(tool: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(tool.run("audit", "verify", "--json", "--quiet").stdout)
    return answer


def test_a_month_becomes_a_file_and_the_whole_log_still_holds(old: Any) -> None:
    before = _verified(old)
    assert before["ok"]
    made = old.json("audit", "archive", "--month", "2024-01", "--quiet")
    assert Path(made["file"]) == _file(old)
    assert _count(old) == ENTRIES - made["entries"]
    held = check(_file(old), [_key(old)])
    assert (held.month, held.entries, len(held.shards)) == ("2024-01", made["entries"], 4)
    whole = _verified(old)
    assert whole["ok"], whole["findings"]
    assert whole["rows"] >= before["rows"]
    _file(old).rename(_file(old).with_suffix(".away"))
    said = old("audit", "verify", "--quiet")
    assert "were verified by their leaf hashes" in said.stderr
    assert "The log holds" in said.stdout


def test_the_months_go_in_order_and_not_too_soon(old: Any) -> None:
    assert "archive 2024-01 before it" in old.fails("audit", "archive", "--month", "2024-02")
    with open_house(old.config) as house:
        today = house.environment.calendar.today(house.environment.clock.now_ms())
    this = archives.month_name(archives.month_of(today))
    assert "audit.keep_months keeps 13" in old.fails("audit", "archive", "--month", this)
    old("audit", "archive", "--month", "2024-01", "--quiet")
    old("audit", "archive", "--month", "2024-02", "--quiet")
    listed = old.json("audit", "archive", "--list")
    assert [(row["month"], row["state"]) for row in listed] == [
        ("2024-01", "released"),
        ("2024-02", "released"),
    ]
    assert sum(row["entries"] for row in listed) == ENTRIES
    assert _verified(old)["ok"]


def test_an_archived_entry_is_still_proven(old: Any, tmp_path: Path) -> None:
    ((shard, seq),) = old.sql(
        "SELECT shard, min(seq) + 5 FROM tigertally.entry WHERE business_day = %s GROUP BY shard "
        "ORDER BY shard LIMIT 1",
        DAYS[1],
    )
    proof = tmp_path / "proof.json"
    prove = ("audit", "prove", "--entry", f"{shard}:{seq}", "--out", str(proof))
    old(*prove)
    before = proof.read_bytes()
    old("audit", "archive", "--month", "2024-01", "--quiet")
    old(*prove)
    assert proof.read_bytes() == before
    assert verify(before).fields["seq"] == seq
    _file(old).rename(_file(old).with_suffix(".away"))
    assert "its file is not in" in old.fails(*prove)
    old("audit", "restore", "--file", str(_file(old).with_suffix(".away")), "--quiet")
    old(*prove)
    assert proof.read_bytes() == before


def test_nobody_adds_to_a_month_that_is_archived(old: Any) -> None:
    old("audit", "archive", "--month", "2024-01", "--quiet")
    with (
        connect(old.database.dsn(APP)) as connection,
        pytest.raises(Exception, match="the month 2024-01 is archived"),
    ):
        connection.execute("SELECT tigertally.ensure_partitions(%s, %s)", (DAYS[0], DAYS[0]))


def test_a_row_that_was_altered_is_not_archived(old: Any) -> None:
    ((shard, seq),) = old.sql(
        "SELECT shard, max(seq) FROM tigertally.entry WHERE business_day = %s "
        "GROUP BY shard LIMIT 1",
        DAYS[0],
    )
    old.sql(
        "UPDATE tigertally.entry SET result = 1 - result WHERE shard = %s AND seq = %s", shard, seq
    )
    said = old.fails("audit", "archive", "--month", "2024-01", "--quiet")
    assert f"entry {shard}:{seq} was altered" in said
    assert _count(old) == ENTRIES


def test_a_file_that_was_altered_is_found_and_named(old: Any) -> None:
    old("audit", "archive", "--month", "2024-01", "--quiet")
    data = bytearray(_file(old).read_bytes())
    data[len(data) // 2] ^= 1
    _file(old).write_bytes(data)
    found = _verified(old)
    assert found["ok"] is False
    assert {finding["kind"] for finding in found["findings"]} == {"archive-altered"}
    assert "doesn't hold" in old.fails("audit", "restore", "--file", str(_file(old)), "--quiet")
    with pytest.raises(NotHolding):
        check(_file(old), [_key(old)])


def test_an_entry_that_was_altered_within_its_file_is_named(old: Any) -> None:
    """By somebody who packs the file anew, checksums and all."""
    old("audit", "archive", "--month", "2024-01", "--quiet")
    with _file(old).open("rb") as file:
        members = [list(archive_file.records(member)) for _, member in archive_file.members(file)]
    places = [
        (i, j)
        for i, member in enumerate(members)
        for j, (kind, _) in enumerate(member)
        if kind == b"E"
    ]
    i, j = places[len(places) // 2]
    entry = bytearray(members[i][j][1])
    entry[-1] ^= 1
    members[i][j] = (b"E", bytes(entry))
    path = _file(old)
    path.unlink()
    writer = archive_file.ArchiveWriter(path)
    for member in members:
        for kind, data in member:
            writer.add(kind, data)
        writer.flush()
    writer.close()
    found = _verified(old)["findings"]
    assert {finding["kind"] for finding in found} == {"archive-altered", "altered-row"}
    assert "committed to" in old.fails("audit", "restore", "--file", str(path), "--quiet")
    with pytest.raises(NotHolding, match="committed to"):
        check(path, [_key(old)])


def test_the_outsiders_verifier_by_its_command(old: Any, capsys: Any) -> None:
    old("audit", "archive", "--month", "2024-01", "--quiet")
    with connect(old.database.dsn(AUDITOR)) as connection:
        (shard,) = [s for s in archives.shards_of(connection, FIRST) if s.shard == 2]
    path, key = str(_file(old)), ("--key", _key(old))
    assert command([path, *key, "--entry", f"2:{shard.first}"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("PROVEN: ")
    assert f'"seq": {shard.first}' in said
    assert command([path, *key, "--entry", "9:9"]) == 1
    assert command([path, "--key", "ab" * 32]) == 1
    assert "not signed by a trusted key" in capsys.readouterr().err


# ---------------------------------------------------------------- a crash at every step


class Crash(BaseException):
    """The process is gone."""


STEPS = ("closed", "written", "named", "kept", "detached", "released")


def test_a_crash_at_every_step_one_after_another_loses_nothing(old: Any) -> None:
    """Each call goes on where the last one died, and gets one step farther."""
    done: list[str] = []
    for step in STEPS:

        def at(reached: str, step: str = step) -> None:
            done.append(reached)
            if reached == step:
                raise Crash

        with pytest.raises(Crash):
            _archive(old, at)
        _never_both_gone(old)
        assert _verified(old)["ok"], step
    assert _archive(old, done.append).state == archives.RELEASED
    # The file that has its name is not written again, nor read back twice.
    assert [done.count(step) for step in STEPS] == [3, 2, 1, 1, 2, 1]
    with connect(old.database.dsn(AUDITOR)) as connection:
        assert archives.attached(connection, FIRST) is False


def test_a_process_that_is_killed_in_the_middle_goes_on_when_it_is_called_again(old: Any) -> None:
    """kill -9 where it waits for a lock of ours: before the leaves are kept, then in the detaching
    itself, which waits for everybody who reads the month.
    """
    for lock in (
        "LOCK TABLE tigertally.archive_leaves IN EXCLUSIVE MODE",
        "LOCK TABLE tigertally.entry_2024_01 IN ACCESS SHARE MODE",
    ):
        _killed_while(old, lock)
        _never_both_gone(old)
        assert _verified(old)["ok"], lock
    assert old.sql("SELECT to_regclass('tigertally.entry_2024_01') IS NOT NULL") == [(True,)]
    made = old.json("audit", "archive", "--month", "2024-01", "--quiet")
    assert _count(old) == ENTRIES - made["entries"]
    assert check(_file(old), [_key(old)]).entries == made["entries"]
    assert _verified(old)["ok"]


def _killed_while(tool: Any, lock: str) -> None:
    """The command as a process of its own, killed as soon as it waits for this lock; its session
    in the database ends before we go on.
    """
    waits = (
        "SELECT a.pid FROM pg_stat_activity a WHERE a.datname = current_database() "
        "AND %s = ANY (pg_blocking_pids(a.pid))"
    )
    command = [sys.executable, "-m", "tigertally_server.cli.main", "-c", str(tool.config)]
    path = os.pathsep.join(part for part in sys.path if part)
    with connect(tool.database.dsn(SUPERUSER)) as holder:
        holder.execute(lock.encode())
        process = subprocess.Popen(
            [*command, "audit", "archive", "--month", "2024-01", "--quiet"],
            env={**os.environ, "PYTHONPATH": path},
        )
        try:
            (session,) = _until(lambda: tool.sql(waits, holder.info.backend_pid), process)
        finally:
            process.kill()
            process.wait(30)
        tool.sql("SELECT pg_terminate_backend(%s, 10000)", *session)


def _until(found: Any, process: subprocess.Popen[bytes]) -> Any:
    for _ in range(3_000):
        if rows := found():
            return rows
        assert process.poll() is None, "it ended by itself"
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
    raise AssertionError("it never waited for the lock")


def test_a_crash_while_the_file_is_written(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written stays, whatever was torn behind it, and the file comes out the same."""
    monkeypatch.setattr(archive_file, "MEMBER", 2_000)
    monkeypatch.setattr(archiving, "RUN", 20)
    calls = 0

    def torn(what: str, done: int, total: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise Crash

    with pytest.raises(Crash):
        _archive(old, lambda _: None, torn)
    part = _file(old).with_suffix(".tta.part")
    kept = part.read_bytes()
    assert kept
    part.write_bytes(kept + kept[:10] + kept[300:900])
    assert _archive(old, lambda _: None).state == archives.RELEASED
    assert _file(old).read_bytes().startswith(kept)
    assert _verified(old)["ok"]


def test_a_detaching_that_was_cut_is_finished(old: Any) -> None:
    with pytest.raises(Crash):
        _archive(old, _crash_at("kept"))
    # PostgreSQL itself lost power between the two halves of a concurrent detaching.
    old.sql(
        "UPDATE pg_inherits SET inhdetachpending = true "
        "WHERE inhrelid = 'tigertally.entry_2024_01'::regclass"
    )
    assert _archive(old, lambda _: None).state == archives.RELEASED
    assert _verified(old)["ok"]


def test_the_rows_stay_where_the_file_is_gone_or_another(old: Any) -> None:
    with pytest.raises(Crash):
        _archive(old, _crash_at("kept"))
    good = _file(old).read_bytes()
    _file(old).write_bytes(good + b"\0")
    with pytest.raises(NotArchived, match="is not the file that was made"):
        _archive(old, lambda _: None)
    _file(old).unlink()
    with pytest.raises(NotArchived, match="No such file"):
        _archive(old, lambda _: None)
    assert old.sql("SELECT to_regclass('tigertally.entry_2024_01') IS NOT NULL") == [(True,)]
    _file(old).write_bytes(good)
    assert _archive(old, lambda _: None).state == archives.RELEASED


def test_one_at_a_time(old: Any) -> None:
    with connect(old.database.dsn(AUDITOR)) as connection:
        assert archives.share(connection)
        with pytest.raises(NotArchived, match="another process"):
            _archive(old, lambda _: None)


def _crash_at(step: str) -> Any:
    def at(reached: str) -> None:
        if reached == step:
            raise Crash

    return at


def _archive(tool: Any, at: Any, tell: Any = lambda what, done, total: None) -> Any:
    with open_house(tool.config) as house, connect(tool.database.dsn(OWNER)) as connection:
        environment = house.environment
        assert environment.signer is not None
        return Archiver(
            connection,
            _folder(tool),
            environment.installation.installation_id,
            environment.signer,
            [row.public_key for row in audit_rounds.checkpoint_keys(connection)],
            environment.clock,
            tell,
            at,
        ).run(FIRST)


def _never_both_gone(tool: Any) -> None:
    """Each entry's row stands in the table or in the finished file."""
    table = tool.sql("SELECT to_regclass('tigertally.entry_2024_01') IS NOT NULL") == [(True,)]
    assert table or _file(tool).exists()


def test_a_history_ends_where_the_archive_begins(old: Any) -> None:
    issued = ("--institution", "0001")
    old("token", "add", "T1", *issued, "--type", "totp-6", "--seed-file", "-", stdin="31" * 20)
    old("token", "bind", "T1", *issued, "--customer", "C1")
    ((shard, seq),) = old.sql(
        "SELECT shard, min(seq) FROM tigertally.entry WHERE business_day = %s GROUP BY shard "
        "LIMIT 1",
        DAYS[0],
    )
    old("audit", "archive", "--month", "2024-01", "--quiet")
    history = ("audit", "show", "--customer", "C1", *issued)
    assert len(old.json(*history)["entries"]) == 1
    old.sql("UPDATE tigertally.token_state SET last_shard = %s, last_seq = %s", shard, seq)
    assert old.json(*history)["entries"] == []


def test_the_checkpointing_process_reads_archived_leaves(old: Any) -> None:
    """Its tiles outside were lost, and the rows they are made of are in a file."""
    old("audit", "archive", "--month", "2024-01", "--quiet")
    shutil.rmtree(old.state / "tlog")
    old("user", "register", "C2", "--institution", "0001")
    old.checkpoint()
    assert _verified(old)["ok"]
    assert (old.state / "tlog" / "0" / "checkpoint").exists()


# ---------------------------------------------------------------- restored


def test_what_is_restored_stands_apart_read_only_and_is_dropped_again(old: Any) -> None:
    made = old.json("audit", "archive", "--month", "2024-01", "--quiet")
    live = _count(old)
    old("audit", "restore", "--file", str(_file(old)), "--quiet")
    assert _count(old) == live
    table = "tigertally_restored.entry_2024_01"
    assert old.sql(f"SELECT count(*) FROM {table}") == [(made["entries"],)]
    for role in (AUDITOR, OWNER, APP):
        with (
            connect(old.database.dsn(role)) as connection,
            pytest.raises(Exception, match=r"denied|refused"),
        ):
            connection.execute(f"DELETE FROM {table}".encode())
    assert old.json("audit", "archive", "--list")[0]["restored"] is True
    found = old.json("audit", "find", "--restored", "2024-01", "--limit", "10")
    assert len(found["entries"]) == 10
    assert old.json("audit", "find", "--to", "2024-03-01", "--from", "2024-01-01")["entries"]
    said = old.fails("audit", "restore", "--file", str(_file(old)), "--quiet")
    assert "is restored already" in said
    old("audit", "restore", "--drop", "2024-01")
    assert "is not restored" in old.fails("audit", "find", "--restored", "2024-01")
    assert _verified(old)["ok"]


def test_the_same_leaves_by_rows_and_by_what_was_kept(old: Any) -> None:
    def leaves() -> list[bytes]:
        with connect(old.database.dsn(AUDITOR)) as connection:
            reader = LogReader(connection, business_days(connection))
            return [leaf for shard in range(4) for leaf in reader.leaves(shard, 3, 120)]

    before = leaves()
    assert len(before) == 4 * 117
    old("audit", "archive", "--month", "2024-01", "--quiet")
    assert leaves() == before
