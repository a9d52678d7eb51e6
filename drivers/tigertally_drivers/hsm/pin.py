"""The PIN of a device, from a file or the environment: never from the configuration itself, a
command line or a log.

It is read at each connection anew, so that a mended file acts without a start of the server.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tigertally_drivers.errors import Unavailable

_LONGEST: Final = 256


class Pin:
    """Bytes that never show themselves."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """For the device alone."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pin) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Pin(«secret»)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a PIN is not copied or pickled")


PinSource = Callable[[], Pin]
"""Reads the PIN. Raises Unavailable, naming the place and never the contents."""


def pin_from_file(path: Path) -> PinSource:
    """One line, in a regular file that only its owner may read."""

    def read() -> Pin:
        try:
            # Not blocking: a named pipe in the file's place must not hold anybody up.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as problem:
            raise Unavailable(f"PIN file {path}: {problem.strerror}") from None
        try:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise Unavailable(f"PIN file {path} is not a regular file")
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise Unavailable(f"PIN file {path} is open to other users; run: chmod 600 {path}")
            return _checked(os.read(descriptor, _LONGEST + 2), f"PIN file {path}")
        finally:
            os.close(descriptor)

    return read


def pin_from_environment(name: str, environment: Mapping[str, str] = os.environ) -> PinSource:
    """A variable of the process."""

    def read() -> Pin:
        value = environment.get(name)
        if value is None:
            raise Unavailable(f"the environment has no {name}, which is to hold the PIN")
        return _checked(value.encode(), f"the environment's {name}")

    return read


def _checked(octets: bytes, where: str) -> Pin:
    value = octets.rstrip(b"\r\n")
    if not 1 <= len(value) <= _LONGEST or b"\n" in value:
        raise Unavailable(f"{where} holds no PIN: one line of at most {_LONGEST} bytes")
    return Pin(value)
