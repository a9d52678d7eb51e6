"""One log's folder outside the database, as foreign tools read it (https://c2sp.org/tlog-tiles)::

    checkpoint                      the signed note of the tree that the tiles make up
    tile/<level>/<index>[.p/<width>]
    tile/entries/<index>[.p/<width>]    the log of rounds only: u16 length and record, each

Tiles are written first, the checkpoint by rename after them, so that whoever reads a checkpoint
finds its tiles. Nothing is flushed to disk here: the signed notes' own file (``audit.outside``) is,
and tiles that a power cut took are made again from the rows (``app.publishing``). Partial tiles go
when their full one is there.

Knows files and names, neither keys nor what a hash stands for.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from tigertally_server.audit.tiles import WIDTH, Tile, TileError, tile_name

HASH: Final = 32
NOTE_MAX: Final = 65_536
_LENGTH: Final = 2


class TileFolder:
    """See the module's text. Raises OSError where the folder can't be used."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path

    def read(self, level: int, index: int, width: int) -> bytes:
        """A tile's bytes; a full one stands in for a partial one. Raises TileError."""
        name = tile_name(level, index, width)
        for candidate in (name, tile_name(level, index)):
            try:
                data = (self.path / "tile" / candidate).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as problem:
                raise TileError(name, f"can't be read: {problem.strerror}") from None
            expected = HASH * (width if candidate == name else WIDTH)
            if len(data) != expected:
                raise TileError(candidate, f"has {len(data)} bytes instead of {expected}")
            return data[: HASH * width]
        raise TileError(name, "is missing")

    def write(self, tiles: list[Tile]) -> None:
        """Writes tiles; partial ones of the same place go where a full one came."""
        for tile in tiles:
            self._put(Path("tile") / tile.name, tile.hashes)
            if tile.width == WIDTH:
                shutil.rmtree(self.path / "tile" / f"{tile.name}.p", ignore_errors=True)

    def write_entries(self, index: int, entries: list[bytes]) -> None:
        """One bundle of the entries of level-0 tile `index`."""
        data = b"".join(len(entry).to_bytes(_LENGTH, "big") + entry for entry in entries)
        name = tile_name("entries", index, len(entries))
        self._put(Path("tile") / name, data)
        if len(entries) == WIDTH:
            shutil.rmtree(self.path / "tile" / f"{name}.p", ignore_errors=True)

    def checkpoint(self) -> str | None:
        """The signed note, unverified; None where there is none that can be read as text."""
        try:
            with (self.path / "checkpoint").open("rb") as file:
                return file.read(NOTE_MAX).decode()
        except (FileNotFoundError, UnicodeDecodeError):
            return None

    def write_checkpoint(self, note: str) -> None:
        """Replaces the checkpoint in one step."""
        self._put(Path("checkpoint"), note.encode())

    def _put(self, name: Path, data: bytes) -> None:
        target = self.path / name
        fresh = target.with_name(target.name + ".new")
        try:
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:
            target.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
        fresh.replace(target)
