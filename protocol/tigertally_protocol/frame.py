"""Bytes to frames. The size of a frame comes from its message type's row, never from the peer.

`FrameReader.feed` only stores; `next_frame` cuts. Law: whatever bytes come, in whatever pieces, the
result is frames or one `FrameError`, the same for every way of cutting; after the error nothing
more comes. At most one unfinished frame is kept beyond what was fed. Knows nothing of keys or
sessions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import (
    FLAG_RETRY,
    FLAG_SEALED,
    HEADER_LENGTH,
    MAGIC,
    REJECT_LENGTH,
)
from tigertally_protocol.errors import FrameError
from tigertally_protocol.header import Header, decode_header
from tigertally_protocol.registry import KNOWN, MESSAGES, MessageType
from tigertally_protocol.transactions import Kind

_RESPONSE: Final = int(Kind.RESPONSE)
_REJECT: Final = int(Kind.REJECT)
_MAGIC: Final = MAGIC.to_bytes(2, "big")


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One whole frame as it came; nothing in it is proven yet.

    Attributes:
        message_type: the row of the registry; None for rejects, which have no body.
        raw: all of its bytes.
    """

    header: Header
    message_type: MessageType | None
    raw: bytes

    def __repr__(self) -> str:  # `raw` may hold secrets in the clear
        return f"Frame({self.header!r})"


def check_header(header: Header, kinds: frozenset[int]) -> MessageType | None:
    """The row of a frame with this header; None for a reject.

    Raises:
        FrameError: a kind not accepted here, an unknown transaction or schema, a wrong length,
        flags
            that mean nothing here, or a result in what is no response.
    """
    if header.kind not in kinds:
        raise FrameError(ResponseCode.BAD_HEADER, header)
    if header.kind == _REJECT:
        if header.total_length != REJECT_LENGTH:
            raise FrameError(ResponseCode.BAD_LENGTH, header)
        return None
    row = MESSAGES.get((header.transaction, header.kind, header.schema))
    if row is None:
        known = (header.transaction, header.kind) in KNOWN
        raise FrameError(
            ResponseCode.UNKNOWN_SCHEMA if known else ResponseCode.UNKNOWN_TRANSACTION, header
        )
    if header.total_length != row.frame_size:
        raise FrameError(ResponseCode.BAD_LENGTH, header)
    if header.kind != _RESPONSE and header.return_code:
        raise FrameError(ResponseCode.BAD_HEADER, header)
    if header.flags and not _flags_fit(header, row):
        raise FrameError(ResponseCode.BAD_HEADER, header)
    return row


def _flags_fit(header: Header, row: MessageType) -> bool:
    """SEALED only where there is something to seal, RETRY only in requests."""
    return (row.has_secrets or not header.flags & FLAG_SEALED) and (
        header.kind == Kind.REQUEST or not header.flags & FLAG_RETRY
    )


class FrameReader:
    """Cuts a stream into frames.

    Args:
        kinds: which kinds of frame this side takes; others are errors, so that a frame sent back to
            its sender is one.
    """

    __slots__ = ("_buffer", "_chunks", "_error", "_kinds", "_offset", "_pending")

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._kinds = frozenset(int(kind) for kind in kinds)
        self._buffer = b""
        self._offset = 0
        self._chunks: list[bytes] = []
        self._pending: tuple[Header, MessageType | None] | None = None  # header read, body not
        self._error: FrameError | None = None

    def feed(self, data: bytes) -> None:
        """Store what came from the socket."""
        if self._error is None and data:
            self._chunks.append(data)

    def next_frame(self) -> Frame | None:
        """The next whole frame, or None until more is fed.

        Raises:
            FrameError: the stream can't be read on. The same error again at every later call.
        """
        if self._error is not None:
            raise self._error
        if self._chunks:
            # One join per feed, of at most one unfinished frame and what is new.
            self._buffer = b"".join((self._buffer[self._offset :], *self._chunks))
            self._offset = 0
            self._chunks.clear()
        try:
            return self._cut()
        except FrameError as error:
            self._error = error
            self._buffer, self._offset = b"", 0
            raise

    def _cut(self) -> Frame | None:
        buffer, start = self._buffer, self._offset
        if self._pending is None:
            if len(buffer) - start < HEADER_LENGTH:
                # Say at once that this is no peer of ours: it may never send 64 bytes.
                if not _MAGIC.startswith(buffer[start : start + 2]):
                    raise FrameError(ResponseCode.BAD_MAGIC)
                return None
            header = decode_header(buffer, start)
            row = check_header(header, self._kinds)
        else:
            header, row = self._pending
        end = start + header.total_length
        if len(buffer) < end:
            self._pending = (header, row)
            return None
        self._pending = None
        self._offset = end
        return Frame(header, row, buffer[start:end])

    @property
    def unfinished(self) -> bool:
        """Whether a frame has begun and not ended (for the shell's slow-sender limit)."""
        return len(self._buffer) > self._offset or bool(self._chunks)
