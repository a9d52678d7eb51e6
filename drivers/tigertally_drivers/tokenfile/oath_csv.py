"""OATH CSV, which many servers exchange: serial, seed, type, digits, and for totp the time step,
for hotp the next counter; for ocra the suite stands in place of the digits.

The seed is hex or base32. A first row with the word "serial" names the columns instead; they may
then come in any order and be more: hash, counter, suite, valid_from, valid_to, issuer. Blank lines
and those that begin with # are passed over. Knows nothing of stores or engines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from tigertally_drivers.tokenfile.cells import ALGORITHMS, Encoding
from tigertally_drivers.tokenfile.csv_rows import ROW, Dialect, Row, read_rows
from tigertally_drivers.tokenfile.csv_tokens import RowTokens
from tigertally_drivers.tokenfile.keys import NO_KEYS
from tigertally_drivers.tokenfile.records import Item, TokenFileError
from tigertally_drivers.tokenfile.vendor_layout import COLUMNS, Layout, SeedSection

_TIMED: Final = {"serial": 0, "seed": 1, "algorithm": 2, "digits": 3, "step": 4}
_COUNTED: Final = {"serial": 0, "seed": 1, "algorithm": 2, "digits": 3, "counter": 4}
_ASKED: Final = {"serial": 0, "seed": 1, "algorithm": 2, "suite": 3, "counter": 4}
_ALSO: Final = {"type": "algorithm", "secret": "seed", "timestep": "step", "time step": "step"}


def read_oath_csv(pieces: Iterable[bytes], encoding: Encoding = "auto") -> Iterator[Item]:
    """The tokens in the order of the file; `encoding` is that of the seeds.

    Lazy: consume all of it before you act. Raises TokenFileError where the file as a whole is at
    fault.
    """
    layout = Layout(columns={}, seed=SeedSection(encoding=encoding))
    rows = read_rows(pieces, Dialect())
    first = next(rows, None)
    if first is None:
        return
    columns = _named_columns(first)
    if columns is not None:
        named = RowTokens(columns, layout, NO_KEYS)
        yield from map(named.read, rows)
        return
    timed, counted, asked = (
        RowTokens(order, layout, NO_KEYS) for order in (_TIMED, _COUNTED, _ASKED)
    )
    readers = {"hotp": counted, "ocra": asked}
    for row in chain((first,), rows):
        if not 3 <= len(row.cells) <= len(_TIMED):
            yield TokenFileError(row.line, ROW, f"must hold 3 to {len(_TIMED)} cells")
        else:
            kind = ALGORITHMS.get(row.cells[2].lower(), "")
            yield readers.get(kind, timed).read(row)


def _named_columns(row: Row) -> dict[str, int] | None:
    """None where the row is no header."""
    names = [cell.lower() for cell in row.cells]
    if "serial" not in names:
        return None
    found = {_ALSO.get(name, name): at for at, name in enumerate(names)}
    if len(found) < len(names) or set(found) - set(COLUMNS) or "seed" not in found:
        reason = f"must name serial, seed and what else there is of {', '.join(COLUMNS)}, once each"
        raise TokenFileError(row.line, "header", reason)
    return found
