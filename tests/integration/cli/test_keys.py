"""`tigertally key`: inventory, every rotation, sealing anew, components, backup, destruction."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from tigertally_drivers.keys.software import create_master_key_file, load_master_key
from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_server.app.master_key import NEXT
from tigertally_server.services.keyring import Purpose
from tigertally_testing.key_stock import configuration_of, fill, opened, plaintexts, under

DATA = sorted(purpose.value for purpose in Purpose)
AT_ONCE = ("--wait", "0")
A, B, C = ("11" * 32, "2233" * 16, "445566aa" * 8)


@pytest.fixture
def stocked(tool):
    """Rows under every key, put in by a process that goes on; and what they say in clear."""
    config = configuration_of(tool.database, tool.state)
    with opened(config) as environment:
        fill(environment)
        before = plaintexts(environment)

    def same():
        with opened(config) as fresh:
            assert plaintexts(fresh) == before
            return {table: under(fresh, table) for table in ("token", "account", "credential")}

    tool.same = same
    return tool


def keys_of(tool, purpose):
    return [k for k in tool.json("key", "list", "--all") if k["purpose"] == purpose]


def current(tool, purpose):
    (row,) = [k for k in keys_of(tool, purpose) if k["state"] == "current"]
    return row


def test_the_inventory_shows_every_level(tool):
    keys = tool.json("key", "list")
    assert {k["level"] for k in keys} == {"master", "key-encryption", "data"}
    assert sorted(k["purpose"] for k in keys if k["level"] == "data") == DATA
    assert all(k["generation"] == 1 and k["check_value"] and k["expires"] for k in keys)
    assert tool.json("key", "inventory", "--expiring", "30") == []
    assert len(tool.json("key", "list", "--expiring", "400")) == len(DATA)
    shown = tool("key", "list").output
    assert "key-encryption" in shown
    assert "data-keys" in shown


@pytest.mark.parametrize("target", ["seed", "customer", "data-keys", "head", "files"])
def test_a_rotation_makes_the_next_generation(stocked, target):
    old = current(stocked, target)
    fresh = stocked.json("key", "rotate", target, *AT_ONCE)
    assert (fresh["generation"], fresh["state"]) == (2, "current")
    assert fresh["check_value"] != old["check_value"]
    assert [k["state"] for k in keys_of(stocked, target)] == ["old", "current"]
    places = stocked.same()
    if target == "seed":
        assert places["token"] == {fresh["id"]}
    assert stocked.json("audit", "verify", "--without-file")["ok"]


def test_sealing_anew_may_wait_and_tells_how_far_it_is(stocked):
    fresh = stocked.json("key", "rotate", "seed", *AT_ONCE, "--no-rewrap")
    rows = {r["table"]: r for r in stocked.json("key", "rewrap", "--status", "--count")}
    assert rows["token"]["left"] == 5
    assert rows["import_token"]["left"] == 3
    assert "is still needed: 5 of token, 3 of import_token" in stocked.fails(
        "key", "destroy", str(keys_of(stocked, "seed")[0]["id"]), "--yes"
    )
    done = {r["table"]: r for r in stocked.json("key", "rewrap", "--page", "2")}
    assert (done["token"]["sealed_anew"], done["token"]["left"]) == (5, 0)
    assert stocked.same()["token"] == {fresh["id"]}
    again = {r["table"]: r for r in stocked.json("key", "rewrap")}
    assert again["token"]["sealed_anew"] == 0


def test_a_row_that_does_not_open_is_left_and_counted(stocked):
    stocked.sql("UPDATE tigertally.token SET seed = 'damaged' WHERE id = 3")
    stocked.json("key", "rotate", "seed", *AT_ONCE)
    rows = {r["table"]: r for r in stocked.json("key", "rewrap", "--status", "--count")}
    assert (rows["token"]["do_not_open"], rows["token"]["left"]) == (1, 1)
    assert stocked.sql("SELECT seed FROM tigertally.token WHERE id = 3") == [(b"damaged",)]


def test_old_keys_are_destroyed_and_others_are_not(stocked):
    old = current(stocked, "seed")["id"]
    assert "it does not become destroyed from there" in stocked.fails(
        "key", "destroy", str(old), "--yes"
    )
    stocked.json("key", "rotate", "seed", *AT_ONCE)
    assert stocked.json("key", "destroy", str(old), "--yes")["state"] == "destroyed"
    assert stocked.sql("SELECT sealed FROM tigertally.key_record WHERE id = %s", old) == [(b"",)]
    stocked.same()
    for purpose, why in (
        ("outcome", "of entry"),
        ("pepper", "is a pepper"),
        ("digest", "first digest key"),
        ("files", "--no-file-needs-it"),
    ):
        number = str(current(stocked, purpose)["id"])
        stocked.json("key", "rotate", purpose, *AT_ONCE)
        assert why in stocked.fails("key", "destroy", number, "--yes")
    assert "not in the database" in stocked.fails(
        "key", "destroy", str(current(stocked, "master")["id"]), "--yes"
    )


def test_a_compromised_key_is_replaced_at_once_and_stays_an_alarm(stocked):
    number = str(current(stocked, "credential")["id"])
    told = stocked.json("key", "compromise", number, "--reason", "seen on a printout", *AT_ONCE)
    assert told["state"] == "compromised"
    assert "destroy it" in told["warning"]
    fresh = current(stocked, "credential")
    assert stocked.same()["credential"] == {fresh["id"]}
    assert stocked.json("key", "destroy", number, "--yes")["state"] == "destroyed-compromised"


def test_another_master_key(stocked):
    path = stocked.state / "keys" / "master.key"
    first = load_master_key(path).check_value
    told = stocked.json("key", "rotate", "master")
    assert load_master_key(path).check_value.upper() == told["check_value"]
    assert load_master_key(path.with_name("master.key.old-1")).check_value == first
    assert not path.with_name("master.key" + NEXT).exists()
    stocked.same()
    path.unlink()
    path.with_name("master.key.old-1").rename(path)
    assert told["check_value"] in stocked.fails("key", "list")


def test_a_master_key_from_components(stocked):
    parts = [stocked.state / f"custodian-{n}" for n in (1, 2, 3)]
    out = [argument for part in parts for argument in ("--out", str(part))]
    drawn = stocked.json("key", "component", "new", *out)
    for number, part in enumerate(parts, start=1):
        shown = stocked.json("key", "component", "check", str(part))
        assert shown["component"] == f"{number} of 3"
        assert shown["check_value"] == drawn[f"component {number}"]
    named = [argument for part in parts for argument in ("--component", str(part))]
    assert "not all components" in stocked.fails("key", "rotate", "master", *named[:4])
    told = stocked.json("key", "rotate", "master", *named)
    stocked.same()
    text = stocked.config.read_text()
    listed = json.dumps([str(part) for part in parts])
    stocked.config.write_text(f"{text}\n[keys]\nmaster_component_files = {listed}\n")
    assert current(stocked, "master")["check_value"] == told["check_value"]


def test_a_ceremony_at_the_keyboard_shows_check_values_and_no_component(tool):
    typed = f"{A}\ny\n{B}\nn\n{B}\ny\n12\n{C}\ny\n"
    order = ("key", "ceremony", "transport", "--owner", "channel/7", "--custodians", "3")
    result = tool.run(*order, "--check-value", "000000", stdin=typed)
    assert "it should have 000000: nothing was stored" in result.output
    result = tool(*order, "--json", stdin=typed)
    assert not any(part[:16] in result.output.lower() for part in (A, B, C))
    (row,) = [k for k in tool.json("key", "list") if k["level"] == "working"]
    assert (row["owner"], row["purpose"], row["state"]) == ("channel/7", "transport", "current")
    assert f"has check value {row['check_value']}" in result.stderr
    tool(*order, *AT_ONCE, stdin=typed)
    rows = [k for k in tool.json("key", "list") if k["level"] == "working"]
    assert [(r["generation"], r["state"]) for r in rows] == [(1, "old"), (2, "current")]
    assert rows[0]["check_value"] == rows[1]["check_value"]


def test_a_backup_is_restored_into_an_empty_installation(stocked, empty_database, tmp_path):
    stocked.json("key", "rotate", "seed", *AT_ONCE)
    parts = [tmp_path / f"part-{n}" for n in (1, 2)]
    out = [argument for part in parts for argument in ("--out", str(part))]
    named = [argument for part in parts for argument in ("--component", str(part))]
    stocked.json("key", "component", "new", *out)
    file = tmp_path / "keys.backup"
    told = stocked.json("key", "backup", "--out", str(file), *named)
    kept = stocked.json("key", "list")
    assert told["keys"] == len([k for k in kept if k["level"] != "master"])

    other = tmp_path / "other"
    other.mkdir()
    section = {"dsn": empty_database.dsn(APP), "state_dir": str(other)}
    lines = stocked.config.read_text().replace(
        stocked.database.dsn(APP).rsplit("dbname=", 1)[-1].split()[0],
        empty_database.dsn(APP).rsplit("dbname=", 1)[-1].split()[0],
    )
    stocked.config.write_text(lines.replace(str(stocked.state), section["state_dir"]))
    stocked.json("key", "restore", "--in", str(file), *named)
    found = {k["id"]: k for k in stocked.json("key", "list") if k["level"] != "master"}
    for key in kept:
        if key["level"] != "master":
            assert found[key["id"]]["check_value"] == key["check_value"]
            assert found[key["id"]]["state"] == key["state"]


def test_the_master_key_is_lost_and_the_backup_helps(stocked, tmp_path):
    backup_key = tmp_path / "backup.key"
    create_master_key_file(backup_key, SystemEntropy())
    file, key = tmp_path / "keys.backup", ("--key-file", str(backup_key))
    stocked.json("key", "backup", "--out", str(file), *key)
    assert "exists" in stocked.fails("key", "backup", "--out", str(file), *key)
    (stocked.state / "keys" / "master.key").unlink()
    assert "no master key" in stocked.fails("key", "list")
    told = stocked.json("key", "restore", "--in", str(file), *key)
    assert told["restored_into"].startswith("the database they were taken from")
    stocked.same()
    again = stocked.json("key", "restore", "--in", str(file), *key)
    assert "nothing to do" in again["restored_into"]

    altered = json.loads(file.read_text())
    altered["keys"][0]["state"] = "old"
    file.write_text(json.dumps(altered))
    assert "was altered" in stocked.fails("key", "restore", "--in", str(file), *key)
    other = tmp_path / "other.key"
    create_master_key_file(other, SystemEntropy())
    assert "check value" in stocked.fails(
        "key", "restore", "--in", str(file), "--key-file", str(other)
    )


def test_a_backup_is_restored_under_a_passphrase(stocked, empty_database, tmp_path):
    """Of the database it was taken from; into an empty one it says how."""
    backup_key, phrase = tmp_path / "backup.key", tmp_path / "phrase"
    create_master_key_file(backup_key, SystemEntropy())
    phrase.write_text("correct horse battery staple\n")
    phrase.chmod(0o600)
    file, key = tmp_path / "keys.backup", ("--key-file", str(backup_key))
    stocked.json("key", "backup", "--out", str(file), *key)
    restore = ("key", "restore", "--in", str(file), *key)
    plain = stocked.config.read_text()
    section = f"\n[keys]\nmaster_passphrase_file = {json.dumps(str(phrase))}\n"
    stocked.config.write_text(plain + section)
    assert stocked.json(*restore)["restored_into"].startswith("the database they were taken from")
    assert stocked.json("key", "list")
    assert "nothing to do" in stocked.json(*restore)["restored_into"]
    phrase.write_text("another horse battery staple\n")
    stocked.fails("key", "list")
    assert stocked.json(*restore)["restored_into"].startswith("the database they were taken from")
    # And back to a file.
    stocked.config.write_text(plain)
    assert stocked.json(*restore)["restored_into"].startswith("the database they were taken from")
    stocked.same()

    here = stocked.database.dsn(APP).rsplit("dbname=", 1)[-1].split()[0]
    empty = empty_database.dsn(APP).rsplit("dbname=", 1)[-1].split()[0]
    other = tmp_path / "other"
    other.mkdir()
    plain = plain.replace(here, empty).replace(str(stocked.state), str(other))
    stocked.config.write_text(plain + section)
    assert "make a `key backup`" in stocked.fails(*restore)
    stocked.config.write_text(plain)
    stocked.json(*restore)
    again = tmp_path / "again.backup"
    stocked.json("key", "backup", "--out", str(again), *key)
    stocked.config.write_text(plain + section)
    told = stocked.json("key", "restore", "--in", str(again), *key)
    assert told["restored_into"].startswith("the database they were taken from")
    assert stocked.json("key", "list")


def test_one_operator_at_the_keys_at_a_time(tool):
    tool.json("key", "list")
    with closing(connect(tool.database.dsn(APP))) as conn:
        conn.execute("SELECT pg_advisory_lock(7117, 4)")
        conn.commit()
        assert "another operator is at the keys" in tool.fails("key", "rotate", "seed")
