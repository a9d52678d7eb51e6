"""The kinds of parameters of SMPP 3.4 (§3.1) and the optional ones (§3.2.4), read and packed.

Invariants: nothing is read past the PDU's end; a text is printable ASCII; what is read packs to the
same octets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

_OPTION_HEADER: Final = 4


class FieldError(Exception):
    """A parameter that is not what it should be. Says its name, never its value."""

    def __init__(self, field: str) -> None:
        super().__init__(f"bad parameter: {field}")
        self.field = field


class Reader:
    """A place in one PDU."""

    __slots__ = ("_at", "_raw")

    def __init__(self, raw: bytes, at: int) -> None:
        self._raw, self._at = raw, at

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._raw)

    def take(self, name: str, size: int) -> bytes:
        end = self._at + size
        if end > len(self._raw):
            raise FieldError(name)
        piece = self._raw[self._at : end]
        self._at = end
        return piece

    def take_until_nul(self, name: str, most: int) -> bytes:
        """Octets before the next NUL, which must come within `most`."""
        end = self._raw.find(0, self._at, self._at + most)
        if end < 0:
            raise FieldError(name)
        piece = self._raw[self._at : end]
        self._at = end + 1
        return piece


class Field(Protocol):
    """One mandatory parameter."""

    def pack(self, name: str, value: object) -> bytes:
        """Raises FieldError."""
        ...

    def read(self, name: str, reader: Reader) -> object:
        """Raises FieldError."""
        ...


class CString:
    """C-Octet String: at most `size` octets with its NUL."""

    __slots__ = ("_size",)

    def __init__(self, size: int) -> None:
        self._size = size

    def pack(self, name: str, value: object) -> bytes:
        if not isinstance(value, str) or len(value) >= self._size or not _printable(value):
            raise FieldError(name)
        return value.encode("ascii") + b"\0"

    def read(self, name: str, reader: Reader) -> str:
        text = reader.take_until_nul(name, self._size).decode("latin-1")
        if not _printable(text):
            raise FieldError(name)
        return text


class Octets:
    """A length of one octet and so many octets, at most `most`."""

    __slots__ = ("_most",)

    def __init__(self, most: int) -> None:
        self._most = most

    def pack(self, name: str, value: object) -> bytes:
        if not isinstance(value, bytes) or len(value) > self._most:
            raise FieldError(name)
        return bytes((len(value),)) + value

    def read(self, name: str, reader: Reader) -> bytes:
        size = reader.take(name, 1)[0]
        if size > self._most:
            raise FieldError(name)
        return reader.take(name, size)


class _U8:
    __slots__ = ()

    def pack(self, name: str, value: object) -> bytes:
        if not isinstance(value, int) or not 0 <= value <= 0xFF:
            raise FieldError(name)
        return bytes((value,))

    def read(self, name: str, reader: Reader) -> int:
        return reader.take(name, 1)[0]


U8: Final = _U8()


def pack_options(options: Mapping[int, bytes]) -> bytes:
    """In the order given. Raises FieldError when a value is too long."""
    for value in options.values():
        if len(value) > 0xFFFF:
            raise FieldError("optional parameter")
    return b"".join(
        tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value
        for tag, value in options.items()
    )


def read_options(reader: Reader) -> dict[int, bytes]:
    """All that is left of the PDU."""
    found: dict[int, bytes] = {}
    while not reader.at_end:
        header = reader.take("optional parameter", _OPTION_HEADER)
        value = reader.take("optional parameter", int.from_bytes(header[2:], "big"))
        found.setdefault(int.from_bytes(header[:2], "big"), value)
    return found


def _printable(text: str) -> bool:
    return text.isascii() and text.isprintable()
