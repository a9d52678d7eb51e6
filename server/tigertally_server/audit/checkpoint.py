"""Checkpoints: a shard's size and root, signed; and the append-only file that keeps them outside.

A checkpoint is a signed note (``audit.note``) whose text follows https://c2sp.org/tlog-checkpoint::

    tigertally/<installation id>/<shard>
    <size>
    <base64 root>
    time <ms since 1970-01-01 UTC>
    previous <base64 SHA-256 of the previous checkpoint's text; 32 zero bytes for the first>

The chain is over texts, not whole notes, so that a witness may add a signature later. The key
name equals the origin (as the C2SP document advises); one Ed25519 key serves all shards.

The outside file is notes one after another, each followed by an empty line: of every round the
checkpoints of the shards that grew, then the one of the log of rounds (``audit.rounds``); changes
of the key (``audit.keychange``). A note cut by a crash is named and passed over; the writer
(``audit.outside``) closes it with an empty line.

Invariants: a checkpoint is signed over a *committed* head only, and written to the database first,
then to the file: so each note of the file has its twin in the database.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Self

import msgspec

from tigertally_server.audit.keychange import parse_change
from tigertally_server.audit.note import (
    SIGNATURE_MARK,
    NoteError,
    NoteSigner,
    VerifierKey,
    decode_base64,
    encode_base64,
    open_note,
    split_note,
)
from tigertally_server.audit.rounds import parse_rounds_checkpoint

NO_PREVIOUS: Final = bytes(32)
"""``previous`` of a shard's first checkpoint."""

MAX_NOTE: Final = 8192
"""Bytes; a longer paragraph of the outside file is no note of ours."""

_TEXT: Final = re.compile(
    r"(?P<origin>tigertally/[^\s+/]+/(?:0|[1-9]\d{0,4}))\n"
    r"(?P<size>0|[1-9]\d{0,18})\n"
    r"(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"time (?P<time>0|[1-9]\d{0,18})\n"
    r"previous (?P<previous>[A-Za-z0-9+/]{43}=)\n",
    re.ASCII,
)


class Checkpoint(msgspec.Struct, frozen=True):
    """What one checkpoint states. ``at_ms``: milliseconds since 1970-01-01 UTC."""

    origin: str
    size: int
    root: bytes
    at_ms: int
    previous: bytes

    def text(self) -> str:
        """Return the lines that are signed."""
        return (
            f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"
            f"time {self.at_ms}\nprevious {encode_base64(self.previous)}\n"
        )

    def digest(self) -> bytes:
        """Return what the next checkpoint's ``previous`` must be: SHA-256 of the text."""
        return hashlib.sha256(self.text().encode()).digest()


def origin_of(installation_id: str, shard: int) -> str:
    """Return the origin line, which is the key name too."""
    return f"tigertally/{installation_id}/{shard}"


def build_checkpoint(
    signer: NoteSigner,
    installation_id: str,
    shard: int,
    *,
    size: int,
    root: bytes,
    at_ms: int,
    previous: bytes = NO_PREVIOUS,
) -> str:
    """Return the signed note of a shard's committed head.

    Args:
        signer: the checkpoint key.
        installation_id: no space, plus, slash or control character.
        shard: 0..65535.
        size: the committed head's.
        root: the committed head's.
        at_ms: now.
        previous: ``digest()`` of the shard's previous checkpoint.
    """
    origin = origin_of(installation_id, shard)
    text = Checkpoint(origin, size, root, at_ms, previous).text()
    parse_text(text)
    return signer.sign(origin, text)


