"""How a supervisor becomes the program that is installed now, and keeps what must not break.

execve keeps the process, its children and those descriptors that are marked. What they are is told
to the next program in the environment. That program is tried first, in a process of its own
(`serve --rehearse`): one that can't read its configuration, or doesn't even load, never gets the
place. Signals that would end a program that doesn't listen to them yet are held back meanwhile.

What is told is read leniently: another version may have written it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog
import trio

from tigertally_server.app.worker import Worker
from tigertally_server.app.worker_link import State
from tigertally_server.config import Config

TAKEOVER: Final = "TIGERTALLY_TAKEOVER"
"""Environment: what a supervisor that becomes another program hands on to it."""
REHEARSE: Final = "--rehearse"
REHEARSAL_S: Final = 60.0
WORDS: Final = 2_000
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2)


@dataclass(frozen=True, slots=True)
class Listener:
    """`address` as configured; `secure`: TLS is spoken there."""

    address: str
    secure: bool
    sock: socket.socket


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What is handed on. The descriptors among it must be marked to survive. `asked`: another roll
    was asked for while this one was being tried.
    """

    listeners: tuple[Listener, ...]
    operations: tuple[Listener, ...]
    board: int
    lock: int
    rolls: int
    asked: bool
    workers: tuple[Worker, ...]

    def told(self) -> str:
        return json.dumps(
            {
                "listeners": [_row_of(each) for each in self.listeners],
                "operations": [_row_of(each) for each in self.operations],
                "board": self.board,
                "lock": self.lock,
                "rolls": self.rolls,
                "asked": self.asked,
                "workers": [_told_of(worker) for worker in self.workers],
            }
        )

    @property
    def descriptors(self) -> list[int]:
        listeners = (*self.listeners, *self.operations)
        return [
            *(each.sock.fileno() for each in listeners),
            *(worker.link.fileno() for worker in self.workers),
            self.board,
            self.lock,
        ]

    @staticmethod
    def left() -> Inheritance | None:
        """Ours, if we have just become this program. Raises ValueError, KeyError, OSError."""
        told = os.environ.pop(TAKEOVER, "")
        if not told:
            return None
        row = json.loads(told)
        found = Inheritance(
            tuple(_listener(each) for each in row["listeners"]),
            tuple(_listener(each) for each in row["operations"]),
            row["board"],
            row["lock"],
            row["rolls"],
            row["asked"],
            tuple(_worker(each) for each in row["workers"]),
        )
        mark(found.descriptors, inheritable=False)
        return found


def read_only_told() -> None:
    """A rehearsal's look at what will be handed on: whether it is understood. The descriptors are
    another process's. Raises ValueError, KeyError.
    """
    told = os.environ.pop(TAKEOVER, "")
    if told:
        row = json.loads(told)
        for name in ("board", "lock", "rolls", "asked"):
            int(row[name])
        for each in row["workers"]:
            _state(each)
            {int(each[name]) for name in ("pid", "slot", "row", "link", "handed")}
        for each in (*row["listeners"], *row["operations"]):
            int(each["descriptor"])


def mark(descriptors: Iterable[int], *, inheritable: bool) -> None:
    """Whether these survive an execve. Raises OSError."""
    for descriptor in descriptors:
        os.set_inheritable(descriptor, inheritable)


def _row_of(listener: Listener) -> dict[str, Any]:
    return {
        "address": listener.address,
        "secure": listener.secure,
        "descriptor": listener.sock.fileno(),
    }


def _listener(row: Mapping[str, Any]) -> Listener:
    return Listener(row["address"], row["secure"], socket.socket(fileno=row["descriptor"]))


def _told_of(worker: Worker) -> dict[str, Any]:
    return {
        "pid": worker.pid,
        "slot": worker.slot,
        "row": worker.row,
        "link": worker.link.fileno(),
        "handed": worker.handed,
        "leaving": worker.leaving,
        "state": worker.state._asdict(),
    }


