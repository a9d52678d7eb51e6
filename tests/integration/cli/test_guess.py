"""`tigertally guess`: the ceilings of the configuration in force, for people and for scripts."""

from __future__ import annotations

from typing import Any

import pytest


def test_every_method_in_force_has_its_row(tool: Any) -> None:
    rows = {(row["method"], row["name"]): row for row in tool.json("guess")}
    totp = rows["token", "totp-6"]
    assert totp["once"] == pytest.approx(3 * 2148 / 2**31)
    assert totp["candidates"] == 3
    assert totp["tries_day"] < totp["tries_year"] <= totp["tries_ever"] == 100
    assert 0 < totp["once"] < totp["day"] < totp["year"] <= totp["ever"] < 0.001
    assert rows["token and PIN", "totp-6"]["day"] < totp["day"] / 900_000
    assert {"token", "token and PIN", "SMS", "PIN", "password"} <= {method for method, _ in rows}
    assert not rows["PIN", "pin"]["even"]


def test_a_laxer_type_shows_at_once_and_a_threshold_stops_a_script(tool: Any) -> None:
    tool("guess", "--above", "0.001")
    before = {row["name"]: row for row in tool.json("guess") if row["method"] == "token"}
    tool("token", "type", "set", "totp-6", "window=10", "max_failures=50", "throttle_base_ms=0")
    after = {row["name"]: row for row in tool.json("guess") if row["method"] == "token"}
    assert after["totp-6"]["day"] > 5 * before["totp-6"]["day"]
    assert after["totp-8"] == before["totp-8"]
    assert "token totp-6" in tool.fails("guess", "--above", "0.001")


def test_people_read_odds(tool: Any) -> None:
    said = tool("guess").stdout
    assert "1 in 333" in said or "1 in 33" in said
    assert "PIN *" in said
