"""What can happen to an embedded PostgreSQL, done to it."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tigertally_drivers.postgres.cluster import EmbeddedCluster

ENDINGS: Final = {"killed": signal.SIGKILL, "stopped": signal.SIGINT}
"""How a postmaster may end: by kill -9, or by an administrator's fast shutdown."""


def end(database: EmbeddedCluster, number: signal.Signals) -> None:
    """Ends the postmaster, whoever started it, and waits until it is dead."""
    pid = database.pid
    assert pid is not None
    descriptor = os.pidfd_open(pid)
    try:
        os.kill(pid, number)
        assert select.select([descriptor], [], [], 30)[0], "PostgreSQL does not end"
    finally:
        os.close(descriptor)


@contextmanager
def frozen(database: EmbeddedCluster) -> Iterator[None]:
    """Every process of it stands still, as on a host whose disk hangs."""
    pids = processes_of(database)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def processes_of(database: EmbeddedCluster) -> list[int]:
    """The postmaster and its children."""
    postmaster = database.pid
    assert postmaster is not None
    found = [postmaster]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it has just ended
        # The name before it stands in parentheses and may hold anything.
        if int(text.rpartition(") ")[2].split()[1]) == postmaster:
            found.append(int(stat.parent.name))
    return found
