"""A real server whose outside storage fails: approvals end within a bounded time, readiness says
why, and everything goes on by itself afterwards. A real witness process and a real time-stamping
authority beside it.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
import trio

from tigertally_client import log as auditor
from tigertally_server.audit.note import VerifierKey
from tigertally_testing.house import House
from tigertally_testing.pressure import Books
from tigertally_testing.processes import reachable_folder, spawner, until
from tigertally_testing.time_authority import TimeAuthority


@pytest.fixture
def folder():
    with reachable_folder() as folder:
        yield folder


def unusable(path):
    """The folder is gone, and something else stands in its place: as a lost mount looks to us."""
    path.rename(path.with_name("away"))
    path.write_bytes(b"")


def usable_again(path):
    path.unlink()
    path.with_name("away").rename(path)


async def test_without_its_outside_nothing_is_approved_and_afterwards_it_goes_on(folder):
    audit = {"unsigned_max_s": 0.5, "checkpoint_s": 0.1}
    with House(folder / "state", audit=audit) as house, spawner(house) as spawn:
        line = house.add_channel()
        books = Books(line, house.holders(20, "hotp-6"), budget_ms=500)
        server = spawn(audit=audit)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(books.press, server)
            await books.acknowledge(50)
            await until((house.config.log_dir / "rounds/checkpoint").exists, "a first round")
            unusable(house.config.log_dir)
            await until(lambda: not server.ready(), "unreadiness")
            status, why = server.get("/readyz")
            assert (status, "not signed outside" in why) == (503, True), why
            before = len(house.all_entries())
            await books.put_offs(50)
            assert len(house.all_entries()) <= before + 1
            usable_again(house.config.log_dir)
            await until(server.ready, "readiness")
            await books.acknowledge(100)
            books.stopping = True
        await books.settle(server)
        books.check(house)
        assert server.metric("tigertally_checkpoint_failures_total") > 0
        assert server.faults() == []
        assert server.stop() == 0
        report = house.verify_log()
        assert report.ok, report.findings


@contextmanager
def witness_program(folder, logs):
    made = subprocess.run(
        [sys.executable, "-m", "tigertally_witness", "--init", "--state", str(folder),
         "--name", "auditor.example/w1"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    key = made.stdout.strip()
    program = subprocess.Popen(
        [sys.executable, "-m", "tigertally_witness", "--state", str(folder), "--logs", str(logs),
         "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert program.stdout is not None
    address = program.stdout.readline().removeprefix("listening on ").strip()
    try:
        yield f"http://{address}", key
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(10)
        program.stdout.close()


@pytest.mark.skipif(
    shutil.which("openssl") is None, reason="WITHOUT openssl no time stamps: SKIPPED"
)
async def test_a_server_has_its_log_witnessed_and_stamped(folder):
    authority = TimeAuthority.make(folder / "tsa", key="P-256")
    root = str(authority.folder / "ca.pem")
    with House(folder / "state") as house, authority.served() as stamping:
        logs = folder / "logs"
        logs.write_text("".join(f"{key}\n" for key in _keys(house)))
        with witness_program(folder / "witness", logs) as (url, key), spawner(house) as spawn:
            sections = {
                "audit": {"checkpoint_s": 0.1, "witness_s": 0.1},
                "audit.time_stamps": {"url": stamping, "ca_file": root, "every_s": 0.2},
                "[audit.witnesses]": {"url": url, "key": key},
            }
            server = spawn(**sections)
            log_dir = house.config.log_dir
            await until((log_dir / "rounds/checkpoint.witnessed").exists, "a cosignature")
            await until(lambda: any((log_dir / "stamps").glob("*.tsr")), "a stamp")
            assert server.get("/tlog/rounds/checkpoint")[0] == 200
            assert server.get("/tlog/../config")[0] == 404
            assert server.stop() == 0
        first = house.environment.installation.checkpoint_public_key.hex()
        arguments = ["verify", str(log_dir), "--key", first, "--witness", key, "--stamps", root]
        assert auditor.main(arguments) == 0


def _keys(house):
    row = house.environment.installation
    for name in ("rounds", *map(str, range(row.shards))):
        yield VerifierKey(
            f"tigertally/{row.installation_id}/{name}", row.checkpoint_public_key
        ).text()
