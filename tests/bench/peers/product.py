"""What the comparison asks of a product, whatever it is.

A product is installed or says why it can't be (`NotHere`); `at_work` prepares the users, starts
server and database, and ends both when the block is left.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from peers.measure import Run
from peers.workload import Attempt, Workload

CONF = Path(__file__).with_name("conf")
ROOT = Path(__file__).parents[3]


class NotHere(Exception):
    """The product can't run on this machine; the text says why."""


@dataclass(frozen=True, slots=True)
class Promises:
    """What follows from how it is made, in words; what can be tried is tried instead."""

    transport: str
    before_the_answer: str
    log_can_be_checked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A product at work.

    Attributes:
        load: so many seconds; closed with a fixed number in flight (None), or open at a rate.
        ask: is one attempt approved? From any thread; raises where there is no proper answer.
        kill: SIGKILL to server and database at once.
        recorded: the database started again after `kill`: of these users, who were told that their
            codes were right since the last `mark`, how many have a record of it?
        mark: the records from now on are the ones that `recorded` looks at.
        verified: the product's own check of its log, after `kill`: its verdict, in words.
    """

    server: int
    database: Callable[[], int]
    workload: Workload
    load: Callable[[float, float | None], Run]
    ask: Callable[[Attempt], bool]
    kill: Callable[[], None]
    mark: Callable[[], None]
    recorded: Callable[[list[str]], int]
    verified: Callable[[], str]


class Product(Protocol):
    """One of those compared."""

    name: str
    promises: Promises

    def install(self) -> Mapping[str, str]:
        """Versions of what was installed. Raises NotHere."""

    def at_work(self, folder: Path) -> AbstractContextManager[Rig]:
        """See the module's text."""


def filled_in(name: str, **values: str) -> str:
    """A file of `conf` with its @NAMES@ replaced."""
    text = (CONF / name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def packages(*names: str) -> None:
    """Debian packages, installed where they are missing. Raises NotHere."""
    asked = ["dpkg-query", "--show", "--showformat=${db:Status-Abbrev}", *names]
    try:
        there = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
        if there.count("ii ") == len(names):
            return
    except (OSError, subprocess.CalledProcessError):
        pass
    try:
        subprocess.run([str(ROOT / ".ci/packages"), *names], check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as problem:
        raise NotHere(f"Debian's {', '.join(names)} could not be installed") from problem
