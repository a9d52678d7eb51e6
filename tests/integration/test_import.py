"""Token files through the real program: killed by kill -9 while it reads and while it writes,
resumed by another process, with a server at work beside it; and no seed left lying about.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tigertally_server.domain.import_job import ImportJob, ImportState
from tigertally_server.services.keyring import seed_identity
from tigertally_server.store import imports
from tigertally_testing.house import House, database_section
from tigertally_testing.processes import _toml, reachable_folder, spawner, until
from tigertally_testing.token_files import Sealing, oath_csv, pskc, seed

TOKENS = 60_000
KEY = bytes(range(32))


class Importing:
    """`tigertally import …` on a house, as processes of its own."""

    def __init__(self, house: House, folder: Path, institution: str) -> None:
        self.house, self.folder, self.institution = house, folder, institution
        self.config = folder / "import.toml"
        self.config.write_text(_toml({"database": database_section(house.state_dir)}))

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tigertally_server.cli.main", "-c", str(self.config)]
        path = os.pathsep.join(part for part in sys.path if part)
        return subprocess.Popen(
            [*command, "import", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(self.folder)},
        )

    def run(self, *arguments: str) -> Any:
        process = self.begin(*arguments, "--json")
        said, complaint = process.communicate(timeout=110)
        assert process.returncode == 0, complaint
        return json.loads(said)

    def job(self) -> ImportJob | None:
        """The last one."""
        conn = self.house.connect()
        try:
            return next(iter(imports.jobs(conn, 1)), None)
        finally:
            conn.close()

    def ask(self, statement: str) -> int:
        conn = self.house.connect()
        try:
            row = conn.execute(statement.encode(), (self.institution,)).fetchone()
            assert row is not None
            return int(row[0])
        finally:
            conn.close()

    def stock(self) -> int:
        return self.ask("SELECT count(*) FROM tigertally.token WHERE institution = %s")


@pytest.fixture(scope="module")
def stocked() -> Iterator[House]:
    """Its own: eighty thousand tokens would be a burden to every test that comes after."""
    with reachable_folder() as folder, House(folder / "state") as house:
        yield house


@pytest.fixture
def importing(stocked: House, tmp_path: Path) -> Importing:
    return Importing(stocked, tmp_path, f"I-{tmp_path.name[-9:-1]}")


async def killed_when(process: subprocess.Popen[str], condition: Any, what: str) -> None:
    try:
        await until(condition, what, within_s=60)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL


async def test_killed_while_reading_and_while_writing(stocked, importing):
    with spawner(stocked) as spawn:
        server = spawn("beside")  # verifies as ever while an import is killed next to it
        await killed_and_resumed(importing)
        assert server.ready()
        assert server.faults() == []
    report = stocked.verify_log()
    assert report.ok, report.findings


async def killed_and_resumed(importing: Importing) -> None:
    file = importing.folder / "tokens.csv"
    file.write_bytes(oath_csv(range(TOKENS)))
    order = ("start", str(file), "--institution", importing.institution, "--format", "oath-csv")

    def read_two_chunks() -> bool:
        job = importing.job()
        return job is not None and job.institution == importing.institution and job.chunks >= 2

    await killed_when(importing.begin(*order), read_two_chunks, "two chunks staged")
    job = importing.job()
    assert job is not None
    assert (job.state, importing.stock()) == (ImportState.READING, 0)

    def written_something() -> bool:
        job = importing.job()
        return job is not None and job.moved >= 1

    await killed_when(importing.begin("resume"), written_something, "a chunk in the stock")
    job = importing.job()
    assert job is not None
    assert (job.state, job.staged) == (ImportState.WRITING, TOKENS), "killed too late: no test"
    assert importing.stock() == job.imported

    file.unlink()
    answer = importing.run("resume")
    assert (answer["state"], answer["imported"]) == ("done", TOKENS)
    assert importing.stock() == TOKENS
    states = (
        "SELECT count(*) FROM tigertally.token JOIN tigertally.token_state USING (id) "
        "WHERE institution = %s"
    )
    assert importing.ask(states) == TOKENS
    check_seeds(importing, "OA")


def check_seeds(importing: Importing, prefix: str) -> None:
    """A thousand of them, spread over the file."""
    conn = importing.house.connect()
    try:
        rows = conn.execute(
            "SELECT serial, key_id, seed FROM tigertally.token WHERE institution = %s "
            "AND serial LIKE '%%7'",
            (importing.institution,),
        ).fetchall()
    finally:
        conn.close()
    assert rows
    keyring = importing.house.environment.keyring
    for serial, key_id, sealed in rows[:1000]:
        identity = seed_identity(importing.institution, serial)
        assert keyring.open(key_id, sealed, identity) == seed(int(serial.removeprefix(prefix)))


def test_twenty_thousand_enciphered_tokens_and_no_seed_left_lying_about(stocked, importing):
    file, key = importing.folder / "tokens.pskc", importing.folder / "key"
    file.write_bytes(pskc(range(20_000), Sealing("aes256-cbc", KEY, mac="sha256"), prefix="SE"))
    key.write_text(KEY.hex())
    key.chmod(0o600)
    process = importing.begin(
        "start", str(file), "--institution", importing.institution, "--key-file", str(key)
    )
    said, complaint = process.communicate(timeout=110)
    assert process.returncode == 0, complaint
    assert "20000" in said
    assert importing.stock() == 20_000
    check_seeds(importing, "SE")
    assert {path.name for path in importing.folder.iterdir()} == {
        "tokens.pskc",
        "key",
        "import.toml",
    }
    samples = [seed(n) for n in (0, 9_999, 19_999)]
    written = [s for raw in samples for s in (raw, raw.hex().encode(), base64.b64encode(raw))]
    for text in (said, complaint):
        assert not any(s.decode("latin-1") in text for s in written)
    for path in stocked.state_dir.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            assert not any(s in content for s in written), path
