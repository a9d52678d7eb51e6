"""Token types of questions and PINs of tokens at the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

_ISSUED = ("--institution", "0001")
_SEED = "3132333435363738393031323334353637383930"
_OWNED = (*_ISSUED, "--customer", "C1")


@pytest.fixture
def bank(tool: Any) -> Any:
    tool("user", "register", "C1", *_ISSUED)
    tool("token", "add", "T1", *_ISSUED, "--type", "totp-6", "--seed-file", "-", stdin=_SEED)
    tool("token", "bind", "T1", *_OWNED)
    return tool


def test_a_pin_is_set_and_shown_nowhere(bank: Any, tmp_path: Path) -> None:
    file = tmp_path / "pin"
    set_pin = ("token", "set-pin", "T1", *_OWNED, "--pin-file", str(file), "--reason", "by letter")
    file.write_text("258036\n", "ascii")
    shown = bank.json(*set_pin)
    assert (shown["serial"], shown["state"]) == ("T1", "active")
    assert "258036" not in str(shown)
    file.write_text("111111\n", "ascii")
    assert "TOKEN_PIN_TOO_WEAK" in bank.fails(*set_pin)
    file.write_text("口令\n", "utf-8")
    assert "no digits" in bank.fails(*set_pin)
    entries = bank.json("audit", "show", "--limit", "2", "--reveal", "--reason", "test")
    assert "by letter" in str(entries)
    assert "258036" not in str(entries)


def test_token_types_of_questions(bank: Any) -> None:
    suite = "OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1"
    made = ("token", "type", "set", "signing", "algorithm=ocra", f"ocra_suite={suite}")
    shown = bank.json(*made, "modes=question", "challenge_s=120")
    assert (shown["ocra_suite"], shown["digits"], shown["hash"]) == (suite, 8, "sha256")
    assert "no OCRA suite" in bank.fails(*made[:-1], "ocra_suite=OCRA-1:HOTP-MD5-8:QN08")
    assert "must differ" in bank.fails(*made, f"ocra_host_suite={suite}")
    assert "modes" in bank.fails("token", "type", "set", "totp-6", "modes=guess")
    gm = bank.json("token", "type", "set", "gm", "algorithm=gm-sm4", "step_s=60", "gm_edition=2012")
    assert gm["gm_edition"] == 2012
