"""Messages into a file, one JSON object a line: for trials, and for a program that takes them from
there.

A message is accepted when its line is on the disk. The file holds codes and telephone numbers, so
it is ours alone (0600) and must never be a link. Whoever wants an empty file renames this one away;
the next message makes a new one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import trio

from tigertally_drivers.errors import Misbehaved, Rejected, Unavailable
from tigertally_drivers.ports import Clock
from tigertally_drivers.sms.port import (
    DeliveryState,
    ReportSink,
    SmsMessage,
    SubmitResult,
    Surroundings,
)
from tigertally_drivers.sms.settings import read_settings

_FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class FileSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`path` starts at the state folder."""

    path: str = "sms.jsonl"


class _Line(msgspec.Struct, frozen=True, gc=False):
    id: str
    at_ms: int
    number: str
    text: str
    valid_for_s: int


class FileGateway:
    """Appends; lines that come while the disk is busy share the next flush."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._busy = False
        self._flushed = trio.Event()
        self._waiting: list[_Pending] = []

    async def submit(self, message: SmsMessage) -> SubmitResult:
        line = _Line(
            message.id.hex(),
            self._clock.now_ms(),
            message.number,
            message.text,
            message.valid_for_s,
        )
        try:
            pending = _Pending(msgspec.json.encode(line) + b"\n")
        except UnicodeEncodeError:
            raise Rejected("the text holds half a character") from None
        self._waiting.append(pending)
        with trio.CancelScope(shield=True):  # what others gave us is not ours to drop
            while not pending.done:
                if self._busy:
                    await self._flushed.wait()
                else:
                    await self._flush()
        if pending.problem is not None:
            raise type(pending.problem)(*pending.problem.args)  # several of us may wait for one
        return SubmitResult(line.id, DeliveryState.DELIVERED)

    async def _flush(self) -> None:
        """All that wait are told at once: the first of them would else be settled alone."""
        self._busy = True
        await trio.lowlevel.checkpoint()  # those handed over together share the flush, too
        taken, self._waiting = self._waiting, []
        problem: Unavailable | Misbehaved | None = Misbehaved("nobody knows what was written")
        try:
            await trio.to_thread.run_sync(append, self._path, b"".join(p.line for p in taken))
            problem = None
        except (Unavailable, Misbehaved) as caught:
            problem = caught
        finally:
            for pending in taken:
                pending.done, pending.problem = True, problem
            self._busy = False
            self._flushed.set()
            self._flushed = trio.Event()

    async def run(self, reports: ReportSink) -> None:  # noqa: ARG002 - nothing to report
        await trio.sleep_forever()


class _Pending:
    __slots__ = ("done", "line", "problem")

    def __init__(self, line: bytes) -> None:
        self.line, self.done = line, False
        self.problem: Unavailable | Misbehaved | None = None


def append(path: Path, lines: bytes) -> None:
    """Whole lines at the end of the file, on the disk when this returns.

    Raises:
        Unavailable: nothing of it stands in the file.
        Misbehaved: some of it may.
    """
    try:
        descriptor = os.open(path, _FLAGS, 0o600)
    except OSError as problem:
        raise Unavailable(f"cannot open {path}: {problem.strerror}") from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o077:
            raise Unavailable(f"{path} must be a regular file of mode 0600")
        if found.st_size and os.pread(descriptor, 1, found.st_size - 1) != b"\n":
            lines = b"\n" + lines  # a line that a crash cut stays apart from ours
        while lines:
            lines = lines[os.write(descriptor, lines) :]
        os.fsync(descriptor)
    except OSError as problem:
        raise Misbehaved(f"cannot write {path}: {problem.strerror}") from None
    finally:
        os.close(descriptor)


def open_file_gateway(section: Mapping[str, object], surroundings: Surroundings) -> FileGateway:
    """The entry point `file`."""
    settings = read_settings(section, FileSettings)
    if not settings.path:
        raise Rejected("path: is empty")
    return FileGateway(surroundings.state_dir / settings.path, surroundings.clock)
