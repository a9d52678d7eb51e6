"""Cards at the command line: a batch into the stock, its file for the printing house and back."""

from __future__ import annotations

import csv
import io
import stat
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

_ISSUED = ("--institution", "0001")
_PASSWORD = b"printer"


@pytest.fixture
def printer(tmp_path: Any) -> Any:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    public = tmp_path / "printer.pem"
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(pem, form))
    private = tmp_path / "printer.key"
    sealing = serialization.BestAvailableEncryption(_PASSWORD)
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, sealing))
    password = tmp_path / "password"
    password.write_bytes(_PASSWORD + b"\n")
    return public, private, password


def make(tool: Any, printer: Any, out: Any, *more: str) -> tuple[str, ...]:
    return (
        "card", "make", *_ISSUED, "--printer-key", str(printer[0]), "--out", str(out), *more
    )  # fmt: skip


def opened(tool: Any, printer: Any, sealed: Any, out: Any) -> list[dict[str, str]]:
    key = ("--key", str(printer[1]), "--password-file", str(printer[2]))
    tool("card", "open", str(sealed), *key, "--out", str(out))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    return list(csv.DictReader(io.StringIO(out.read_text())))


def test_a_batch_from_the_bank_to_the_printing_house(
    tool: Any, printer: Any, tmp_path: Any
) -> None:
    sealed = tmp_path / "batch.jwe"
    chosen = ("--count", "3", "--first", "K0099", "--rows", "4", "--columns", "5")
    made = tool.json(*make(tool, printer, sealed, *chosen, "--valid-to", "2027-12-31"))
    assert (made["first"], made["last"], made["type"]) == ("K0099", "K0101", "card-matrix")
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o600
    rows = opened(tool, printer, sealed, tmp_path / "cards.csv")
    assert [row["serial"] for row in rows] == ["K0099", "K0100", "K0101"]
    assert all(row["valid_to"].startswith("2028-01-01") for row in rows)
    cells = [row[f"{r}{c}"] for row in rows for r in "ABCD" for c in range(1, 6)]
    assert len(cells) == 60
    assert all(len(cell) == 3 and cell.isdigit() for cell in cells)
    assert len(set(cells)) > 40
    assert not any(cell in sealed.read_text() for cell in (rows[0]["serial"], "K0100"))
    shown = tool.json("token", "show", "K0100", *_ISSUED)
    assert (shown["state"], shown["algorithm"]) == ("in_stock", "card-matrix")
    entries = tool.json("audit", "show", "--limit", "2", "--reveal", "--reason", "test")
    assert any(made["file_sha256"] in entry["note"] for entry in entries["entries"])


def test_a_list_shows_what_is_printed(tool: Any, printer: Any, tmp_path: Any) -> None:
    sealed = tmp_path / "list.jwe"
    chosen = ("--count", "1", "--first", "S1", "--form", "sequential", "--rows", "10")
    tool(*make(tool, printer, sealed, *chosen, "--columns", "1", "--cell-digits", "8"))
    (row,) = opened(tool, printer, sealed, tmp_path / "list.csv")
    codes = [row[str(n)] for n in range(1, 11)]
    assert all(len(code) == 8 for code in codes)
    owned = (*_ISSUED, "--customer", "C1")
    tool("user", "register", "C1", *_ISSUED)
    wrong = tool.fails("token", "bind", "S1", *owned, "--otp", "00000000")
    assert "WRONG_CODE" in wrong
    assert tool.json("token", "bind", "S1", *owned, "--otp", codes[0])["state"] == "active"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--count", "1", "--first", "KX"), "ends in digits"),
        (("--count", "2", "--first", "K9"), "too few"),
        (("--count", "1", "--first", "K1", "--rows", "27"), "from 1 to 26"),
        (("--count", "1", "--first", "K1", "--cells-asked", "8"), "6 to 16 digits"),
        (("--count", "1", "--first", "K1", "--type", "nope"), "no token type"),
        (("--count", "1", "--first", "K1", "--type", "totp-6"), "is totp"),
    ],
)
def test_a_batch_that_is_refused(
    tool: Any, printer: Any, tmp_path: Any, more: tuple[str, ...], words: str
) -> None:
    out = tmp_path / "x.jwe"
    assert words in tool.fails(*make(tool, printer, out, *more))
    assert not out.exists()


def test_nothing_is_made_twice_or_over_something(tool: Any, printer: Any, tmp_path: Any) -> None:
    first = ("--count", "2", "--first", "K1")
    tool(*make(tool, printer, tmp_path / "a.jwe", *first))
    assert "already: K1" in tool.fails(*make(tool, printer, tmp_path / "b.jwe", *first))
    assert not (tmp_path / "b.jwe").exists()
    again = ("--count", "1", "--first", "K7")
    assert "not overwritten" in tool.fails(*make(tool, printer, tmp_path / "a.jwe", *again))
    assert "there is no token K7" in tool.fails("token", "show", "K7", *_ISSUED)


def test_another_key_opens_nothing(tool: Any, printer: Any, tmp_path: Any) -> None:
    sealed = tmp_path / "a.jwe"
    tool(*make(tool, printer, sealed, "--count", "1", "--first", "K1"))
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "other.key").write_bytes(other)
    key = ("--key", str(tmp_path / "other.key"), "--out", str(tmp_path / "x.csv"))
    assert "does not open" in tool.fails("card", "open", str(sealed), *key)
    locked = ("--key", str(printer[1]), "--out", str(tmp_path / "x.csv"))
    assert "password differs" in tool.fails("card", "open", str(sealed), *locked)
    assert not (tmp_path / "x.csv").exists()
