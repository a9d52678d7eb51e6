"""Labelled keys of devices that store none: a file of blobs under the device's own key.

Its theft is no loss and its loss is one, so it belongs into the backups. Written whole, mode 0600,
renamed into place. Nodes share it by copying: labelled keys change at ceremonies only.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from tigertally_drivers.errors import Misbehaved, Unavailable
from tigertally_drivers.hsm.port import KeyInfo, KeyKind


class KeyBlob(msgspec.Struct, frozen=True):
    """One key; `blob` is enciphered under the LMK."""

    kind: KeyKind
    check_value: str
    blob: bytes
    public: bytes = b""

    def info(self, label: str) -> KeyInfo:
        """As anybody may know it."""
        return KeyInfo(label, self.kind, self.check_value, self.public)


_decode = msgspec.json.Decoder(dict[str, KeyBlob]).decode


class BlobFile:
    """By label. Read anew when the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._keys: dict[str, KeyBlob] = {}

    def get(self, label: str) -> KeyBlob | None:
        """Raises Unavailable, Misbehaved."""
        return self._current().get(label)

    def put(self, label: str, key: KeyBlob | None) -> None:
        """None removes. Raises Unavailable."""
        keys = {name: kept for name, kept in self._current().items() if name != label}
        if key is not None:
            keys[label] = key
        self._write(msgspec.json.format(msgspec.json.encode(keys), indent=2))

    def _current(self) -> dict[str, KeyBlob]:
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_ino)
            if stamp != self._stamp:
                self._keys = _decode(self._path.read_bytes())
                self._stamp = stamp
        except FileNotFoundError:
            self._keys, self._stamp = {}, None
        except OSError as problem:
            raise Unavailable(f"{self._path}: {problem.strerror}") from None
        except (msgspec.DecodeError, ValueError):
            raise Misbehaved(f"{self._path} is not a file of key blobs, or is damaged") from None
        return self._keys

    def _write(self, content: bytes) -> None:
        unfinished = self._path.with_name(self._path.name + ".unfinished")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(unfinished, flags, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._path)
        except OSError as problem:
            raise Unavailable(f"{self._path}: {problem.strerror}") from None
