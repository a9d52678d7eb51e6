"""Import jobs at the command line: all or nothing, again and again, interrupted anywhere."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tigertally_server.cli import import_job
from tigertally_server.cli.house import House, open_house
from tigertally_server.services.keyring import seed_identity
from tigertally_server.store import imports
from tigertally_testing.token_files import Sealing, oath_csv, pskc, seed

ISSUED = ("--institution", "0001")
LAYOUT = """
[file]
charset = "gb18030"
[columns]
serial = "令牌号"
seed = "种子"
[seed]
cipher = "sm4-ecb"
length = 16
"""


class _Killed(BaseException):
    """What a kill -9 is to everything that would clean up."""


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_job, "CHUNK", 10)


def _write(path: Path, data: bytes, mode: int = 0o644) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def _start(tool: Any, file: Path, *options: str) -> Any:
    return tool.json("import", "start", str(file), *ISSUED, *options)


def _stock(tool: Any) -> int:
    ((tokens, states),) = tool.sql(
        "SELECT (SELECT count(*) FROM tigertally.token), "
        "(SELECT count(*) FROM tigertally.token_state)"
    )
    assert tokens == states
    return int(tokens)


def _staged(tool: Any) -> int:
    return int(tool.sql("SELECT count(*) FROM tigertally.import_token")[0][0])


def _notes(tool: Any, act: str) -> list[str]:
    shown = tool.json("audit", "show", "--reveal", "--reason", "test")["entries"]
    return [e["note"] for e in shown if f'"act":"{act}"' in e.get("note", "")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return _write(tmp_path / "tokens.csv", oath_csv(range(35)))


# ---- good files


def test_a_job_from_start_to_end(tool: Any, file: Path) -> None:
    answer = _start(tool, file, "--format", "oath-csv")
    assert (answer["state"], answer["tokens_in_file"], answer["imported"]) == ("done", 35, 35)
    assert answer["types"] == ["totp-6: 35"]
    assert answer["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (_stock(tool), _staged(tool)) == (35, 0)
    shown = tool.json("token", "show", "OA00000007", *ISSUED)
    assert (shown["digits"], shown["overrides"]) == (6, '{"step_s":60}')
    assert len(_notes(tool, "token import")) == 4
    listed = tool.json("import", "status")
    assert [(row["job"], row["state"], row["imported"]) for row in listed] == [(1, "done", 35)]
    assert tool.json("import", "status", "1")["imported"] == 35


def test_each_entry_vouches_for_its_chunk(tool: Any, file: Path) -> None:
    _start(tool, file, "--format", "oath-csv")
    notes = " ".join(_notes(tool, "token import"))
    for start in range(0, 35, 10):
        numbers = range(start, min(start + 10, 35))
        facts = "".join(f'OA{n:08d} totp-6 {{"step_s":60}} 0 0 253402300799000\n' for n in numbers)
        assert hashlib.sha256(facts.encode()).hexdigest() in notes
        assert f"OA{numbers[0]:08d}" in notes
        assert f"OA{numbers[-1]:08d}" in notes


def test_the_very_seeds(tool: Any, file: Path) -> None:
    _start(tool, file, "--format", "oath-csv")
    with open_house(tool.config) as house:
        for serial, key_id, sealed in tool.sql("SELECT serial, key_id, seed FROM tigertally.token"):
            opened = house.environment.keyring.open(key_id, sealed, seed_identity("0001", serial))
            assert opened == seed(int(serial[2:]))


@pytest.mark.parametrize("how", ["key", "password"])
def test_enciphered_pskc(tool: Any, tmp_path: Path, how: str) -> None:
    key, password = bytes(range(32)), "密码 of the file".encode()
    sealing = Sealing("aes256-cbc", key if how == "key" else b"",
                      password if how == "password" else b"", mac="sha256")  # fmt: skip
    file = _write(tmp_path / "sealed.pskc", pskc(range(25), sealing))
    secret = _write(tmp_path / "secret", key.hex().encode() if how == "key" else password, 0o600)
    assert "none" in tool.fails("import", "start", str(file), *ISSUED)
    wrong = _write(tmp_path / "wrong", b"00" * 32, 0o600)
    said = tool.fails("import", "start", str(file), *ISSUED, f"--{how}-file", str(wrong))
    assert "wrong key" in said
    assert _stock(tool) == 0
    answer = _start(tool, file, f"--{how}-file", str(secret))
    assert answer["imported"] == 25


def test_a_manufacturer_s_file(tool: Any, tmp_path: Path) -> None:
    layout = _write(tmp_path / "maker.toml", LAYOUT.encode())
    key = _write(tmp_path / "key", b"seed = " + b"ab" * 16, 0o600)
    # Any 16 bytes are a seed once deciphered.
    rows = "".join(f"甲{n},{seed(n, 16).hex()}\r\n" for n in range(3)).replace("甲", "J")
    file = _write(tmp_path / "maker.csv", f"令牌号,种子\r\n{rows}".encode("gb18030"))
    options = ("--format", "csv", "--layout", str(layout), "--key-file", str(key))
    assert _start(tool, file, *options)["imported"] == 3
    assert "needs --layout" in tool.fails("import", "start", str(file), *ISSUED, "--format", "csv")
    other = tool.fails("import", "start", str(file), *ISSUED, "--layout", str(layout))
    assert "needs --layout" in other


def test_questions_and_the_sm4_form(tool: Any, tmp_path: Path) -> None:
    ocra = "OCRA-1:HOTP-SHA256-8:C-QN08"
    text = f"Q1,{seed(1).hex()},ocra,{ocra},7\nQ2,{seed(2).hex()},gm-sm4,6,60\n"
    file = _write(tmp_path / "more.csv", text.encode())
    said = tool.fails("import", "start", str(file), *ISSUED, "--format", "oath-csv")
    assert "line 1: there is no token type of algorithm ocra" in said
    tool("token", "type", "set", "asked", "algorithm=ocra", "ocra_suite=OCRA-1:HOTP-SHA1-6:QN08")
    tool("token", "type", "set", "sm4", "algorithm=gm-sm4")
    assert _start(tool, file, "--format", "oath-csv")["imported"] == 2
    rows = tool.sql(
        "SELECT serial, type_name, overrides, moving FROM tigertally.token "
        "JOIN tigertally.token_state USING (id) ORDER BY serial"
    )
    assert rows == [
        ("Q1", "asked", f'{{"ocra_suite":"{ocra}"}}', 7),
        ("Q2", "sm4", '{"step_s":60}', -1),
    ]
    bad = _write(tmp_path / "bad.csv", text.replace("QN08", "QX99").encode())
    assert "line 1: " in tool.fails("import", "start", str(bad), *ISSUED, "--format", "oath-csv")


def test_an_empty_file_is_done_at_once(tool: Any, tmp_path: Path) -> None:
    answer = _start(tool, _write(tmp_path / "empty.pskc", pskc([])))
    assert (answer["state"], answer["tokens_in_file"]) == ("done", 0)


# ---- the same again


def test_the_same_file_is_one_job(tool: Any, file: Path) -> None:
    first = _start(tool, file, "--format", "oath-csv")
    assert _start(tool, file, "--format", "oath-csv") == first
    again = _start(tool, file, "--format", "oath-csv", "--again")
    assert (again["job"], again["imported"], again["there_already"]) == (2, 0, 35)
    assert len(again["skipped"]) == 20
    assert _stock(tool) == 35


def test_tokens_that_are_there_stay_as_they_are(tool: Any, tmp_path: Path, file: Path) -> None:
    _start(tool, file, "--format", "oath-csv")
    more = _write(tmp_path / "more.csv", oath_csv(range(20, 50)))
    answer = _start(tool, more, "--format", "oath-csv")
    assert (answer["imported"], answer["there_already"]) == (15, 15)
    assert _stock(tool) == 50


def test_another_seed_for_a_serial_is_a_conflict_and_names_it(
    tool: Any, tmp_path: Path, file: Path
) -> None:
    _start(tool, file, "--format", "oath-csv")
    altered = oath_csv(range(20, 50)).replace(seed(31).hex().encode(), seed(99).hex().encode())
    said = tool.fails(
        "import", "start", str(_write(tmp_path / "other.csv", altered)), *ISSUED, "--format",
        "oath-csv",
    )  # fmt: skip
    assert "line 13: token OA00000031 is in the stock with another seed" in said
    assert "Nothing was imported" in said
    assert (_stock(tool), _staged(tool)) == (35, 0)
    assert tool.json("import", "status")[0]["state"] == "refused"
    # Another institution's stock is another matter.
    answer = tool.json("import", "start", str(tmp_path / "other.csv"), "--institution", "0002",
                       "--format", "oath-csv")  # fmt: skip
    assert answer["imported"] == 30


# ---- bad files


def test_all_problems_are_told_and_nothing_is_imported(tool: Any, tmp_path: Path) -> None:
    text = oath_csv(range(35)).decode().replace("OA00000003,", "OA00000002,")
    text = text.replace("OA00000020,", f"{'X' * 25},").replace("OA00000031,", ",")
    bad = _write(tmp_path / "bad.csv", text.encode())
    said = tool.fails("import", "start", str(bad), *ISSUED, "--format", "oath-csv")
    assert "line 22: a token's serial number has 1 to 24 visible ASCII characters" in said
    assert "line 33: serial: is missing" in said
    assert (_stock(tool), _staged(tool)) == (0, 0)
    assert len(_notes(tool, "import refused")) == 1
    # Twins show once every row is good by itself.
    twins = oath_csv(range(35)).replace(b"OA00000027,", b"OA00000002,")
    said = tool.fails("import", "start", str(_write(bad, twins)), *ISSUED, "--format", "oath-csv")
    assert "line 29: the same serial number as in line 4" in said
    assert (_stock(tool), _staged(tool)) == (0, 0)


def test_a_cut_file(tool: Any, tmp_path: Path) -> None:
    whole = pskc(range(35))
    bad = _write(tmp_path / "cut.pskc", whole[: len(whole) * 2 // 3])
    said = tool.fails("import", "start", str(bad), *ISSUED)
    assert "not well-formed XML" in said
    assert (_stock(tool), _staged(tool)) == (0, 0)


def test_a_file_that_changes_while_it_is_read(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _write(tmp_path / "tokens.csv", oath_csv(range(35)))
    stage = imports.stage

    def altering(*arguments: Any) -> None:
        stage(*arguments)
        with file.open("ab") as stream:
            stream.write(b"\n# more\n")

    monkeypatch.setattr(imports, "stage", altering)
    monkeypatch.setattr("tigertally_server.cli.import_source.PIECE", 100)
    said = tool.fails("import", "start", str(file), *ISSUED, "--format", "oath-csv")
    assert "not the one that this job began with" in said
    assert _stock(tool) == 0


# ---- dry run


def test_a_dry_run_keeps_nothing(tool: Any, tmp_path: Path, file: Path) -> None:
    answer = _start(tool, file, "--format", "oath-csv", "--dry-run")
    assert (answer["tokens_in_file"], answer["would_import"]) == (35, 35)
    assert answer["types"] == ["totp-6: 35"]
    assert (_stock(tool), _staged(tool)) == (0, 0)
    assert tool.sql("SELECT count(*) FROM tigertally.import_job") == [(0,)]
    _start(tool, file, "--format", "oath-csv")
    more = _write(tmp_path / "more.csv", oath_csv(range(30, 50)))
    answer = _start(tool, more, "--format", "oath-csv", "--dry-run")
    assert (answer["would_import"], answer["there_already"]) == (15, 5)
    assert answer["skipped"][0] == "OA00000030"
    bad = _write(tmp_path / "bad.csv", oath_csv(range(5)).replace(b"totp", b"hotq"))
    result = tool.run("import", "start", str(bad), *ISSUED, "--format", "oath-csv", "--dry-run")
    assert result.exit_code == 1
    assert "problem count   5" in result.stdout
    assert "line 2: algorithm: must be one of" in result.stderr


# ---- interrupted


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("how", ["resume", "start"])
def test_killed_while_reading(
    tool: Any, file: Path, monkeypatch: pytest.MonkeyPatch, after: int, how: str
) -> None:
    stage = imports.stage
    calls: list[int] = []

    def stage_then_die(*arguments: Any) -> None:
        if len(calls) == after:
            raise _Killed
        calls.append(1)
        stage(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(imports, "stage", stage_then_die)
        with pytest.raises(_Killed):
            tool.run("import", "start", str(file), *ISSUED, "--format", "oath-csv")
    assert (_stock(tool), _staged(tool)) == (0, 10 * after)
    if how == "resume":
        answer = tool.json("import", "resume")
    else:
        answer = _start(tool, file, "--format", "oath-csv")
    assert (answer["job"], answer["state"], answer["imported"]) == (1, "done", 35)
    assert (_stock(tool), _staged(tool)) == (35, 0)
    assert len(_notes(tool, "token import")) == 4


@pytest.mark.parametrize("after", [0, 1, 3])
def test_killed_while_writing(
    tool: Any, file: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    act = House.act
    calls: list[int] = []

    def act_then_die(self: House, name: str, *arguments: Any) -> Any:
        calls.append(1)
        if len(calls) > after:
            raise _Killed
        return act(self, name, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(House, "act", act_then_die)
        with pytest.raises(_Killed):
            tool.run("import", "start", str(file), *ISSUED, "--format", "oath-csv")
    moved = _stock(tool)
    assert moved <= 10 * after
    assert moved + _staged(tool) == 35
    file.unlink()  # what is staged is enough
    answer = tool.json("import", "resume", "1")
    assert (answer["state"], answer["imported"]) == ("done", 35)
    assert (_stock(tool), _staged(tool)) == (35, 0)
    assert len(_notes(tool, "token import")) == 4
    assert "unfinished" in tool.fails("import", "resume")


def test_what_an_interrupted_job_may_not_become(
    tool: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(imports, "stage", lambda *_: (_ for _ in ()).throw(_Killed()))
        with pytest.raises(_Killed):
            tool.run("import", "start", str(file), *ISSUED, "--format", "oath-csv")
    options = (*ISSUED, "--format", "oath-csv", "--set", "window=2")
    said = tool.fails("import", "start", str(file), *options)
    assert "other options" in said
    whole = file.read_bytes()
    file.write_bytes(whole + b"\n")
    assert "not the one" in tool.fails("import", "resume")
    file.write_bytes(whole)
    assert "unfinished" in tool.fails("import", "resume", "1")  # refused for good
    assert _start(tool, file, "--format", "oath-csv")["job"] == 2


def test_cancel(tool: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, calls = imports.stage, list[int]()

    def stage_then_die(*arguments: Any) -> None:
        calls.append(1)
        if len(calls) > 2:
            raise _Killed
        stage(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(imports, "stage", stage_then_die)
        with pytest.raises(_Killed):
            tool.run("import", "start", str(file), *ISSUED, "--format", "oath-csv")
    assert tool.json("import", "cancel", "1")["state"] == "cancelled"
    assert (_stock(tool), _staged(tool)) == (0, 0)
    assert "job 1 is not unfinished" in tool.fails("import", "cancel", "1")
    assert "there is no import job 7" in tool.fails("import", "status", "7")
    assert len(_notes(tool, "import cancelled")) == 1


def test_one_process_at_a_time(tool: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, said = imports.stage, list[str]()
    monkeypatch.setattr(imports, "LOCK_PATIENCE", "100ms")

    def meddled_with(*arguments: Any) -> None:
        if not said:
            said.append(tool.fails("import", "resume"))
        stage(*arguments)

    monkeypatch.setattr(imports, "stage", meddled_with)
    assert _start(tool, file, "--format", "oath-csv")["imported"] == 35
    assert "another process works on job 1" in said[0]


def test_another_import_in_between(
    tool: Any, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token comes into the stock after the file was checked: never two, never a wrong one."""
    other = _write(
        tmp_path / "other.csv", oath_csv([12]).replace(seed(12).hex().encode(), b"ab" * 20)
    )
    write = import_job.ImportRun._write

    def meddled_with(self: Any, job: Any) -> Any:
        if job.file == "tokens.csv":
            _start(tool, other, "--format", "oath-csv")
        return write(self, job)

    monkeypatch.setattr(import_job.ImportRun, "_write", meddled_with)
    said = tool.fails("import", "start", str(file), *ISSUED, "--format", "oath-csv")
    assert "another import came in between" in said
    assert "OA00000012" in said
    assert tool.sql("SELECT count(*) FROM tigertally.token WHERE serial = 'OA00000012'") == [(1,)]
    assert tool.json("import", "cancel", "1")["imported"] <= 30
