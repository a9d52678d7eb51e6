"""The disk under the database fills up, for real: a small tmpfs that holds the whole state folder.

Needs root and a kernel that lets us mount; skipped, and said so, where that is missing. What a
single SQLSTATE 53100 does is in tests/unit/server/store/test_disk_full.py.
"""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_testing.house import House
from tigertally_testing.pressure import Books
from tigertally_testing.processes import reachable_folder, spawner, until

SIZE_MB = 256
HOLDERS = 30


@contextmanager
def small_disk() -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: a full disk (mounting a small one needs root)")
    with reachable_folder() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0711", "tmpfs", str(folder)]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"NOT TESTED: a full disk (may not mount one here: {done.stderr.strip()})")
        try:
            yield folder
        finally:
            subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not a byte is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as problem:
                if problem.errno != errno.ENOSPC:
                    raise
    try:
        yield
    finally:
        filler.unlink()


@pytest.fixture
def disk():
    with small_disk() as folder:
        yield folder


async def test_while_the_disk_is_full_nothing_is_promised_and_afterwards_all_is_there(disk, figure):
    with House(disk / "state") as house, spawner(house) as spawn:
        line = house.add_channel()
        books = Books(line, house.holders(HOLDERS, "hotp-6"), budget_ms=500)
        server = spawn()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(books.press, server)
            await books.acknowledge(100)
            with filled(disk):
                await books.put_offs(3 * HOLDERS)
                assert set(books.put_off) <= {C.UNAVAILABLE, C.OUTCOME_UNKNOWN}
                await until(lambda: not server.ready(), "unreadiness")
                assert server.get("/healthz")[0] == 200
            await books.acknowledge(300)
            books.stopping = True
        await until(server.ready, "readiness")
        await books.settle(server)
        books.check(house)
        reasons = {
            event["reason"]
            for event in server.events()
            if event["event"] == "database is not available"
        }
        figure("reasons while the disk was full", ", ".join(sorted(reasons)))
        assert server.faults() == []
        assert server.stop() == 0
        report = house.verify_log()
        assert report.ok, report.findings
