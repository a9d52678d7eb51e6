"""The customers' telephones: the file into which the server's file gateway writes short messages.

Only what is written after the start is read. A line is a JSON object with the message's id and its
text; the code in it is the one group of six digits.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

_CODE: Final = re.compile(r"(?<!\d)\d{6}(?!\d)")
_READ_BYTES: Final = 1 << 20


class _Line(msgspec.Struct, frozen=True, gc=False):
    id: str
    text: str


class Inbox:
    """`look` from time to time; it never waits. The file may not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = path.stat().st_size if path.exists() else 0
        self._descriptor = -1
        self._rest = b""

    def look(self) -> Iterator[tuple[str, str]]:
        """(message id, code) of the messages that came since."""
        if self._descriptor < 0:
            try:
                self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return
        while data := os.pread(self._descriptor, _READ_BYTES, self._at):
            self._at += len(data)
            *lines, self._rest = (self._rest + data).split(b"\n")
            for text in filter(None, lines):
                line = msgspec.json.decode(text, type=_Line)
                if found := _CODE.search(line.text):
                    yield line.id, found[0]

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
