"""A token file on its way in: read in pieces, hashed as it is read, its items one by one.

Which formats there are is one table. Knows neither jobs nor rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from tigertally_drivers.tokenfile.cells import Encoding
from tigertally_drivers.tokenfile.keys import SecretFileError, TransportKeys, load_keys
from tigertally_drivers.tokenfile.oath_csv import read_oath_csv
from tigertally_drivers.tokenfile.pskc import read_pskc
from tigertally_drivers.tokenfile.records import Item
from tigertally_drivers.tokenfile.vendor_csv import read_vendor_csv
from tigertally_drivers.tokenfile.vendor_layout import LayoutError, load_layout
from tigertally_server.cli.output import CommandError
from tigertally_server.domain.import_job import ImportOrder

PIECE: Final = 1 << 18  # bytes


@dataclass(slots=True)
class Source:
    """A file being read: how far, and the digest of what was read."""

    path: Path
    position: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256, repr=False)

    def pieces(self) -> Iterator[bytes]:
        """Raises CommandError."""
        try:
            with self.path.open("rb") as stream:
                while piece := stream.read(PIECE):
                    self.digest.update(piece)
                    self.position += len(piece)
                    yield piece
        except OSError as problem:
            raise CommandError(f"cannot read {self.path}: {problem.strerror}") from None


def fingerprint(path: Path) -> tuple[bytes, int]:
    """SHA-256 and length of a file. Raises CommandError."""
    source = Source(path)
    for _ in source.pieces():
        pass
    return source.digest.digest(), source.position


Reader = Callable[[Iterable[bytes], TransportKeys, ImportOrder], Iterator[Item]]


def _pskc(pieces: Iterable[bytes], keys: TransportKeys, _order: ImportOrder) -> Iterator[Item]:
    return read_pskc(pieces, keys)


def _oath_csv(pieces: Iterable[bytes], _keys: TransportKeys, order: ImportOrder) -> Iterator[Item]:
    return read_oath_csv(pieces, cast("Encoding", order.seed_encoding))


def _csv(pieces: Iterable[bytes], keys: TransportKeys, order: ImportOrder) -> Iterator[Item]:
    return read_vendor_csv(pieces, load_layout(Path(order.layout)), keys)


FORMATS: Final[dict[str, Reader]] = {"pskc": _pskc, "oath-csv": _oath_csv, "csv": _csv}


def check_order(order: ImportOrder) -> TransportKeys:
    """The secrets that the order names, read; and what can be said before the file is. Raises
    CommandError.
    """
    if (order.format == "csv") != bool(order.layout):
        raise CommandError("format csv needs --layout, and only that one: it says what is where")
    try:
        if order.layout:
            load_layout(Path(order.layout))
        return load_keys(
            *(
                Path(name) if name else None
                for name in (order.key_file, order.password_file, order.private_key_file)
            )
        )
    except (SecretFileError, LayoutError) as problem:
        raise CommandError(str(problem)) from None


def read_items(source: Source, order: ImportOrder, keys: TransportKeys) -> Iterator[Item]:
    """Raises TokenFileError where the rest can't be read, and CommandError."""
    return FORMATS[order.format](source.pieces(), keys, order)
