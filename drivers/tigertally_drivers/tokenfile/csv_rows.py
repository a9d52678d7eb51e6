"""Delimited text as rows of cells, from a stream of bytes, for the formats that are made of them.

Knows columns by number only. Memory is bounded by the longest line; a line, and a cell that was
quoted over several, end in an error that names the line. A byte order mark is skipped, lines end
in LF or CRLF, empty ones and comments are passed over.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from tigertally_drivers.tokenfile.records import TokenFileError

LONGEST_LINE: Final = 65_536  # characters
CHARSETS: Final = ("utf-8", "gb18030", "gbk", "big5", "ascii", "latin-1", "utf-16")
FILE: Final = "file"
ROW: Final = "row"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the file is written. `quote` and `comment` may be empty: there are none."""

    charset: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    comment: str = "#"
    skip_lines: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, without the blanks around them; `line` is where it ends."""

    line: int
    cells: list[str]


def read_rows(pieces: Iterable[bytes], dialect: Dialect) -> Iterator[Row]:
    """All rows that aren't empty or comments.

    Raises TokenFileError where the rest can't be read.
    """
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE
    lines = _Lines(pieces, dialect)
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=quoting,
        skipinitialspace=True,
        strict=True,
    )
    comment = dialect.comment
    try:
        for cells in reader:
            if not cells or (comment and cells[0].startswith(comment)):
                continue
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield Row(lines.number, stripped)
    except csv.Error:
        reason = "is not delimited text: a quotation mark that isn't closed, or a stray line end"
        raise TokenFileError(max(lines.number, 1), ROW, reason) from None


class _Lines:
    """The lines of the file with their ends, and the number of the last one given."""

    def __init__(self, pieces: Iterable[bytes], dialect: Dialect) -> None:
        self.number = 0
        self._source = self._split(pieces, dialect.charset)
        self._skip = dialect.skip_lines

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        while True:
            line = next(self._source)
            self.number += 1
            if self.number > self._skip:
                return line

    def _split(self, pieces: Iterable[bytes], charset: str) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(charset)("strict")
        rest, first = "", True
        for piece, last in _marked(pieces):
            try:
                rest += decoder.decode(piece, last)
            except UnicodeDecodeError:
                reason = f"is not {charset}"
                raise TokenFileError(self.number + 1, FILE, reason) from None
            if first and rest:
                rest, first = rest.removeprefix("\ufeff"), False
            lines = rest.split("\n")
            rest = lines.pop()
            for line in lines:
                yield line + "\n"
            if len(rest) > LONGEST_LINE:
                reason = f"is longer than {LONGEST_LINE} characters"
                raise TokenFileError(self.number + 1, ROW, reason)
            if "\0" in rest:
                raise TokenFileError(self.number + 1, FILE, f"is not text in {charset}")
        if rest:
            yield rest


def _marked(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    for piece in pieces:
        yield piece, False
    yield b"", True
