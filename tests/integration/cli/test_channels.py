"""Channels at the command line: keys in files that only their owner reads, changes, rotation."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from tigertally_client.credentials import ChannelCredentials
from tigertally_protocol.suites import ALLOWED_PAIRS, FieldCipherId, SuiteId


def _add(tool: Any, name: str, key: Path, *options: str) -> Any:
    arguments = ("channel", "add", name, "--institution", "0001", "--key-out", str(key), *options)
    return tool.json(*arguments)


def test_the_first_command_installs_and_says_where_the_master_key_lies(tool: Any) -> None:
    said = tool("channel", "list").stderr
    assert str(tool.state / "keys" / "master.key") in said
    assert "check value" in said
    assert tool("channel", "list").stderr == ""


def test_add_writes_credentials_that_a_client_takes(tool: Any, tmp_path: Path) -> None:
    key = tmp_path / "web.json"
    answer = _add(tool, "web", key, "--server", "bank.example:7117", "--rate", "50")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    credentials = ChannelCredentials.load(key)
    assert (credentials.name, credentials.channel, credentials.key_version) == ("web", 1, 1)
    assert credentials.servers == ("bank.example:7117",)
    assert answer["check_value"].lower() in key.read_text()
    assert answer["rate_per_s"] == 50
    assert credentials.master_key.reveal().hex() not in str(answer)
    shown = tool.json("channel", "show", "web")
    (version,) = shown["keys"]
    assert (version["version"], version["state"]) == (1, "current")
    assert version["check_value"] == answer["check_value"]


def test_a_key_file_is_never_overwritten(tool: Any, tmp_path: Path) -> None:
    key = tmp_path / "web.json"
    key.write_text("mine")
    said = tool.fails("channel", "add", "web", "--institution", "1", "--key-out", str(key))
    assert "not overwritten" in said
    assert key.read_text() == "mine"
    assert tool.json("channel", "list") == []


def test_a_channel_that_is_not_added_leaves_no_key_file(tool: Any, tmp_path: Path) -> None:
    _add(tool, "web", tmp_path / "a.json")
    again = tmp_path / "b.json"
    said = tool.fails("channel", "add", "web", "--institution", "1", "--key-out", str(again))
    assert "is there already" in said
    assert not again.exists()


@pytest.mark.parametrize("pair", sorted(ALLOWED_PAIRS))
def test_every_pair_of_suite_and_cipher(
    tool: Any, tmp_path: Path, pair: tuple[SuiteId, FieldCipherId]
) -> None:
    suite, cipher = SuiteId(pair[0]), FieldCipherId(pair[1])
    key = tmp_path / "key.json"
    _add(tool, "c", key, "--suite", suite.name.lower(), "--field-cipher", cipher.name)
    credentials = ChannelCredentials.load(key)
    assert (credentials.suite, credentials.field_cipher) == (suite, cipher)
    assert len(credentials.master_key.reveal()) == (16 if suite is SuiteId.LEGACY else 32)


def test_change_says_what_is_in_force_and_records_what_changed(tool: Any, tmp_path: Path) -> None:
    _add(tool, "web", tmp_path / "k.json", "--address", "10.1.2.3", "--transaction", "verify_otp")
    changed = tool.json(
        "channel", "change", "web", "--address", "10.1.0.0/16", "--address", "fe80::/10",
        "--transaction", "any", "--hide-details", "--tls-required", "--in-flight", "7",
        "--valid-to", "2030-12-31",
    )  # fmt: skip
    assert changed["addresses"] == ["10.1.0.0/16", "fe80::/10"]
    assert changed["transactions"] == ["any"]
    assert (changed["hide_details"], changed["tls_required"], changed["in_flight"]) == (
        True,
        True,
        7,
    )
    assert changed["valid_to"].startswith("2031-01-01T00:00:00")
    assert tool.json("channel", "show", "web")["in_flight"] == 7
    assert "nothing to change" in tool.fails("channel", "change", "web", "--in-flight", "7")
    assert "ends before" in tool.fails("channel", "change", "web", "--valid-from", "2040-01-01")
    (entry,) = tool.json("audit", "show", "--limit", "1", "--reveal", "--reason", "test")["entries"]
    assert "channel show" in entry["note"]


def test_rotation_in_two_steps(tool: Any, tmp_path: Path) -> None:
    _add(tool, "web", tmp_path / "1.json")
    second = tmp_path / "2.json"
    states = tool.json("channel", "rotate-key", "web", "--key-out", str(second))
    assert [(row["version"], row["state"]) for row in states] == [(1, "retiring"), (2, "current")]
    assert ChannelCredentials.load(second).key_version == 2
    states = tool.json("channel", "rotate-key", "web", "--retire-old")
    assert [row["state"] for row in states] == ["retired", "current"]
    assert "nothing to retire" in tool.fails("channel", "rotate-key", "web", "--retire-old")


def test_disable_and_enable(tool: Any, tmp_path: Path) -> None:
    _add(tool, "web", tmp_path / "k.json")
    assert tool.json("channel", "disable", "web")["state"] == "disabled"
    assert tool.json("channel", "show", "1")["state"] == "disabled"
    assert tool.json("channel", "enable", "web")["state"] == "enabled"
    assert "channel list" in tool.fails("channel", "disable", "wap")
