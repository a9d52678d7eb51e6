"""The shipped configuration shows every key with its default, and mistakes are explained."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest

from tigertally_server.config import Config, ConfigError, load, parse_address

SHIPPED = Path(__file__).parents[4] / "conf" / "tigertally.toml"


def test_shipped_file_shows_every_key_with_its_default():
    shown = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    assert shown == msgspec.json.decode(msgspec.json.encode(Config()))


def test_no_file_means_defaults():
    assert load(None) == Config() == load(SHIPPED)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nprot = 1", "prot"),
        ("[sever]\n", "sever"),
        ('[server]\nbatch_max = "many"', "$.server.batch_max"),
        ("[server]\nbatch_max = 0", "$.server.batch_max"),
        ('[server]\nlisten = ["here"]', "HOST:PORT"),
        ('[server]\nlisten = ["1.2.3.4:99999"]', "HOST:PORT"),
        ('[bank]\ntime_zone = "Mars/Olympus"', "bank.time_zone"),
        ('[server.tls]\nlisten = ["127.0.0.1:1"]', "server.tls.certificate"),
        ("[limits]\nbudget_default_ms = 99999", "limits.budget_default_ms"),
        ("[audit]\nshards = 2\n[server]\nshard = 2", "server.shard"),
        ('[keys]\nmaster_key_file = "a"\nmaster_passphrase_file = "b"', "give one of"),
        ("[server", "Expected ']'"),
    ],
)
def test_mistakes_are_named(tmp_path, text, said):
    file = tmp_path / "bad.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml: No such file"):
        load(tmp_path / "none.toml")


def test_addresses():
    assert parse_address("127.0.0.1:7117") == ("127.0.0.1", 7117)
    assert parse_address("[::1]:7117") == ("::1", 7117)
