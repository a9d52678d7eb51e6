"""Processes that a measurement starts and watches: their CPU, their memory, their end.

CPU counts a family with what its members' ended children used; memory is the proportional share
(PSS), so that pages shared between processes count once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from run import TICKS, family

_STOP_S: Final = 20.0


def cpu_s(root: int, without: int = 0) -> float:
    """Of the family below `root`; `without`: the root of a family inside it that counts apart."""
    other = set(family(without)) if without else set()
    total = 0
    for pid in set(family(root)) - other:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def memory_mb(root: int, without: int = 0) -> float:
    other = set(family(without)) if without else set()
    return sum(_share_kb(pid) for pid in set(family(root)) - other) / 1024


def _share_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def kill(*roots: int) -> None:
    """SIGKILL to whole families, as far as they are there, and their end waited for."""
    pids = [pid for root in roots for pid in family(root)]
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    wait_until(lambda: not any(_lives(pid) for pid in pids), "killed processes to end")


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(holds: Callable[[], bool], what: str, seconds: float = _STOP_S) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)


@contextmanager
def running(command: Sequence[str], log: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours and its children; ended when the block is left, however that happens."""
    with log.open("ab") as stream:
        process = subprocess.Popen(
            command, stdout=stream, stderr=stream, env=os.environ | more, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                kill(process.pid)
                process.wait()
