"""Octets to PDUs.

Law: whatever octets come, in whatever pieces, the result is PDUs or one `FramingError`, the same
for every way of cutting; after the error nothing more comes. No more than one unfinished PDU is
kept beyond what was fed, and a PDU of a size no SMSC has a use for is never waited for.
"""

from __future__ import annotations

from typing import Final

from tigertally_drivers.sms.smpp.pdu import HEADER_BYTES, Pdu, decode

PDU_BYTES_MAX: Final = 70_000
"""A DELIVER_SM with the largest optional parameter, 65 535 octets, and room for the others."""


class FramingError(Exception):
    """A length that can't be one: nobody knows where the next PDU begins."""


class PduReader:
    """Feed it; take PDUs until there is none."""

    __slots__ = ("_broken", "_buffer")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._broken = False

    def feed(self, octets: bytes | bytearray) -> None:
        self._buffer += octets

    def next_pdu(self) -> Pdu | None:
        """The next whole one. Raises `FramingError`."""
        if self._broken:
            raise FramingError
        if len(self._buffer) < 4:
            return None
        length = int.from_bytes(self._buffer[:4], "big")
        if not HEADER_BYTES <= length <= PDU_BYTES_MAX:
            self._broken = True
            self._buffer.clear()
            raise FramingError
        if len(self._buffer) < length:
            return None
        raw = bytes(self._buffer[:length])
        del self._buffer[:length]
        return decode(raw)
