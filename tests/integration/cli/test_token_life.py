"""A token's life at the command line, telephones and emergency codes included."""

from __future__ import annotations

import stat
from typing import Any

import pytest

from tigertally_client.mobile import seed_of
from tigertally_engines.otp.kernel import hotp

_ISSUED = ("--institution", "0001")
_SEED = "3132333435363738393031323334353637383930"  # RFC 4226 appendix D
_OWNED = (*_ISSUED, "--customer", "C1")


@pytest.fixture
def bank(tool: Any) -> Any:
    tool("user", "register", "C1", *_ISSUED)
    for serial in ("T1", "T2"):
        tool("token", "add", serial, *_ISSUED, "--type", "hotp-6", "--seed-file", "-", stdin=_SEED)
    return tool


def test_lost_found_replaced_void_restored(bank: Any) -> None:
    bank("token", "bind", "T1", *_OWNED)
    lost = bank.json("token", "report-loss", "T1", *_OWNED, "--reason", "bus")
    assert lost["state"] == "lost"
    assert "TOKEN_LOST" in bank.fails("token", "disable", "T1", *_OWNED)
    code = bank.json("token", "emergency-code", "T1", *_OWNED, "--uses", "2")
    assert (len(code["emergency_code"]), code["uses_left"]) == (8, 2)
    assert bank.json("token", "withdraw-loss", "T1", *_OWNED)["state"] == "active"
    assert "NOTHING_TO_WITHDRAW" in bank.fails("token", "withdraw-loss", "T1", *_OWNED)
    assert "ILLEGAL_TRANSITION" in bank.fails("token", "emergency-code", "T1", *_OWNED)
    changed = bank.json("token", "replace", "T1", "T2", *_OWNED, "--assign", "--reason", "old")
    assert (changed["state"], changed["new_serial"], changed["new_state"]) == (
        "replaced", "T2", "assigned",
    )  # fmt: skip
    otp = hotp(bytes.fromhex(_SEED), 0, 6)
    assert bank.json("token", "activate", "T2", *_OWNED, "--otp", otp)["state"] == "active"
    assert bank.json("token", "show", "T1", *_ISSUED)["replaced_by"] == "T2"
    assert bank.json("token", "void", "T1", *_OWNED)["state"] == "void"
    assert bank.json("token", "restore", "T1", *_OWNED)["state"] == "in_stock"
    assert bank.json("token", "void", "T1", *_ISSUED)["state"] == "void"
    assert bank.json("token", "restore", "T1", *_ISSUED)["state"] == "in_stock"


def test_a_telephone(bank: Any, tmp_path: Any) -> None:
    bank("token", "add", "M1", *_ISSUED, "--type", "hotp-6", "--mobile")
    assert "TOKEN_NOT_ACTIVATED" in bank.fails("token", "bind", "M1", *_OWNED)
    bank("token", "assign", "M1", *_OWNED)
    uri = bank.json("token", "start-activation", "M1", *_OWNED)["uri"]
    code = bank.json("token", "activation-code", "M1", *_OWNED)["activation_code"]
    assert len(code.split("-")) == 4
    otp = hotp(seed_of(uri, code), 0, 6)
    wrong = ("token", "activate", "M1", *_OWNED, "--otp", otp, "--activation-code")
    assert "WRONG_CODE" in bank.fails(*wrong, "AAAA-AAAA-AAAA-AAAA")
    assert bank.json(*wrong, code)["state"] == "active"


def test_the_first_half_as_a_picture(bank: Any, tmp_path: Any) -> None:
    bank("token", "add", "M1", *_ISSUED, "--type", "totp-6", "--mobile")
    bank("token", "assign", "M1", *_OWNED)
    picture = tmp_path / "m1.svg"
    answer = bank.json("token", "start-activation", "M1", *_OWNED, "--qr", str(picture))
    assert "uri" not in answer
    assert picture.read_bytes().startswith(b"<?xml")
    assert stat.S_IMODE(picture.stat().st_mode) == 0o600
    shown = bank("token", "start-activation", "M1", *_OWNED)
    assert "█" in shown.stderr
    assert "otpauth" not in shown.stdout + shown.stderr


def test_a_seed_comes_one_way_only(bank: Any) -> None:
    add = ("token", "add", "M1", *_ISSUED, "--type", "totp-6", "--mobile", "--show-uri")
    assert "neither given nor shown" in bank.fails(*add)
