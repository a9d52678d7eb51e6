"""Two file locks by which several processes share one embedded cluster.

`Turn` is held while a cluster is created, started, adopted or stopped: one at a time. `Presence` is
held, shared, by every process that uses the cluster; who is alone may stop it. Both are `flock`
locks: the kernel drops them with the process, however it ends, so that a kill -9 leaves nothing to
clean up.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tigertally_drivers.ports import Clock
from tigertally_drivers.postgres.errors import ClusterError
from tigertally_drivers.system.clock import pause

_POLL_MS = 20


@contextmanager
def turn(path: Path, clock: Clock, timeout_s: int) -> Iterator[None]:
    """Hold the exclusive lock in `path`. Raises `ClusterError` when another keeps it too long."""
    descriptor = _open(path)
    try:
        deadline = clock.monotonic_ms() + timeout_s * 1000
        while not _try_lock(descriptor, fcntl.LOCK_EX):
            if clock.monotonic_ms() >= deadline:
                holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
                raise ClusterError(
                    f"process {holder or 'unknown'} has been starting or stopping the database for "
                    f"{timeout_s} s; see what it does, or end it"
                )
            pause(_POLL_MS)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


class Presence:
    """This process's mark that it uses the cluster."""

    __slots__ = ("_descriptor", "_path")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def take(self) -> None:
        """Mark the use. Call it in one's turn only: nobody then holds the lock exclusively."""
        if self._descriptor is None:
            descriptor = _open(self._path)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            self._descriptor = descriptor

    def leave(self) -> bool:
        """Take the mark away, in one's turn; says whether nobody else uses the cluster now."""
        descriptor = self._descriptor if self._descriptor is not None else _open(self._path)
        self._descriptor = None
        try:
            return _try_lock(descriptor, fcntl.LOCK_EX)
        finally:
            os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise ClusterError(
            f"cannot open {path}: {problem.strerror}; run as the user who owns {path.parent}"
        ) from problem


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
