"""The audit commands: green on what was recorded, and naming the entry when somebody was at it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tigertally_client.proof import NotProven, verify
from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP
from tigertally_server.cli.house import open_house

_ISSUED = ("--institution", "0001")


@pytest.fixture
def log(tool: Any) -> Any:
    """Some entries on all shards, a checkpoint in the middle and one at the end."""
    for number in range(6):
        tool("user", "register", f"C{number}", *_ISSUED)
    tool.checkpoint()
    for number in range(12):
        tool("user", "register", f"D{number}", *_ISSUED)
    tool.checkpoint()
    return tool


def _alter(tool: Any, statement: str, *parameters: Any) -> None:
    tool.sql(statement, *parameters)


def _some_entry(tool: Any) -> tuple[int, int]:
    """One that a checkpoint covers and that is not its shard's last."""
    ((shard, seq),) = tool.sql(
        "SELECT shard, min(seq) FROM tigertally.entry GROUP BY shard ORDER BY count(*) DESC LIMIT 1"
    )
    return shard, seq


def test_a_log_that_holds(log: Any) -> None:
    answer = log.json("audit", "verify", "--quiet")
    assert answer["ok"] is True
    assert answer["findings"] == []
    assert answer["rows"] == sum(shard["rows"] for shard in answer["shards"]) >= 18
    plain = log("audit", "verify")
    assert "The log holds" in plain.stdout


def test_shards_side_by_side_come_to_the_same(log: Any) -> None:
    alone = log.json("audit", "verify", "--quiet", "--jobs", "1")
    together = log.json("audit", "verify", "--quiet", "--jobs", "3")
    assert {**together, "rows": 0, "shards": 0} == {**alone, "rows": 0, "shards": 0}
    assert [s["shard"] for s in together["shards"]] == [s["shard"] for s in alone["shards"]]
    shard, seq = _some_entry(log)
    _alter(log, "UPDATE tigertally.entry SET result = 1 WHERE shard = %s AND seq = %s", shard, seq)
    result = log.run("audit", "verify", "--quiet", "--jobs", "3")
    assert result.exit_code == 1
    assert f"{shard}:{seq}  " in result.stdout


def test_one_altered_row_is_named(log: Any) -> None:
    shard, seq = _some_entry(log)
    _alter(log, "UPDATE tigertally.entry SET result = 1 WHERE shard = %s AND seq = %s", shard, seq)
    result = log.run("audit", "verify", "--quiet")
    assert result.exit_code == 1
    assert "TAMPERED" in result.stdout
    assert f"{shard}:{seq}  " in result.stdout
    assert "altered-row" in result.stdout


def test_a_row_altered_together_with_its_leaf_is_named(log: Any) -> None:
    from tigertally_server.audit.leaf import leaf_hash
    from tigertally_server.store import reading

    shard, seq = _some_entry(log)
    where = "WHERE shard = %s AND seq = %s"
    _alter(log, f"UPDATE tigertally.entry SET reference = 'FORGED' {where}", shard, seq)
    with connect(log.database.dsn(APP)) as connection:
        days = reading.business_days(connection)
        stored = reading.entry_at(connection, shard, seq, days)
    assert stored is not None
    forged = leaf_hash(stored.entry)
    _alter(log, f"UPDATE tigertally.entry SET leaf = %s {where}", forged, shard, seq)
    answer = json.loads(log.run("audit", "verify", "--json", "--quiet").stdout)
    named = [f for f in answer["findings"] if f["kind"] == "altered-row"]
    assert [(f["shard"], f["first"]) for f in named] == [(shard, seq)]


def test_a_missing_row_is_named(log: Any) -> None:
    shard, seq = _some_entry(log)
    _alter(log, "DELETE FROM tigertally.entry WHERE shard = %s AND seq = %s", shard, seq)
    answer = json.loads(log.run("audit", "verify", "--json", "--quiet").stdout)
    missing = [f for f in answer["findings"] if f["kind"] == "missing-rows"]
    assert [(f["shard"], f["first"], f["last"]) for f in missing] == [(shard, seq, seq)]


def test_a_row_under_a_shard_that_does_not_exist_is_seen(log: Any) -> None:
    shard, seq = _some_entry(log)
    _alter(log, "UPDATE tigertally.entry SET shard = 99 WHERE shard = %s AND seq = %s", shard, seq)
    answer = json.loads(log.run("audit", "verify", "--json", "--quiet").stdout)
    kinds = {(f["shard"], f["kind"]) for f in answer["findings"]}
    assert (99, "inserted-rows") in kinds or (99, "missing-rows") in kinds
    assert (shard, "missing-rows") in kinds


def test_a_tail_cut_with_its_heads_and_checkpoints_is_seen_by_the_file_outside(log: Any) -> None:
    """The whole story of a shard after an earlier state is taken out of the database."""
    ((shard, size),) = log.sql(
        "SELECT shard, max(size) FROM tigertally.checkpoint GROUP BY shard "
        "HAVING count(*) > 1 ORDER BY shard LIMIT 1"
    )
    ((earlier,),) = log.sql("SELECT min(size) FROM tigertally.checkpoint WHERE shard = %s", shard)
    old_head = _head_as_it_was(log, shard, earlier)
    _alter(log, "DELETE FROM tigertally.entry WHERE shard = %s AND seq >= %s", shard, earlier)
    _alter(log, "DELETE FROM tigertally.checkpoint WHERE shard = %s AND size > %s", shard, earlier)
    _alter(
        log,
        "UPDATE tigertally.shard_head SET size = %s, frontier = %s, root = %s, mac = %s "
        "WHERE shard = %s",
        *old_head,
        shard,
    )
    _alter(log, "DELETE FROM tigertally.audit_round WHERE number > 0")
    # Inside the database everything fits.
    log("audit", "verify", "--quiet", "--without-file")
    result = log.run("audit", "verify", "--json", "--quiet")
    assert result.exit_code == 1
    cut = [f for f in json.loads(result.stdout)["findings"] if f["kind"] == "tail-cut"]
    assert [(f["shard"], f["last"]) for f in cut] == [(shard, size - 1)]
    assert cut[0]["first"] >= earlier


