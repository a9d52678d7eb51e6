"""`tigertally key`: the inventory, every rotation while nothing stops, sealing anew, destruction."""

from __future__ import annotations

import pytest

from tigertally_server.services.keyring import Purpose

DATA = sorted(purpose.value for purpose in Purpose)


@pytest.fixture
def stock(tool):
    """Some rows under every key."""
    tool("channel", "add", "mobile", "--institution", "0001", "--key-out", str(tool.state / "m.json"))
    tool("user", "register", "C1", "--institution", "0001", "--name", "张三")
    tool("token", "add", "T1", "--institution", "0001", "--type", "totp-6", "--seed-out", str(tool.state / "t1"))
    return tool


def current(tool, purpose):
    (row,) = [k for k in tool.json("key", "list") if k["purpose"] == purpose and k["state"] == "current"]
    return row


def test_the_inventory_shows_every_level(tool):
    keys = tool.json("key", "list")
    assert {k["level"] for k in keys} == {"master", "key-encryption", "data"}
    assert sorted(k["purpose"] for k in keys if k["level"] == "data") == DATA
    assert all(k["generation"] == 1 and k["check_value"] and k["expires"] for k in keys)
    assert tool.json("key", "inventory", "--expiring", "30") == []
    assert len(tool.json("key", "list", "--expiring", "400")) == len(DATA)
