"""An import of a token file as a job: what it was ordered to do and how far it is.

Laws: a job writes into the stock only after its whole file was read and found good; what it wrote
and how far it is are committed together, so that it goes on from there after any interruption; a
file is one job at a time, known by its digest.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec


class ImportState(IntEnum):
    """Numbers are stored: for ever."""

    READING = 1  # nothing in the stock yet
    WRITING = 2  # the file was good; chunks go into the stock
    DONE = 3
    REFUSED = 4  # the file was not good; nothing went into the stock
    CANCELLED = 5  # what was in the stock by then stays there


UNFINISHED = (ImportState.READING, ImportState.WRITING)


class ImportOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to read the file and what to make of it. Names of files, never what is in them; "" where
    there is none.
    """

    path: str
    format: str
    type_name: str = ""
    assignments: tuple[str, ...] = ()
    layout: str = ""
    seed_encoding: str = "auto"
    key_file: str = ""
    password_file: str = ""
    private_key_file: str = ""


class ImportReport(msgspec.Struct, frozen=True):
    """What was found in the file. `problems` are the first of `problem_count`."""

    types: dict[str, int] = {}
    there_already: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    problem_count: int = 0


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a job. Times are ms since the epoch."""

    id: int
    institution: str
    file: str
    sha256: bytes
    size: int
    order: ImportOrder
    operator: str
    created_at_ms: int
    changed_at_ms: int
    staged: int = 0
    chunks: int = 0
    moved: int = 0  # chunks
    imported: int = 0
    there: int = 0
    state: ImportState = ImportState.READING
    report: ImportReport = ImportReport()


class StagedToken(msgspec.Struct, frozen=True, gc=False):
    """A token of a file, sealed and complete but for its id. `moving` is where its codes begin."""

    line: int
    moving: int
    valid_from_ms: int
    valid_to_ms: int
    key_id: int
    serial: str
    type_name: str
    overrides: str
    issuer: str
    sealed_seed: bytes


class StagedChunk(msgspec.Struct, frozen=True):
    """What one entry of the log will vouch for: `sha256` is over the facts of its tokens."""

    number: int
    tokens: int
    first: str
    last: str
    sha256: bytes


class Twin(msgspec.Struct, frozen=True):
    """A serial number that a file holds more than once."""

    serial: str
    first_line: int
    last_line: int


class Namesake(msgspec.Struct, frozen=True):
    """A staged token whose serial number is in the stock already, with both sealed seeds."""

    serial: str
    line: int
    key_id: int
    sealed_seed: bytes
    stock_key_id: int
    stock_sealed_seed: bytes
