"""A real server whose outside storage fails: approvals end within a bounded time, readiness says
why, and everything goes on by itself afterwards. A real witness process and a real time-stamping
authority beside it.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
import trio

from tigertally_client import log as auditor
from tigertally_drivers.postgres.settings import SUPERUSER
from tigertally_server.app.changing_key import change_checkpoint_key
from tigertally_server.app.signers import FILE, Signers
from tigertally_server.audit.note import Algorithm, VerifierKey
from tigertally_testing.house import House
from tigertally_testing.pressure import Books
from tigertally_testing.processes import reachable_folder, spawner, until
from tigertally_testing.time_authority import TimeAuthority

AUDIT = {"unsigned_max_s": 0.5, "checkpoint_s": 0.1}


@pytest.fixture(scope="module")
def signing():
    with (
        reachable_folder() as folder,
        House(folder / "state", audit=AUDIT) as house,
        spawner(house) as spawn,
    ):
        yield house, spawn(audit=AUDIT)


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


async def test_without_its_outside_nothing_is_approved_and_afterwards_it_goes_on(signing):
    house, server = signing
    line = house.add_channel()
    books = Books(line, house.holders(20, "hotp-6"), budget_ms=500)
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
    report = house.verify_log()
    assert report.ok, report.findings


def pressing(house):
    return Books(house.add_channel(), house.holders(20, "hotp-6"), budget_ms=500)


async def withheld_and_restored(house, server, books, why, restore):
    """From where nothing is signed: not ready for this reason, nothing approved, nothing recorded
    as approved; and back by itself.
    """
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, server)
        said = await until(lambda: _said(server, why), f"a reason: {why}")
        assert said.startswith("not ready: the audit log is not signed outside the database"), said
        await books.put_offs(30)
        before = len(books.acknowledged)
        await books.put_offs(30)
        assert len(books.acknowledged) == before
        restore()
        await until(server.ready, "readiness")
        await books.acknowledge(30)
        books.stopping = True
    await books.settle(server)


def _said(server, why):
    status, text = server.get("/readyz")
    return text if status == 503 and why in text else ""


@pytest.mark.parametrize("table", ["checkpoint", "audit_round"])
async def test_a_table_that_takes_no_signature_ends_approvals(signing, table):
    """The right to insert is gone, as after a slip of the database's administrator."""
    house, server = signing
    _as_superuser(house, f"REVOKE INSERT ON tigertally.{table} FROM tigertally_app")
    books = pressing(house)
    grant = f"GRANT INSERT ON tigertally.{table} TO tigertally_app"
    try:
        await withheld_and_restored(
            house, server, books, "takes no checkpoint", lambda: _as_superuser(house, grant)
        )
        books.check(house)
    finally:
        _as_superuser(house, grant)


async def test_a_checkpoint_key_that_is_not_here_ends_approvals_until_it_is(signing):
    """Gone when the server starts; later changed from elsewhere, and the file here the old one."""
    house, first = signing
    path = house.config.checkpoint_key_file
    away = path.with_name("away")
    path.rename(away)
    # Who has it goes on signing: the key stands in its memory.
    assert first.ready()
    assert first.stop() == 0
    books, later = pressing(house), pressing(house)  # what a server knows from its start
    with spawner(house) as spawn:
        server = spawn("node-2", audit=AUDIT)
        await withheld_and_restored(
            house, server, books, "doesn't have it", lambda: away.rename(path)
        )
        books.check(house)  # before there is a key that the house doesn't know
        new = _changed_elsewhere(house)
        await withheld_and_restored(
            house, server, later, "is not on this host", lambda: new.replace(path)
        )
        assert server.faults() == []
        assert server.stop() == 0
    public = house.environment.installation.checkpoint_public_key.hex()
    assert auditor.main(["verify", str(house.config.log_dir), "--key", public]) == 0


def _changed_elsewhere(house):
    """The checkpoint key's next generation is in force, and its file on another host: here."""
    environment = house.environment
    other = house.config.checkpoint_key_file.with_name("elsewhere.key")
    other.write_bytes(house.config.checkpoint_key_file.read_bytes())
    signers = Signers(other, environment.keyring, environment.installation.installation_id)
    with closing(house.connect("tigertally_owner")) as conn:
        change_checkpoint_key(conn, replace(environment, signers=signers), FILE, Algorithm.ED25519)
    return other


def _as_superuser(house, statement):
    with closing(house.connect(SUPERUSER)) as conn:
        conn.execute(statement.encode())
        conn.commit()


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
