"""Which operating-system user runs PostgreSQL, and what that user can reach.

PostgreSQL refuses to run as root, for good reasons. A root process therefore starts it under
another account; any other process starts it as itself. Folders on the way to its files must let
that account through; nothing here changes the mode of a folder that exists.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from tigertally_drivers.postgres.errors import ClusterError

CANDIDATES: Final = ("tigertally", "postgres", "nobody")  # in this order, when we are root


class Privileges(TypedDict, total=False):
    """The arguments with which `subprocess` changes to an account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """The account that runs PostgreSQL, and the one that asks for it."""

    name: str
    uid: int
    gid: int
    invoking_name: str
    drops_privileges: bool

    @property
    def privileges(self) -> Privileges:
        if not self.drops_privileges:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Hand a file or folder of ours to the account."""
        if self.drops_privileges:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def reaches(self, path: Path) -> bool:
        """Can the account read `path`, passing every folder above it? (Mode bits only, no ACL.)"""
        if not self.drops_privileges:
            return os.access(path, os.R_OK)
        resolved = path.resolve()
        wanted = stat.S_IXOTH if resolved.is_dir() else stat.S_IROTH
        return self._may(resolved, wanted) and all(
            self._may(folder, stat.S_IXOTH) for folder in resolved.parents
        )

    def _may(self, path: Path, other_bit: int) -> bool:
        status = path.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return bool(status.st_mode & (other_bit << shift))


def choose_account() -> Account:
    """The account for a cluster started by this process."""
    invoking = _entry(os.geteuid())
    if os.geteuid() != 0:
        return Account(invoking.pw_name, invoking.pw_uid, invoking.pw_gid, invoking.pw_name, False)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid, invoking.pw_name, True)
    raise ClusterError(
        "PostgreSQL does not run as root, and there is no other account to run it; "
        "create one: useradd --system tigertally"
    )


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise ClusterError(
            f"user id {uid} has no name in /etc/passwd, and PostgreSQL needs one; "
            "run as a named user, or give `database.dsn`"
        ) from None
