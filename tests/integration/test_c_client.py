"""The C library against real servers, beyond what all languages share (`test_agents.py`): its three
layers, threads, an event loop, memory that fails, its own thread's heartbeats and key changes, its
examples and its load generator, and its texts against Python's codecs.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest
import trio

from tigertally_load.result import LoadResult
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.fields import read_text
from tigertally_testing.agents import write_credentials
from tigertally_testing.peer import inform
from tigertally_testing.processes import free_port, until

ROOT = Path(__file__).parents[2] / "clients" / "c"
CLOSED = "tigertally_closed_connections_total"
TERMS = (
    {"suite": 1, "field_cipher": 1},
    {"suite": 5, "field_cipher": 1, "charset": "gb18030"},
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the library's programs."""
    for program in ("cc", "make"):
        if shutil.which(program) is None:
            pytest.skip(f"C CLIENT NOT TESTED: no {program}; apt-get install gcc libc6-dev make")
    out = tmp_path_factory.mktemp("c-client")
    done = subprocess.run(
        ["make", "--silent", "-j2", "-C", str(ROOT), f"BUILD={out}", "OPT=-O1", "all",
         str(out / "live")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out


def run(*arguments: object, status: int = 0) -> str:
    done = subprocess.run(
        [str(argument) for argument in arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == status, f"{done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def stage(house, server, tmp_path, request):
    """Credentials of a fresh channel, and a customer with a token."""
    line = house.add_channel(**getattr(request, "param", TERMS[0]))
    (held,) = house.holders(1, "hotp-6")
    trio.run(inform, server)
    return write_credentials(tmp_path, line, [server.address]), held, line


@pytest.mark.parametrize("stage", TERMS, indirect=True, ids=["intl", "legacy-gb18030"])
@pytest.mark.parametrize("what", ["memory", "threads", "loop", "connection"])
def test_live(built, stage, what):
    file, held, _ = stage
    assert " 0 failed" in run(built / "live", file, held.customer, what)


def test_the_examples(built, stage, house):
    file, held, line = stage
    codes = [held.counter_code(counter) for counter in range(3)]
    assert "APPROVED" in run(built / "verify_otp", file, held.customer, codes[0], "REF-1")
    assert "REPLAYED_CODE" in run(built / "verify_otp", file, held.customer, codes[0], status=1)
    assert "approved Y APPROVED" in run(built / "flat", file, held.customer, codes[1])
    assert "30 asked, 30 with a token" in run(built / "async", file, held.customer, 30)
    assert json.loads(run(built / "bench", file, held.customer, 8, 0.2))["odd"] == 0
    assert json.loads(run(built / "bench", file, held.customer, 8, 0.2, "bare"))["per_s"] > 0
    assert "otp doesn't fit" in _error(built / "verify_otp", file, held.customer, "12345x")
    answers = Counter(ResponseCode(entry.result).name for entry in house.entries(line))
    assert answers == {"APPROVED": 2, "REPLAYED_CODE": 1}


def _error(*arguments: object) -> str:
    done = subprocess.run(
        [str(a) for a in arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 4
    return done.stderr


def test_no_secret_in_a_log(built, stage):
    file, held, line = stage
    said = run(built / "live", file, held.customer, "log", "271828")
    assert "cannot connect" in said
    assert "signed on" in said
    assert "WRONG_CODE" in said
    assert "271828" not in said
    assert line.master_key.hex() not in said.lower()


async def test_its_own_thread_keeps_the_line_and_changes_keys(built, house, spawn, tmp_path):
    server = spawn("hasty", limits={"heartbeat_s": 1, "idle_s": 2.5, "key_life_s": 1})
    line = house.add_channel(**TERMS[0])
    (held,) = house.holders(1, "hotp-6")
    await inform(server)
    file = write_credentials(tmp_path, line, [server.address])
    said = run(built / "live", file, held.customer, "thread")
    assert int(said.split(" key changes")[0].split()[-1]) >= 1
    assert server.faults() == []


async def test_a_connection_that_died_in_silence_is_opened_again(built, house, spawn, tmp_path):
    server = spawn("impatient", limits={"heartbeat_s": 1, "idle_s": 1.0})
    line = house.add_channel(**TERMS[0])
    (held,) = house.holders(1, "hotp-6")
    await inform(server)
    file = write_credentials(tmp_path, line, [server.address])
    program = [str(built / "live"), str(file), held.customer, "hold"]
    process = await trio.lowlevel.open_process(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        for number in (1, 2):
            await process.stdin.send_all(b"\n")
            with trio.fail_after(20):
                assert await process.stdout.receive_some() == b"ANSWERED\n"

            # Nobody works for the client now, so nobody sends heartbeats.
            def given_up(number: int = number) -> bool:
                return bool(server.metric(CLOSED, reason="idle") >= number)

            await until(given_up, "the server gives the connection up")
        await process.stdin.aclose()
        with trio.fail_after(20):
            assert await process.wait() == 0
    finally:
        process.kill()


# ---------------------------------------------------------------- the load generator


def _command(server, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(part for part in sys.path if part)
    return subprocess.run(
        [sys.executable, "-m", "tigertally_server.cli.main", "-c", server.config_file, "load",
         *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


def _prepared(server, mix: str) -> None:
    """Customers for a mix, and a server that knows their channel from its start."""
    done = _command(server, "--prepare-only", f"--mix={mix}", "--tokens=1000", "--quiet")
    assert done.returncode == 0, done.stderr
    server.stop()
    server.start()


def _load(built, *arguments: object) -> LoadResult:
    said = run(built / "load", *arguments, "--json=-", "--quiet")
    result = msgspec.json.decode(said, type=LoadResult)
    assert result.clean
    assert result.answered == result.offered == sum(row.answered for row in result.rows)
    return result


@pytest.mark.timeout(200)
def test_the_load_generator(built, own_house, own):
    """First with codes of one sort; then also with what OCRA, PINs and MS-CHAPv2 want, and codes by
    SMS out of the file gateway's file: as Python's generator, which takes the same files and is a
    second computation of it all.
    """
    listen = [f"127.0.0.1:{free_port()}"]
    server = own("loaded", sms={"gateway": "file"}, server={"listen": listen})
    file = own_house.state_dir / "load" / "credentials.json"
    _prepared(server, "codes")
    mix = "approve=60,wrong=10,replay=10,retry=10,heartbeat=10"
    for _ in range(2):  # the second run goes on where the first one ended
        result = _load(built, "--credentials", file, "--rate=150", "--seconds=2", f"--mix={mix}",
                       "--connections=3")  # fmt: skip
        assert result.offered == 300
        assert set(result.by_kind["approve"]) == {"APPROVED"}
        assert set(result.by_kind) == {"approve", "wrong", "replay", "retry", "heartbeat"}
        assert 0 < result.p50_ms <= result.p99_ms <= result.p999_ms <= result.max_ms
    _prepared(server, "methods")
    population = f"--population={file}.methods.population"
    sms = f"--sms-file={own_house.state_dir / 'sms.jsonl'}"
    for _ in range(2):  # HOTP's counters go on, too
        result = _load(built, "--credentials", file, population, sms, "--rate=50", "--seconds=2",
                       "--mix=methods")  # fmt: skip
        assert {kind: set(codes) for kind, codes in result.by_kind.items()} == {
            "approve": {"APPROVED"},
            "hotp": {"APPROVED"},
            "ocra-issue": {"CHANGED"},
            "ocra-verify": {"APPROVED"},
            "sms-issue": {"CHANGED"},
            "sms-verify": {"APPROVED"},
            "pin-otp": {"APPROVED"},
            "mschapv2": {"APPROVED"},
        }
    assert server.faults() == []


# ---------------------------------------------------------------- texts


class Field(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("kind", ctypes.c_uint8),
        ("secret", ctypes.c_uint8),
        ("offset", ctypes.c_uint16),
        ("width", ctypes.c_uint16),
        ("place", ctypes.c_uint16),
        ("initial", ctypes.c_uint32),
    ]


class Record(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("fields", ctypes.POINTER(Field)),
        ("field_count", ctypes.c_size_t),
        ("body_size", ctypes.c_size_t),
        ("secret_offset", ctypes.c_int),
        ("secret_width", ctypes.c_size_t),
        ("struct_size", ctypes.c_size_t),
    ]


def _candidates(charset: str):
    """Every sequence of two octets, and the edges of those of three and four."""
    for first in range(256):
        yield from (bytes((first, second)) for second in range(256))
    if charset == "gb18030":
        edges = (0x2F, 0x30, 0x31, 0x39, 0x3A)
        for first in range(0x80, 0x100):
            for second in edges:
                for third in (0x80, 0x81, 0x82, 0x84, 0x9A, 0xA5, 0xFE, 0xFF):
                    yield from (bytes((first, second, third, last)) for last in edges)
    else:
        for first in (0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5):
            for second in (0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0):
                yield from (bytes((first, second, third)) for third in (0x7F, 0x80, 0xBF, 0xC0))
                yield from (bytes((first, second, 0x80, last)) for last in (0x7F, 0x80, 0xBF))


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_texts_are_judged_as_python_judges_them(built, charset):
    library = ctypes.CDLL(str(built / "libtigertally.so"))
    library.tt_record_of.restype = ctypes.POINTER(Record)
    record = library.tt_record_of(0x0101, 1, 1)
    row = record.contents
    name = next(row.fields[i] for i in range(row.field_count) if row.fields[i].name == b"name")
    body = bytearray(b" " * row.body_size)
    body[name.offset + name.width :] = bytes(row.body_size - name.offset - name.width)
    # `mobile` stands behind the name, and the pad behind that.
    body[name.offset + name.width : name.offset + name.width + 20] = b" " * 20
    raw = (ctypes.c_char * row.body_size).from_buffer(body)
    message = ctypes.create_string_buffer(row.struct_size)
    word, start = charset.encode(), name.offset
    judged = 0
    for octets in _candidates(charset):
        text = octets + b"." if charset == "gb18030" else octets
        body[start : start + name.width] = text.ljust(name.width)
        status = library.tt_decode(record, word, raw, row.body_size, message, None)
        try:
            read_text(charset, text)
            good = True
        except ValueError:
            good = False
        assert (status == 0) == good, octets.hex()
        judged += 1
    assert judged > 65_536
