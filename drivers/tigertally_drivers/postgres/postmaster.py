"""The postmaster as an operating-system process: what its pid file says, whether it lives, its
start and its end.

The postmaster is a direct child in a session of its own, not started through pg_ctl: it outlives
us, no Ctrl-C reaches it, and we reap it ourselves. The last matters in containers whose first
process reaps nothing: a killed postmaster stays there as a zombie, whose pid "exists", and
PostgreSQL would refuse to start beside it. A dead postmaster's pid file is removed here only when
no process of the cluster is left (PostgreSQL still checks its shared memory by itself).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tigertally_drivers.ports import Clock
from tigertally_drivers.postgres.account import Account
from tigertally_drivers.postgres.binaries import Binaries
from tigertally_drivers.postgres.errors import ClusterError
from tigertally_drivers.postgres.settings import PORT, cluster_name
from tigertally_drivers.system.clock import pause

ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

_POLL_MS: Final = 10
_LEFTOVERS_GRACE_MS: Final = 10_000
_PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class PidFile:
    """`postmaster.pid`: line 1 the pid, line 5 the socket's folder, line 8 the state."""

    pid: int
    socket_folder: Path | None
    status: str


def read_pid_file(data: Path) -> PidFile | None:
    """What the running (or dead) postmaster has written; None when there is no complete file."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    folder = Path(lines[4].strip()) if len(lines) > 4 and lines[4].strip() else None
    return PidFile(pid, folder, lines[7].strip() if len(lines) > 7 else "")


def lives(pid: int, data: Path) -> bool:
    """Is `pid` a postmaster on `data`, alive and no zombie? A pid used anew by another doesn't
    count.
    """
    if not _PROC.joinpath("self", "stat").exists():  # no /proc (macOS): trust the number
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
    return not _is_zombie(pid) and _command_line(pid).endswith(f"\0-D\0{data}\0".encode())


def accepts(folder: Path) -> bool:
    """Does something listen on the cluster's socket?"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(folder / f".s.PGSQL.{PORT}"))
        except OSError:
            return False
    return True


def spawn(binaries: Binaries, data: Path, log: Path, account: Account) -> subprocess.Popen[bytes]:
    """Start the postmaster; it writes to `log` and has nothing else of ours."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [binaries.program("postgres"), "-D", str(data)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            umask=0o077,
            **account.privileges,
        )


def wait_ready(child: subprocess.Popen[bytes], data: Path, clock: Clock, timeout_s: int) -> bool:
    """Wait until the child serves; False when it ended instead. Raises `ClusterError` at the time
    limit.
    """
    deadline = clock.monotonic_ms() + timeout_s * 1000
    while True:
        if child.poll() is not None:
            return False
        written = read_pid_file(data)
        if written is not None and written.pid == child.pid and written.status == "ready":
            return True
        if clock.monotonic_ms() >= deadline:
            raise ClusterError(
                f"PostgreSQL (process {child.pid}) is not ready after {timeout_s} s; "
                "it may still be recovering: look at its log and start again"
            )
        pause(_POLL_MS)


def wait_settled(data: Path, clock: Clock, timeout_s: int) -> PidFile | None:
    """The postmaster that others started, once it is ready; None when there is none or it has
    ended.
    """
    deadline = clock.monotonic_ms() + timeout_s * 1000
    while True:
        written = read_pid_file(data)
        if written is None or not lives(written.pid, data):
            return None
        if written.status == "ready" and written.socket_folder and accepts(written.socket_folder):
            return written
        if clock.monotonic_ms() >= deadline:
            raise ClusterError(
                f"PostgreSQL (process {written.pid}) runs but does not answer after {timeout_s} s "
                f"(it says: {written.status or 'nothing'}); look at its log"
            )
        pause(_POLL_MS)


def clear_leftovers(data: Path, sockets: Path, clock: Clock) -> None:
    """After a postmaster's death: wait for its children, then remove its pid and socket lock files.

    Its children notice the death by themselves; one that doesn't is told to quit, since it holds
    the shared memory that the next postmaster needs.
    """
    if not _PROC.is_dir():
        return
    deadline = clock.monotonic_ms() + _LEFTOVERS_GRACE_MS
    told = False
    while pids := _processes(data):
        if clock.monotonic_ms() >= deadline:
            if told:
                raise ClusterError(
                    f"processes {', '.join(map(str, pids))} of a dead PostgreSQL do not end; "
                    "end them by hand"
                )
            for pid in pids:
                _signal(pid, signal.SIGQUIT)
            told = True
            deadline = clock.monotonic_ms() + _LEFTOVERS_GRACE_MS
        pause(_POLL_MS)
    (data / "postmaster.pid").unlink(missing_ok=True)
    (sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def end(pid: int, data: Path, clock: Clock, timeout_s: int) -> None:
    """Fast shutdown: refuse new sessions, end the present ones, write a checkpoint, go."""
    _signal(pid, signal.SIGINT)
    deadline = clock.monotonic_ms() + timeout_s * 1000
    while lives(pid, data):
        if clock.monotonic_ms() >= deadline:
            raise ClusterError(f"PostgreSQL (process {pid}) has not ended after {timeout_s} s")
        pause(_POLL_MS)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        raise ClusterError(
            f"PostgreSQL (process {pid}) belongs to another user; run as the one who started it"
        ) from None


def _processes(data: Path) -> list[int]:
    title = f"postgres: {cluster_name(data)}: ".encode()
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    # A child just forked still has the postmaster's own command line.
    return [
        pid
        for pid in pids
        if (lives(pid, data) or _command_line(pid).startswith(title)) and not _is_zombie(pid)
    ]


def _command_line(pid: int) -> bytes:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return b""


def _is_zombie(pid: int) -> bool:
    try:
        status = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return False
    # The name before it stands in parentheses and may hold anything.
    return status.rpartition(b") ")[2][:1] in {b"Z", b"X"}
