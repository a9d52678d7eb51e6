"""A manufacturer's delimited file, read as a `Layout` describes it.

Knows nothing of stores or engines. A bad row is given as a fault in its place; a missing column or
key, and what is no text of the charset, end the reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tigertally_drivers.tokenfile.csv_rows import Row, read_rows
from tigertally_drivers.tokenfile.csv_tokens import RowTokens
from tigertally_drivers.tokenfile.keys import NO_KEYS, TransportKeys
from tigertally_drivers.tokenfile.records import Item, TokenFileError
from tigertally_drivers.tokenfile.vendor_layout import Layout


def read_vendor_csv(
    pieces: Iterable[bytes], layout: Layout, keys: TransportKeys = NO_KEYS
) -> Iterator[Item]:
    """The tokens in the order of the file.

    Lazy: consume all of it before you act. Raises TokenFileError where the file as a whole is at
    fault.
    """
    rows = read_rows(pieces, layout.file.dialect)
    header = next(rows, None) if layout.file.header else None
    tokens = RowTokens(_columns(layout, header), layout, keys)
    for row in rows:
        yield tokens.read(row)


def _columns(layout: Layout, header: Row | None) -> dict[str, int]:
    """Where each part is, from 0."""
    places: dict[str, int] = {}
    for part, place in layout.columns.items():
        if isinstance(place, int):
            places[part] = place - 1
        elif header is not None and header.cells.count(place) == 1:
            places[part] = header.cells.index(place)
        else:
            line = header.line if header else 1
            raise TokenFileError(line, "header", f"must name the column of {part} once")
    return places
