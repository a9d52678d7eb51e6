"""The bank's own list of passwords that nobody may have (leaked ones, say), beside the built-in
one: a UTF-8 file, one a line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tigertally_engines.password.words import block_list
from tigertally_server.services.context import COMMON_PASSWORDS
from tigertally_server.services.installation import InstallationError

LARGEST_BYTES: Final = 16 << 20


def blocked_passwords(file: str) -> frozenset[str]:
    """`file`: "" for none of the bank's own. Raises InstallationError."""
    if not file:
        return COMMON_PASSWORDS
    path = Path(file)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InstallationError(f"passwords.block_list: {path} is larger than 16 MiB")
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as problem:
        raise InstallationError(f"passwords.block_list: {path}: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise InstallationError(
            f"passwords.block_list: {path} is not UTF-8 at byte {problem.start}"
        ) from None
    return COMMON_PASSWORDS | block_list(line.strip() for line in lines if line.strip())