def _state(row: Mapping[str, Any]) -> State:
    state = row["state"]
    return State(
        connections=int(state["connections"]),
        taken=int(state["taken"]),
        unready=str(state["unready"]),
        warnings=tuple(state["warnings"]),
    )


def _worker(row: Mapping[str, Any]) -> Worker:
    worker = Worker(
        pid=row["pid"],
        slot=row["slot"],
        row=row["row"],
        link=socket.socket(fileno=row["link"]),
        state=_state(row),
        handed=row["handed"],
        leaving=row["leaving"],
        former=True,
    )
    worker.ready.set()
    return worker


# ---------------------------------------------------------------------- listeners


def fronts(
    config: Config,
    inherited: Sequence[Listener],
    bind: Callable[[Sequence[str]], list[socket.socket]],
    *,
    strict: bool,
) -> list[Listener]:
    """The listeners that the configuration wants. Those that are there stay; others are bound, and
    what isn't wanted any more is closed. `strict`: an address that can't be bound raises, else it
    is told and left out: what serves goes on.
    """
    wanted = [(address, False) for address in config.server.listen]
    wanted += [(address, True) for address in config.server.tls.listen]
    return _reconciled(wanted, inherited, bind, strict=strict)


def operations(
    config: Config,
    inherited: Sequence[Listener],
    bind: Callable[[Sequence[str]], list[socket.socket]],
    *,
    strict: bool,
) -> list[Listener]:
    """As `fronts`, for the operators' port."""
    own = config.server.operations_listen
    return _reconciled([(own, False)] if own else [], inherited, bind, strict=strict)


def _reconciled(
    wanted: Sequence[tuple[str, bool]],
    inherited: Sequence[Listener],
    bind: Callable[[Sequence[str]], list[socket.socket]],
    *,
    strict: bool,
) -> list[Listener]:
    left, found = list(inherited), []
    missing = []
    for address, secure in wanted:
        same = next(
            (each for each in left if (each.address, each.secure) == (address, secure)), None
        )
        if same is None:
            missing.append((address, secure))
        else:
            left.remove(same)
            found.append(same)
    for each in left:
        each.sock.close()
    for address, secure in missing:
        try:
            found.append(Listener(address, secure, bind((address,))[0]))
        except Exception as problem:
            if strict:
                raise
            structlog.get_logger("supervisor").error("address left out", why=str(problem))
    return found


# ---------------------------------------------------------------------- becoming


async def rehearse(told: str) -> str:
    """Why the program that is installed now can't take over, or an empty text."""
    command = [sys.executable, *sys.orig_argv[1:], REHEARSE]
    with trio.move_on_after(REHEARSAL_S):
        try:
            done = await trio.run_process(
                command,
                check=False,
                capture_stdout=True,
                capture_stderr=True,
                env={**os.environ, TAKEOVER: told},
            )
        except OSError as problem:
            return f"{sys.executable}: {problem.strerror}"
        words = (done.stderr or b"").decode("utf-8", "replace").strip()
        return f"status {done.returncode}: {words[-WORDS:]}" if done.returncode else ""
    return f"it did not end its rehearsal within {REHEARSAL_S:.0f} s"


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Those that come wait for whatever listens next: this program again, or the one that it
    becomes.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def become(inheritance: Inheritance) -> str:
    """Doesn't return, but for an execve that fails: then it says why, and nothing has changed.
    Called with the signals held back.
    """
    mark(inheritance.descriptors, inheritable=True)
    sys.stdout.flush()
    environment = {**os.environ, TAKEOVER: inheritance.told()}
    try:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606
    except OSError as problem:
        mark(inheritance.descriptors, inheritable=False)
        return f"{sys.executable}: {problem.strerror}"


@contextmanager
def signals_received() -> Iterator[Any]:
    """The supervisor's signals, with those that came while this program was loading."""
    with trio.open_signal_receiver(*SIGNALS) as signals:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        yield signals
