"""A new cluster: initdb, our roles, our database; all of it, or nothing.

The work happens in a folder beside the final one and is renamed at the end, so that a crash
half-way leaves no cluster that looks complete. The roles are made in single-user mode: no
half-configured server ever listens.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from psycopg import sql

from tigertally_drivers.postgres.account import Account
from tigertally_drivers.postgres.binaries import Binaries
from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.errors import ClusterError
from tigertally_drivers.postgres.postmaster import ENVIRONMENT
from tigertally_drivers.postgres.settings import (
    DATABASE,
    ROLES,
    SUPERUSER,
    bootstrap_statements,
)

CONFIGURATION: Final = "tigertally.conf"

_TIMEOUT_S: Final = 300
_GRAVE: Final = ("PANIC:", "FATAL:", "ERROR:", "initdb: error:")
_PREFIX: Final = re.compile(r"^.*?(?=PANIC:|FATAL:|ERROR:|LOG:)|^initdb: error: ")


def create_data(data: Path, binaries: Binaries, account: Account) -> None:
    """Create the cluster in `data`, flushed to the disk. Raises `ClusterError`, which says what to
    do.
    """
    unfinished = data.with_name(data.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    account.own(unfinished)
    try:
        _initdb(unfinished, binaries, account)
        with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"\ninclude_if_exists = '{CONFIGURATION}'\n")
        _make_roles(unfinished, binaries, account)
        unfinished.rename(data)
        _flush_folder(data.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _initdb(folder: Path, binaries: Binaries, account: Account) -> None:
    arguments = [
        "--pgdata", str(folder), "--username", SUPERUSER, "--auth", "peer", "--encoding", "UTF8",
        "--locale", "C", "--data-checksums", "--no-instructions",
    ]  # fmt: skip
    answer = _run([binaries.program("initdb"), *arguments], account)
    if answer.returncode != 0:
        raise ClusterError(explain_failure("the database could not be created", answer.stderr))


def _make_roles(folder: Path, binaries: Binaries, account: Account) -> None:
    command = [binaries.program("postgres"), "--single", "-D", str(folder), "postgres"]
    answer = _run(command, account, "".join(f"{line}\n" for line in bootstrap_statements()))
    # Single-user mode ends with 0 after an error, too.
    if answer.returncode != 0 or "ERROR:" in answer.stderr or "FATAL:" in answer.stderr:
        raise ClusterError(explain_failure("the database's roles could not be made", answer.stderr))


def make_missing_roles(superuser_dsn: str) -> None:
    """In a running cluster that an older program made. Raises drivers' errors."""
    with connect(superuser_dsn) as conn:
        found = conn.execute("SELECT rolname FROM pg_roles").fetchall()
        have = {name for (name,) in found}
        for role in ROLES:
            if role not in have:
                name = sql.Identifier(role)
                conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
                conn.execute(
                    sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                        sql.Identifier(DATABASE), name
                    )
                )


def _run(command: list[str], account: Account, text: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            timeout=_TIMEOUT_S,
            umask=0o077,
            **account.privileges,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise ClusterError(f"cannot run {command[0]}: {problem}") from problem


def explain_failure(what: str, words: str) -> str:
    """PostgreSQL's last words as one sentence, with what to do where we know it."""
    advice = ""
    if "No space left on device" in words or "Check free disk space" in words:
        advice = "; the disk is full: free some space and start again"
    elif "Permission denied" in words:
        advice = "; give the account that runs PostgreSQL access, or choose another state folder"
    elif "Cannot allocate memory" in words:
        advice = "; there is too little memory: lower `shared_buffers_mb`"
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    grave = [at for at, line in enumerate(lines) if any(word in line for word in _GRAVE)]
    # The line before the first grave one often holds the reason ("invalid value for parameter …").
    chosen = lines[max(grave[0] - 1, 0) : grave[0] + 2] if grave else lines[-3:]
    said = [_PREFIX.sub("", line) for line in chosen]
    return f"{what}; PostgreSQL said: {' | '.join(said) or 'nothing'}{advice}"


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
