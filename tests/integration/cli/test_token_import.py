"""PSKC files at the command line: all or nothing, again and again, each chunk recorded."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tigertally_server.cli import import_job

_NAMESPACE = "urn:ietf:params:xml:ns:keyprov:pskc"


def _package(serial: str, number: int, *, digits: int = 6, suite: str = "", step: int = 30) -> str:
    seed = base64.b64encode(number.to_bytes(20, "big")).decode()
    extra = f"<Suite>{suite}</Suite>" if suite else ""
    return (
        f"<KeyPackage><DeviceInfo><SerialNo>{serial}</SerialNo></DeviceInfo>"
        f'<Key Id="{serial}" Algorithm="{_NAMESPACE}:totp"><Issuer>Maker</Issuer>'
        f"<AlgorithmParameters>{extra}"
        f'<ResponseFormat Length="{digits}" Encoding="DECIMAL"/></AlgorithmParameters>'
        f"<Data><Secret><PlainValue>{seed}</PlainValue></Secret>"
        f"<TimeInterval><PlainValue>{step}</PlainValue></TimeInterval></Data></Key></KeyPackage>"
    )


def _file(path: Path, *packages: str) -> Path:
    root = f'<KeyContainer Version="1.0" xmlns="{_NAMESPACE}">'
    path.write_text(f'<?xml version="1.0"?>\n{root}\n' + "\n".join(packages) + "\n</KeyContainer>")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return _file(
        tmp_path / "tokens.pskc",
        _package("A1", 1001),
        _package("A2", 1002, digits=8, suite="HMAC-SHA256"),
        _package("A3", 1003, step=60),
    )


def _import(tool: Any, file: Path, *options: str) -> Any:
    return tool.json("token", "import", str(file), "--institution", "0001", *options)


def test_a_dry_run_writes_nothing(tool: Any, file: Path) -> None:
    answer = _import(tool, file, "--dry-run")
    assert (answer["tokens_in_file"], answer["would_import"]) == (3, 3)
    assert "there is no token A1" in tool.fails("token", "show", "A1", "--institution", "0001")


def test_types_are_chosen_by_form(tool: Any, file: Path) -> None:
    answer = _import(tool, file)
    assert answer["imported"] == 3
    assert answer["types"] == ["totp-6: 2", "totp-8: 1"]
    shown = {n: tool.json("token", "show", n, "--institution", "0001") for n in ("A1", "A2", "A3")}
    assert [shown[n]["overrides"] for n in shown] == ["", "", '{"step_s":60}']
    assert shown["A2"]["hash"] == "sha256"
    assert {row["issuer"] for row in shown.values()} == {"Maker"}


def test_twice_is_once(tool: Any, file: Path) -> None:
    _import(tool, file)
    again = _import(tool, file)
    assert (again["imported"], again["there_already"]) == (0, 3)
    _file(file, _package("A3", 1003, step=60), _package("A4", 1004))
    more = _import(tool, file)
    assert (more["imported"], more["skipped"]) == (1, ["A3"])


def test_one_type_for_all_and_a_value_of_their_own(tool: Any, file: Path) -> None:
    answer = _import(tool, file, "--type", "totp-8", "--set", "window=2")
    assert answer["types"] == ["totp-8: 3"]
    shown = tool.json("token", "show", "A1", "--institution", "0001")
    assert (shown["digits"], shown["hash"]) == (6, "sha1")
    said = tool.fails("token", "import", str(file), "--institution", "1", "--type", "hotp-6")
    assert "the type hotp" in said


def test_a_bad_file_imports_nothing(tool: Any, tmp_path: Path) -> None:
    good = [_package(f"B{n}", 2000 + n) for n in range(5)]
    bad = _file(tmp_path / "bad.pskc", *good, _package("B9", 2009, digits=12))
    said = tool.fails("token", "import", str(bad), "--institution", "0001")
    assert "line" in said
    assert "Nothing was imported" in said
    assert tool.sql("SELECT count(*) FROM tigertally.token") == [(0,)]
    long = _file(tmp_path / "long.pskc", *good, _package("B" * 25, 2010))
    assert "24 visible" in tool.fails("token", "import", str(long), "--institution", "0001")
    assert tool.sql("SELECT count(*) FROM tigertally.token") == [(0,)]
    assert "No such file" in tool.fails("token", "import", "/none", "--institution", "0001")


def test_one_recorded_act_per_chunk(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_job, "CHUNK", 10)
    file = _file(tmp_path / "many.pskc", *(_package(f"C{n:03d}", 3000 + n) for n in range(25)))
    assert _import(tool, file)["imported"] == 25
    entries = tool.json("audit", "show", "--reveal", "--reason", "test")["entries"]
    notes = [entry["note"] for entry in entries if "token import" in entry.get("note", "")]
    assert len(notes) == 3
    assert all("chunk sha256" in note and "file sha256" in note for note in notes)
