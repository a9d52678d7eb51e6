"""What a supervisor tells on this host: `<state_dir>/supervisor-NODE.json`, written whenever
something has changed, and `….lock`, held for as long as it lives. `tigertally roll` reads both.

A number in a file may belong to somebody else by now; the lock can't: the kernel drops it with the
process. Hence nobody is signalled whose lock is not held.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

IDLE: Final = ""
TRYING, REPLACING, DONE, FAILED = "trying", "replacing", "done", "failed"


class Taken(Exception):
    """Another supervisor of this node runs."""


@dataclass(frozen=True, slots=True)
class Status:
    """`rolls`: how many were begun since the supervisor's first start; `roll`: how the last one
    goes; `why`: what failed; `workers`: (slot, pid) of those that serve.
    """

    pid: int
    rolls: int = 0
    roll: str = IDLE
    replaced: int = 0
    of: int = 0
    why: str = ""
    workers: tuple[tuple[int, int], ...] = ()


class Control:
    """The supervisor's end. `lock`: the descriptor that holds it, kept across execve."""

    def __init__(self, state_dir: Path, node: str, lock: int = -1, rolls: int = 0) -> None:
        """Raises Taken, OSError."""
        self._path = path_of(state_dir, node)
        self.lock = _locked(self._path) if lock < 0 else lock
        self.status = Status(os.getpid(), rolls)

    def tell(self, **changes: object) -> None:
        """Never raises: a full disk is no reason to stop serving."""
        self.status = replace(self.status, **changes)  # type: ignore[arg-type]
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(asdict(self.status)), encoding="utf-8")
            fresh.replace(self._path)
        except OSError:
            return

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self.lock)


def path_of(state_dir: Path, node: str) -> Path:
    """A node's name may hold anything that can be printed."""
    return state_dir / f"supervisor-{node.replace('/', '%2F')}.json"


def status_of(state_dir: Path, node: str) -> Status | None:
    """Of the supervisor that runs; None where none does. Raises OSError."""
    path = path_of(state_dir, node)
    try:
        descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        row = json.loads(path.read_text(encoding="utf-8"))
        return Status(**{**row, "workers": tuple((slot, pid) for slot, pid in row["workers"])})
    finally:
        os.close(descriptor)
    return None


def _locked(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Taken(f"another server of this node runs on {path.parent}") from None
    return descriptor
