"""Where the embedded cluster's files lie, made so that the account that runs PostgreSQL can reach
them.

Written for the case that we are root and that account is not: we never follow its symbolic links,
never loosen a folder that exists, and refuse a socket folder that another user has made in our
name.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from tigertally_drivers.postgres.account import Account
from tigertally_drivers.postgres.errors import ClusterError
from tigertally_drivers.postgres.settings import PORT

REFUGE: Final = Path("/var/lib/tigertally")
LONGEST_SOCKET_PATH: Final = 107  # sun_path, less its final zero

_PASSABLE: Final = 0o711  # others may pass through, and see nothing


def make_folder(path: Path, mode: int = _PASSABLE) -> None:
    """Make `path` and what is missing above it; a folder that exists stays as it is."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir()
    path.chmod(mode)  # mkdir's mode is cut by the umask


def make_home(home: Path, account: Account) -> None:
    """The cluster's folder: `home` itself, or a link to one below `REFUGE` when `home` is out of
    reach.
    """
    if home.is_dir():
        return
    if home.is_symlink():
        raise ClusterError(
            f"{home} leads to {home.readlink()}, which is gone; "
            "restore it, or remove the link to start anew"
        )
    if account.reaches(home.parent):
        make_folder(home)
        return
    make_folder(REFUGE)
    target = Path(tempfile.mkdtemp(prefix="cluster-", dir=REFUGE))
    target.chmod(_PASSABLE)
    home.symlink_to(target)


def make_socket_folder(home: Path, account: Account) -> Path:
    """The folder of the Unix socket: below `home`, or a private one in the temporary folder."""
    folder = home / "socket"
    if not _fits(folder):
        tag = hashlib.sha256(str(home).encode()).hexdigest()[:12]
        folder = _temporary(account) / f"tigertally-{account.uid}-{tag}"
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        status = folder.lstat()
        private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
        if not private or status.st_uid != account.uid:
            raise ClusterError(
                f"{folder} is in the way: not a private folder of user {account.name}; remove it"
            ) from None
    return folder


def write_for(account: Account, path: Path, text: str) -> None:
    """Put `text` into `path` for the account to read, replacing whatever stands there, links
    unfollowed.
    """
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(fresh, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    account.own(fresh)
    fresh.replace(path)


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH


def _temporary(account: Account) -> Path:
    """The usual temporary folder, unless its own path is too long or out of the account's reach."""
    usual = Path(tempfile.gettempdir())
    longest_name = usual / f"tigertally-{2**32}-{'x' * 12}"
    return usual if _fits(longest_name) and account.reaches(usual) else Path("/tmp")  # noqa: S108
