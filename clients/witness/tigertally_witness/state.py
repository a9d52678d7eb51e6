"""What a witness remembers: of each log the last checkpoint that it co-signed, on disk before it
answers.

One folder, in it one per log, named by the SHA-256 of its origin: ``last`` is the note co-signed
last, replaced in one step and flushed, file and folder; ``cosigned.notes`` is all of them, so that
the witness can show later what it saw; ``refused-…`` are requests that contradict. Losing the
folder means losing the promise: a witness never begins anew by itself (``--init`` makes the
folder).

Invariants: the size of a log's last checkpoint never falls; for one size there is one root.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from tigertally_client.verification.notes import NotGenuine, checkpoint_of

MARKER = "tigertally-witness"


class StateError(Exception):
    """The folder can't be used; the text says why."""


class WitnessState:
    """The folder of one witness; one process at a time, one thread at a time."""

    def __init__(self, folder: Path) -> None:
        if not (folder / MARKER).is_file():
            raise StateError(
                f"{folder} holds no witness's memory; a new witness begins with --init. One that "
                "lost its memory must get a new key: it can't know what it co-signed"
            )
        self._folder = folder

    @staticmethod
    def create(folder: Path) -> None:
        """Makes the folder of a new witness. Raises StateError where there is one."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with (folder / MARKER).open("x"):
                pass
        except FileExistsError:
            raise StateError(f"{folder} holds a witness's memory already") from None
        _sync(folder)

    def last(self, origin: str) -> str | None:
        """The note co-signed last. Raises StateError for one that can't be read."""
        path = self._log(origin) / "last"
        try:
            note = path.read_text(encoding="utf-8")
            checkpoint_of(note)
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, NotGenuine):
            raise StateError(f"the memory of {origin} is damaged: {path}") from None
        return note

    def keep(self, origin: str, note: str) -> None:
        """Remembers; on disk when this returns. Raises OSError."""
        folder = self._log(origin)
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            _sync(self._folder)
        data = note.encode()
        fresh = folder / "last.new"
        _write(fresh, os.O_TRUNC, data)
        fresh.replace(folder / "last")
        _write(folder / "cosigned.notes", os.O_APPEND, data + b"\n")
        _sync(folder)

    def refused(self, origin: str, request: bytes) -> Path:
        """Keeps what proves that the log went wrong; returns where. Raises OSError."""
        folder = self._log(origin)
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"refused-{hashlib.sha256(request).hexdigest()[:16]}"
        path.write_bytes(request)
        _sync(folder)
        return path

    def notes(self, origin: str) -> str:
        """All that was co-signed of a log, one note after another, an empty line after each."""
        try:
            return (self._log(origin) / "cosigned.notes").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def _log(self, origin: str) -> Path:
        return self._folder / hashlib.sha256(origin.encode()).hexdigest()


def _write(path: Path, how: int, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(fd)


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
