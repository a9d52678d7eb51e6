"""The secrets that open a token file: a password, transport keys, a private key, read from files of
their own.

A key file holds one key as hexadecimal digits, or several, a line each, as `name = digits`; `#`
begins a comment. All of these files must be readable by their owner only, like every file with a
secret. Nothing here appears in a repr or an error.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tigertally_drivers.errors import Rejected

LONGEST_FILE: Final = 65_536  # bytes
_LINE: Final = re.compile(r"(?:(?P<name>[^=]*?)\s*=\s*)?(?P<digits>(?:[0-9A-Fa-f]{2}[ \t]*)+)")


class SecretFileError(Rejected):
    """A file with a secret is missing, malformed, or open to others."""


@dataclass(frozen=True, slots=True)
class TransportKeys:
    """What the operator was given beside the token file.

    Attributes:
        password: From which a key is derived; empty = none given.
        keys: By name; the one named "" serves for every name.
        private_key: For files under a certificate of ours.
    """

    password: bytes = field(default=b"", repr=False)
    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    private_key: RSAPrivateKey | None = field(default=None, repr=False)

    def key(self, name: str) -> bytes | None:
        """The key of that name, or the nameless one."""
        return self.keys.get(name) or self.keys.get("")


NO_KEYS: Final = TransportKeys()


def load_keys(
    key_file: Path | None, password_file: Path | None, private_key_file: Path | None
) -> TransportKeys:
    """What the named files hold. Raises SecretFileError."""
    return TransportKeys(
        password=read_password(password_file) if password_file else b"",
        keys=parse_keys(_read(key_file), str(key_file)) if key_file else {},
        private_key=_private_key(private_key_file) if private_key_file else None,
    )


def read_password(path: Path) -> bytes:
    """The file without the end of its line; blanks are part of a password.

    Raises SecretFileError.
    """
    password = _read(path).removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
    if not password:
        raise SecretFileError(f"{path} is empty; it should hold a password")
    return password


def parse_keys(content: bytes, where: str) -> dict[str, bytes]:
    """The keys of a key file by name. Raises SecretFileError."""
    keys: dict[str, bytes] = {}
    text = content.decode("utf-8-sig", "replace")
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        match = _LINE.fullmatch(bare)
        name = ((match and match["name"]) or "").strip()
        if match is None or name in keys:
            raise SecretFileError(
                f"{where}, line {number}: write a key as hexadecimal digits, or as name = digits, "
                "each name once"
            )
        keys[name] = bytes.fromhex(match["digits"])
    if not keys:
        raise SecretFileError(f"{where} holds no key")
    return keys


def _private_key(path: Path) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(_read(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SecretFileError(f"{path} is not a private key in PEM without a password") from None
    if not isinstance(key, RSAPrivateKey):
        raise SecretFileError(f"{path} is not an RSA key")
    return key


def _read(path: Path) -> bytes:
    """Refuses what others may read, like the master key's file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        raise SecretFileError(f"cannot read {path}: {problem.strerror}") from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise SecretFileError(f"{path} is not a regular file")
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SecretFileError(f"{path} is open to other users; run: chmod 600 {path}")
        content = os.read(descriptor, LONGEST_FILE + 1)
    finally:
        os.close(descriptor)
    if len(content) > LONGEST_FILE:
        raise SecretFileError(f"{path} is longer than {LONGEST_FILE} bytes")
    return content
