"""Customers, tokens and token types at the command line."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pyotp
import pytest

_ISSUED = ("--institution", "0001")
_SEED = "3132333435363738393031323334353637383930"  # RFC 4226 appendix D
_OWNED = (*_ISSUED, "--customer", "C1")


@pytest.fixture
def bank(tool: Any) -> Any:
    tool("user", "register", "C1", *_ISSUED, "--name", "王小明", "--mobile", "13800000000")
    tool("token", "add", "T1", *_ISSUED, "--type", "totp-6", "--seed-file", "-", stdin=_SEED)
    return tool


def test_a_customer_is_shown_without_personal_data(bank: Any) -> None:
    shown = bank.json("user", "show", "C1", *_ISSUED)
    assert shown["state"] == "active"
    assert "王小明" not in str(shown)
    revealed = bank.json("user", "show", "C1", *_ISSUED, "--reveal", "--reason", "complaint 7")
    assert (revealed["name"], revealed["mobile"]) == ("王小明", "13800000000")
    entries = bank.json("audit", "show", "--limit", "1", "--reveal", "--reason", "test")
    assert "complaint 7" in entries["entries"][0]["note"]
    assert "C1" not in entries["entries"][0]["note"], "the record names the customer by id only"


def test_registering_twice_and_closing(bank: Any) -> None:
    assert "USER_EXISTS" in bank.fails("user", "register", "C1", *_ISSUED)
    assert bank.json("user", "close", "C1", *_ISSUED, "--reason", "left")["state"] == "closed"
    assert "USER_CLOSED" in bank.fails("user", "close", "C1", *_ISSUED)
    assert "USER_UNKNOWN" in bank.fails("user", "show", "C2", *_ISSUED)


def test_a_value_that_no_frame_could_carry_is_refused(bank: Any) -> None:
    assert "customer" in bank.fails("user", "register", "C" * 33, *_ISSUED)
    assert "customer" in bank.fails("user", "register", "C 1", *_ISSUED)


def test_the_life_of_a_token(bank: Any) -> None:
    def state() -> Any:
        return bank.json("token", "show", "T1", *_ISSUED)["state"]

    assert state() == "in_stock"
    bank("token", "bind", "T1", *_OWNED)
    assert bank.json("token", "list", *_OWNED)[0]["serial"] == "T1"
    assert "ILLEGAL_TRANSITION" in bank.fails("token", "bind", "T1", *_OWNED)
    assert bank.json("token", "disable", "T1", *_OWNED, "--reason", "lost")["state"] == "disabled"
    assert bank.json("token", "enable", "T1", *_OWNED)["state"] == "active"
    assert bank.json("token", "unlock", "T1", *_OWNED)["remaining_tries"] == 5
    assert bank.json("token", "unbind", "T1", *_OWNED)["state"] == "in_stock"
    assert bank.json("token", "list", *_OWNED) == []


def test_binding_with_a_wrong_code(bank: Any) -> None:
    wrong = "000000" if pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").now() != "000000" else "1"
    assert "WRONG_CODE" in bank.fails("token", "bind", "T1", *_OWNED, "--otp", wrong)


def test_a_drawn_seed_goes_where_it_is_said_and_nowhere_else(bank: Any, tmp_path: Path) -> None:
    out = tmp_path / "seed.hex"
    answer = bank.json(
        "token", "add", "T2", *_ISSUED, "--type", "totp-8", "--set", "step_s=60",
        "--seed-out", str(out), "--show-uri",
    )  # fmt: skip
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    parsed = pyotp.parse_uri(answer["uri"])
    assert isinstance(parsed, pyotp.TOTP)
    assert parsed.byte_secret().hex() == out.read_text().strip()
    assert (parsed.digits, parsed.interval, len(parsed.byte_secret())) == (8, 60, 32)
    shown = bank("token", "show", "T2", *_ISSUED).stdout
    assert out.read_text().strip() not in shown
    assert '{"step_s":60}' in shown


def test_a_token_that_is_refused(bank: Any) -> None:
    add = ("token", "add", "T9", *_ISSUED, "--show-uri", "--type")
    assert "there are: gm-sm3-6, hotp-6" in bank.fails(*add, "nope")
    assert "'digits' must be from 6 to 10" in bank.fails(*add, "totp-6", "--set", "digits=12")
    assert "no form for SM3" in bank.fails(*add, "gm-sm3-6")
    there = ("token", "add", "T1", *_ISSUED, "--show-uri", "--type", "totp-6")
    assert "is there already" in bank.fails(*there)


def test_token_types(bank: Any) -> None:
    assert {row["name"] for row in bank.json("token", "type", "list")} == {
        "gm-sm3-6",
        "hotp-6",
        "totp-6",
        "totp-8",
    }
    changed = bank.json("token", "type", "set", "totp-8", "window=2", "max_failures=10")
    assert (changed["window"], changed["hash"], changed["digits"]) == (2, "sha256", 8)
    assert bank.json("token", "type", "show", "totp-8") == changed
    made = bank.json("token", "type", "set", "fast", "algorithm=totp", "step_s=15")
    assert made["step_s"] == 15
    assert "must be from 0 to 20" in bank.fails("token", "type", "set", "fast", "window=21")
    assert "is none of" in bank.fails("token", "type", "set", "fast", "hash=md5")
    assert "begins with a letter" in bank.fails("token", "type", "set", "1", "digits=6")