def _head_as_it_was(log: Any, shard: int, size: int) -> tuple[Any, ...]:
    """A genuine older head, as a backup would give it to the one who cuts."""
    from tigertally_server.audit import head, merkle

    leaves = [
        bytes(row[0])
        for row in log.sql(
            "SELECT leaf FROM tigertally.entry WHERE shard = %s AND seq < %s ORDER BY seq",
            shard,
            size,
        )
    ]
    with open_house(log.config) as house:
        key = house.environment.keyring.head_mac_key()
    made = head.make_head(key, shard, merkle.append(merkle.EMPTY, leaves))
    return made.size, made.frontier, made.root, made.mac


def test_an_altered_head_is_reported_though_nothing_can_be_recorded(log: Any) -> None:
    _alter(log, "UPDATE tigertally.shard_head SET mac = %s", bytes(32))
    result = log.run("audit", "verify", "--quiet")
    assert result.exit_code == 1
    assert "head-altered" in result.stdout
    assert "could not be recorded" in result.stderr


def test_without_the_file_the_command_asks(log: Any) -> None:
    (log.state / "checkpoints.log").unlink()
    said = log.fails("audit", "verify", "--quiet")
    assert "--from-file" in said
    assert "--without-file" in said


def test_a_proof_that_an_independent_verifier_takes(log: Any, tmp_path: Path) -> None:
    shard, seq = _some_entry(log)
    out = tmp_path / "proof.json"
    answer = log.json("audit", "prove", "--entry", f"{shard}:{seq}", "--out", str(out))
    proven = verify(out.read_bytes(), answer["checkpoint_key"])
    assert (proven.fields["shard"], proven.fields["seq"]) == (shard, seq)
    damaged = out.read_bytes().replace(b'"serial": ', b'"serial": 1', 1)
    with pytest.raises(NotProven):
        verify(damaged)


def test_an_entry_that_no_checkpoint_covers_yet(tool: Any) -> None:
    entry = tool.json("user", "register", "C1", *_ISSUED)["entry"]
    assert "no signed checkpoint covers" in tool.fails("audit", "prove", "--entry", entry)
    assert "there is no entry" in tool.fails("audit", "prove", "--entry", "0:999999")


def test_an_altered_entry_cannot_be_proven(log: Any) -> None:
    shard, seq = _some_entry(log)
    _alter(log, "UPDATE tigertally.entry SET result = 1 WHERE shard = %s AND seq = %s", shard, seq)
    assert "can't be proven" in log.fails("audit", "prove", "--entry", f"{shard}:{seq}")


def test_show_pages_through_the_day_without_a_gap(log: Any) -> None:
    whole = [e["entry"] for e in log.json("audit", "show", "--limit", "500")["entries"]]
    # Each look is an act and lengthens the log: the pages are compared with what was there.
    pages: list[str] = []
    answer = log.json("audit", "show", "--limit", "7")
    while True:
        pages += [entry["entry"] for entry in answer["entries"]]
        if answer["from"] is None:
            break
        answer = log.json("audit", "show", "--limit", "7", "--from", answer["from"])
    assert len(pages) == len(set(pages))
    assert set(whole) <= set(pages)


def test_show_a_customers_history(tool: Any) -> None:
    tool("user", "register", "C1", *_ISSUED)
    seeds = {"T1": "31" * 20, "T2": "32" * 20}
    for serial, seed in seeds.items():
        tool("token", "add", serial, *_ISSUED, "--type", "totp-6", "--seed-file", "-", stdin=seed)
        tool("token", "bind", serial, *_ISSUED, "--customer", "C1")
        tool("token", "disable", serial, *_ISSUED, "--customer", "C1", "--reason", "lost")
    history = ("audit", "show", "--customer", "C1", *_ISSUED)
    answer = tool.json(*history)
    assert [entry["transaction"] for entry in answer["entries"]] == [
        "DISABLE_TOKEN",
        "BIND_TOKEN",
        "DISABLE_TOKEN",
        "BIND_TOKEN",
    ]
    first = tool.json(*history, "--limit", "3")
    rest = tool.json(*history, "--from", first["from"])
    assert first["entries"] + rest["entries"] == answer["entries"]
    revealed = tool.json(*history, "--reveal", "--reason", "test")["entries"][0]
    assert revealed["personal"]["customer"] == "C1"
    assert revealed["personal"]["reason"] == "lost"
    assert revealed["answer"]["token_state"] == "disabled"


def test_the_day_of_the_house(log: Any, tmp_path: Path) -> None:
    page = tmp_path / "day.html"
    answer = log.json("report", "day", "--channel", "house", "--html", str(page))
    registered = [row for row in answer["counts"] if row["transaction"] == "REGISTER_USER"]
    assert [(row["result"], row["entries"]) for row in registered] == [("CHANGED", 18)]
    text = page.read_text()
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")
    assert "REGISTER_USER" in text
    assert "no day" in log.fails("report", "day", "--channel", "house", "--day", "yesterday")
