"""Reading a driver's section of the configuration: what all drivers have in common.

Invariants: a wrong setting is `Rejected` with its key's name and never its value, for the value may
be a secret. Secrets come by file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from tigertally_drivers.errors import Rejected

S = TypeVar("S", bound=msgspec.Struct)
SECRET_BYTES: Final = 4_096


def read_settings(section: Mapping[str, object], kind: type[S]) -> S:
    """The section as a record. Raises `Rejected` naming the key that is unknown or ill-typed."""
    try:
        return msgspec.convert(section, kind)
    except msgspec.ValidationError as problem:
        raise Rejected(str(problem)) from None


def read_secret(file: str, state_dir: Path) -> str:
    """The text in `file` without the newline at its end; "" for no file. Raises `Rejected`."""
    if not file:
        return ""
    path = state_dir / file
    try:
        if path.stat().st_mode & 0o077:
            raise Rejected(f"{path} is open to other users; run: chmod 600 {path}")
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise Rejected(f"{path}: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise Rejected(f"{path}: is not UTF-8") from None
    if len(text) > SECRET_BYTES:
        raise Rejected(f"{path}: is no secret, it is too long")
    return text.rstrip("\r\n")
