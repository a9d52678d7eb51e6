"""Where the master key comes from: a key file, a passphrase, two or three components; and the file
of the next one beside it, while it is being replaced.

The database knows the check value of the master key in force. So the files need no order of their
own: `X.next` is prepared first, the database then changes over in one transaction, and whoever
opens the installation afterwards takes whichever file fits, and moves the next one into place. A
crash at any step leaves exactly one file that fits. The one that was replaced stays as
`X.old-1`, until an operator destroys it: backups of before need it.

A key in an HSM (`app.device`) has no file: generations stand beside one another in the device,
and the check value says which is in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from tigertally_drivers.errors import DriverError
from tigertally_drivers.hsm.blocking import BlockingHsm
from tigertally_drivers.keys.components import load_components
from tigertally_drivers.keys.software import (
    create_master_key_file,
    derive_master_key,
    load_master_key,
)
from tigertally_drivers.ports import Entropy, SealingKey
from tigertally_server.app.device import hsm_master_key, next_hsm_master_key
from tigertally_server.config import Config
from tigertally_server.services.installation import InstallationError, check_master_key
from tigertally_server.store.installation import Installation

SALT_BYTES: Final = 16
NEXT: Final = ".next"
_WHERE_IN_HSM: Final = "in the HSM"


@dataclass(frozen=True, slots=True)
class Master:
    """`salt` is empty where no passphrase is; `where` is for people; `files` are what it was
    read from.
    """

    key: SealingKey
    salt: bytes
    where: str
    files: tuple[Path, ...] = field(default=())


def master_in_force(
    config: Config,
    row: Installation | None,
    entropy: Entropy,
    device: BlockingHsm | None = None,
) -> Master:
    """The master key that this database's keys are sealed under; at the first start, where it is a
    file or in the HSM, a new one. Raises DriverError, InstallationError.
    """
    if config.keys.master_hsm_label:
        if row is not None and row.master_salt:
            raise InstallationError("this system's master key is a passphrase, not in an HSM")
        key = hsm_master_key(config, device, None if row is None else row.master_check)
        return Master(key, b"", _WHERE_IN_HSM)
    if row is None:
        return _first(config, entropy)
    _fitting_kind(config, row)
    files = master_files(config)
    problem: DriverError | InstallationError | None = None
    for candidate in _candidates(files):
        try:
            master = _load(config, candidate, row.master_salt)
            check_master_key(row, master.key, master.where)
        except (DriverError, InstallationError) as why:
            problem = problem or why
            continue
        if candidate != files:
            with suppress(OSError):  # a folder that may not be written: found again each time
                promote_next(files)
            return Master(master.key, master.salt, ", ".join(map(str, files)), files)
        return master
    assert problem is not None
    raise problem


def master_files(config: Config) -> tuple[Path, ...]:
    """The files that the configuration names."""
    keys = config.keys
    if keys.master_hsm_label:
        return ()
    if keys.master_component_files:
        return tuple(map(Path, keys.master_component_files))
    if keys.master_passphrase_file:
        return (Path(keys.master_passphrase_file),)
    return (config.master_key_file,)


def named_by_passphrase(config: Config, salt: bytes) -> Master:
    """What the configured passphrase gives with this salt, in force or not. Raises DriverError,
    InstallationError.
    """
    return _load(config, master_files(config), salt)


def next_files(files: tuple[Path, ...]) -> tuple[Path, ...]:
    """Where the successor is prepared."""
    return tuple(path.with_name(path.name + NEXT) for path in files)


def load_next(
    config: Config, salt: bytes, in_force: bytes = b"", device: BlockingHsm | None = None
) -> Master:
    """The prepared successor; in an HSM one is made, beside the one with the check value
    `in_force`. Raises DriverError, InstallationError.
    """
    if config.keys.master_hsm_label:
        return Master(next_hsm_master_key(config, device, in_force), b"", _WHERE_IN_HSM)
    return _load(config, next_files(master_files(config)), salt)


def promote_next(files: tuple[Path, ...]) -> None:
    """Moves the prepared successor into place; what stood there stays under a name of its own.
    Raises OSError.
    """
    for path, successor in zip(files, next_files(files), strict=True):
        if not successor.exists():
            continue
        if path.exists():
            names = (path.with_name(f"{path.name}.old-{number}") for number in count(1))
            path.rename(next(name for name in names if not name.exists()))
        successor.rename(path)


def _first(config: Config, entropy: Entropy) -> Master:
    files = master_files(config)
    if not (config.keys.master_component_files or config.keys.master_passphrase_file):
        path = files[0]
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Master(create_master_key_file(path, entropy), b"", str(path), files)
    salt = entropy.token_bytes(SALT_BYTES) if config.keys.master_passphrase_file else b""
    return _load(config, files, salt)


def _fitting_kind(config: Config, row: Installation) -> None:
    if bool(row.master_salt) == bool(config.keys.master_passphrase_file):
        return
    raise InstallationError(
        "this system's master key is a passphrase: set keys.master_passphrase_file"
        if row.master_salt
        else "this system's master key is no passphrase: set keys.master_key_file (or the place "
        "it was put to when it was last replaced)"
    )


def _candidates(files: tuple[Path, ...]) -> Iterator[tuple[Path, ...]]:
    yield files
    if any(path.exists() for path in next_files(files)):
        # A move that was cut off between two files leaves one of each.
        yield tuple(
            successor if successor.exists() else path
            for path, successor in zip(files, next_files(files), strict=True)
        )


def _load(config: Config, files: tuple[Path, ...], salt: bytes) -> Master:
    where = ", ".join(map(str, files))
    if config.keys.master_component_files:
        return Master(load_components(files), b"", f"the components in {where}", files)
    if config.keys.master_passphrase_file:
        key = derive_master_key(_read_passphrase(files[0]), salt)
        return Master(key, salt, f"the passphrase in {where}", files)
    return Master(load_master_key(files[0]), b"", where, files)


def _read_passphrase(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise InstallationError(f"{path} is open to other users; run: chmod 600 {path}")
        return path.read_text(encoding="utf-8").strip()
    except OSError as problem:
        raise InstallationError(
            f"cannot read the passphrase file {path}: {problem.strerror}"
        ) from None
