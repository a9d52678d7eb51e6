"""The master key as software: read from a file or derived from a passphrase, used through `seal`
and `open` only.

The master key is the root of the key hierarchy: it wraps data keys, which seal seeds and personal
data. Losing it loses every seed, so the file is never overwritten here, and `check_value` lets a
server refuse a key that is not the one its database was sealed under.

Sealed form: nonce (12) ‖ AES-256-GCM ciphertext ‖ tag (16). With random nonces one key may seal
2**32 times (NIST SP 800-38D §8.3); a master key only wraps data keys and stays orders of magnitude
below that.

Knows nothing of rows, tables or tokens: the caller's `aad` names the place, and a sealed value
moved to another place does not open. No key bytes appear in a repr, an error or a log line.
"""

from __future__ import annotations

import hmac
import os
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tigertally_drivers.errors import Rejected
from tigertally_drivers.ports import Entropy
from tigertally_drivers.system.entropy import SystemEntropy

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
OVERHEAD: Final = NONCE_BYTES + TAG_BYTES
MINIMUM_SALT_BYTES: Final = 16
MINIMUM_PASSPHRASE_CHARACTERS: Final = 12

_FILE_HEADER: Final = "tigertally-master-key-v1:"
_CHECK_LABEL: Final = b"tigertally master key check value"


class KeyStoreError(Rejected):
    """A key is missing, malformed, badly guarded, or not the one that sealed a value."""


class MasterKey:
    """Thirty-two bytes that never show themselves. Thread-safe."""

    __slots__ = ("_aead", "_check_value", "_entropy")

    def __init__(self, key: bytes, entropy: Entropy | None = None) -> None:
        if len(key) != KEY_BYTES:
            raise KeyStoreError(f"a master key has {KEY_BYTES} bytes, this one has {len(key)}")
        self._aead = AESGCM(key)
        self._entropy = entropy or SystemEntropy()
        self._check_value = hmac.digest(key, _CHECK_LABEL, "sha256")[:3].hex()

    def __repr__(self) -> str:
        return f"<MasterKey {self._check_value}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a master key is not copied or pickled")

    @property
    def check_value(self) -> str:
        return self._check_value

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        nonce = self._entropy.token_bytes(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        if len(sealed) < OVERHEAD:
            raise KeyStoreError("sealed value is too short: the row is damaged")
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
        except InvalidTag:
            raise KeyStoreError(
                f"sealed value does not open under master key {self._check_value}: "
                "another key sealed it, or the row was altered"
            ) from None


def check_value(master: MasterKey) -> str:
    """Six hexadecimal digits that tell two master keys apart; safe to print and to store."""
    return master.check_value


def derive_master_key(passphrase: str, salt: bytes, entropy: Entropy | None = None) -> MasterKey:
    """Derive by scrypt (RFC 7914), N=2**15, r=8, p=1: 32 MiB and about 0.1 s, once per start."""
    if len(passphrase) < MINIMUM_PASSPHRASE_CHARACTERS:
        raise KeyStoreError(
            f"the master passphrase is shorter than {MINIMUM_PASSPHRASE_CHARACTERS} characters"
        )
    if len(salt) < MINIMUM_SALT_BYTES:
        raise KeyStoreError(
            f"the master passphrase's salt is shorter than {MINIMUM_SALT_BYTES} bytes"
        )
    kdf = Scrypt(salt=salt, length=KEY_BYTES, n=1 << 15, r=8, p=1)
    return MasterKey(kdf.derive(passphrase.encode("utf-8")), entropy)


def create_master_key_file(path: Path, entropy: Entropy) -> MasterKey:
    """Write a new key to `path`, mode 0600, and return the key.

    Refuses to overwrite: a lost master key loses every seed. The file and its folder are flushed to
    the disk before this returns, so that no database is sealed under a key that a power cut can
    take away.
    """
    return write_master_key_file(path, entropy.token_bytes(KEY_BYTES), entropy)


def write_master_key_file(path: Path, key: bytes, entropy: Entropy | None = None) -> MasterKey:
    """The same with a key from elsewhere (its custodians' components)."""
    master = MasterKey(key, entropy)
    unfinished = path.with_name(path.name + ".unfinished")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        unfinished.unlink(missing_ok=True)  # of a start that was cut off; it never had the name
        with os.fdopen(os.open(unfinished, flags, 0o600), "w", encoding="ascii") as file:
            file.write(f"{_FILE_HEADER}{key.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, path)  # whole or not at all, and never over another
        finally:
            unfinished.unlink()
        _flush_folder(path.parent)
    except FileExistsError:
        raise KeyStoreError(f"{path} exists; a master key is never overwritten") from None
    except OSError as problem:
        raise KeyStoreError(f"cannot create {path}: {problem.strerror}") from None
    return master


def load_master_key(path: Path, entropy: Entropy | None = None) -> MasterKey:
    """The key in `path`.

    Raises `KeyStoreError` when it is missing, malformed, or readable by others than its owner.
    """
    try:
        # Not blocking: a named pipe in the file's place must not hold the start up.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise KeyStoreError(
            f"no master key at {path}; restore it from its backup, or name another file"
        ) from None
    except OSError as problem:
        raise KeyStoreError(f"cannot read {path}: {problem.strerror}") from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise KeyStoreError(f"{path} is not a regular file")
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyStoreError(f"{path} is open to other users; run: chmod 600 {path}")
        content = os.read(descriptor, len(_FILE_HEADER) + 2 * KEY_BYTES + 2)
    finally:
        os.close(descriptor)
    return MasterKey(_parse(content.decode("ascii", "replace").strip(), path), entropy)


def _parse(text: str, path: Path) -> bytes:
    if text.startswith(_FILE_HEADER):
        try:
            key = bytes.fromhex(text.removeprefix(_FILE_HEADER))
        except ValueError:
            key = b""
        if len(key) == KEY_BYTES:
            return key
    raise KeyStoreError(
        f"{path} is not a master key file, or is damaged; restore it from its backup"
    )


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