def parse_text(text: str) -> Checkpoint:
    """Read a checkpoint's text. Raises NoteError for anything but its one spelling."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise NoteError("the note's text is no checkpoint of ours")
    root, previous = decode_base64(match["root"]), decode_base64(match["previous"])
    return Checkpoint(match["origin"], int(match["size"]), root, int(match["time"]), previous)


def parse_checkpoint(note: str) -> Checkpoint:
    """Read a note *without* verifying its signature. Raises NoteError."""
    return parse_text(split_note(note)[0])


def verify_checkpoint(note: str, public_key: bytes, origin: str) -> Checkpoint:
    """Return the checkpoint after origin and signature were verified.

    Raises:
        note.SignatureError: well-formed, but not signed by that key.
        NoteError: malformed, or of another origin.
    """
    checkpoint = parse_checkpoint(note)
    if checkpoint.origin != origin:
        raise NoteError("the checkpoint is of another installation or shard")
    open_note(note, VerifierKey(origin, public_key))
    return checkpoint


def smallest_covering(notes: Iterable[str], seq: int) -> str | None:
    """Return the smallest checkpoint whose tree holds entry ``seq``; None when none does yet."""
    best: tuple[int, str] | None = None
    for note in notes:
        size = parse_checkpoint(note).size
        if size > seq and (best is None or size < best[0]):
            best = (size, note)
    return best[1] if best else None


# ------------------------------------------------------------------------------ the outside file


class TornNote(msgspec.Struct, frozen=True):
    """Bytes of the outside file that are no whole note, and where they begin."""

    offset: int
    reason: str


class CheckpointFile:
    """A reader of the outside file, as long as it was when it was opened.

    Each pass reads the file once, in constant memory. Open it *before* the database snapshot is
    taken: a note is written after its commit, so the snapshot then holds all that the file tells.
    """

    def __init__(self, opener: Callable[[], BinaryIO], length: int) -> None:
        self._open: Final = opener
        self._length: Final = length

    @classmethod
    def at(cls, path: Path) -> Self:
        """Read the file at ``path``. Raises OSError."""
        return cls(lambda: path.open("rb"), path.stat().st_size)

    @classmethod
    def tail(cls, path: Path, length: int) -> Self:
        """Read the last ``length`` bytes only; what the cut left of a note is passed over. Raises
        OSError.
        """
        size = path.stat().st_size
        first = max(0, size - length)

        def opener() -> BinaryIO:
            file = path.open("rb")
            file.seek(first)
            return file

        return cls(opener, size - first)

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Read bytes in memory."""
        return cls(lambda: io.BytesIO(data), len(data))

    def notes(self, origin: str | None = None) -> Iterator[str]:
        """Yield the whole notes in file order, unverified; of one origin when given."""
        for _, item in self._items(b"" if origin is None else f"{origin}\n".encode()):
            if isinstance(item, str):
                yield item

    def origins(self) -> set[str]:
        """Return the origin lines of all whole notes."""
        return {note.split("\n", 1)[0] for note in self.notes()}

    def torn(self) -> list[TornNote]:
        """Return what is no whole note: cut by a crash, or damaged."""
        return [
            TornNote(at, item.args[0]) for at, item in self._items() if not isinstance(item, str)
        ]

    def _items(self, start: bytes = b"") -> Iterator[tuple[int, str | NoteError]]:
        """Yield (offset, note or what is wrong with it): two paragraphs make a note.

        Notes that don't begin with ``start`` are passed over before they are looked into.
        """
        held: tuple[int, bytes] | None = None
        mark = SIGNATURE_MARK.encode()[:1]  # one byte of it: the rest may be cut off
        for at, paragraph, closed in self._paragraphs():
            if not paragraph.startswith(mark):
                if held is not None:
                    yield held[0], NoteError("a note without its signature")
                held = (at, paragraph)
                continue
            if held is None:
                yield at, NoteError("a signature without its note")
                continue
            if not held[1].startswith(start):
                pass
            elif closed:
                yield held[0], _whole(held[1] + b"\n" + paragraph)
            else:
                yield held[0], NoteError("the last note is cut")
            held = None
        if held is not None:
            yield held[0], NoteError("the last note is cut")

    def _paragraphs(self) -> Iterator[tuple[int, bytes, bool]]:
        """Yield (offset, lines up to an empty line, whether its last line ended in a newline)."""
        lines: list[bytes] = []
        size = start = at = 0
        with self._open() as file:
            while at < self._length:
                line = file.readline(min(MAX_NOTE, self._length - at))
                if not line:
                    break
                if line != b"\n":
                    start = start if lines else at
                    size += len(line)
                    if size <= MAX_NOTE:
                        lines.append(line)
                elif lines:
                    yield start, b"".join(lines), True
                    lines, size = [], 0
                at += len(line)
        if lines:
            yield start, b"".join(lines), lines[-1].endswith(b"\n")


def _parser_of(note: str) -> Callable[[str], object]:
    """By the last part of its first line, what a note of the outside file should be."""
    kind = note.partition("\n")[0].rpartition("/")[2]
    return {"rounds": parse_rounds_checkpoint, "keys": parse_change}.get(kind, parse_checkpoint)


def _whole(data: bytes) -> str | NoteError:
    try:
        note = data.decode()
        _parser_of(note)(note)
    except UnicodeDecodeError:
        return NoteError("a note that is not UTF-8")
    except NoteError as error:
        return error
    return note
