"""Writing the outside file: append a note, and have it on disk before going on.

The file is opened for appending only. What a crash left behind is never cut off; it is closed by
an empty line, so that the next note stands on its own and the reader names the torn one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def open_outside(path: Path) -> int:
    """Open (or create, mode 0600) the outside file for appending; return its descriptor.

    Raises:
        OSError: the folder is missing, not writable, or the disk is full.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    fd = os.open(path, flags, 0o600)
    try:
        size = os.fstat(fd).st_size
        if size == 0:
            _sync_folder(path.parent)
        elif os.pread(fd, 2, max(0, size - 2)) != b"\n\n":
            _write(fd, b"\n\n")
    except BaseException:
        os.close(fd)
        raise
    return fd


def append_notes(fd: int, notes: Sequence[str]) -> None:
    """Append signed notes, each with its closing empty line, then fsync once.

    Raises:
        OSError: the last note may be torn in the file; open it anew before the next one.
    """
    if notes:
        _write(fd, b"".join(note.encode() + b"\n" for note in notes))
        os.fsync(fd)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
