"""One worker process as the supervisor sees it: its record, its start, what is sent to it.

Knows neither why workers come and go (`supervisor`) nor what they serve.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

from tigertally_server.app.worker_link import Place, State, pair, rights

STARTING: Final = State(unready="starting")


@dataclass(slots=True, eq=False)
class Worker:
    """One process. `row`: its own on the board; `slot`: which of the configured ones it is;
    `handed`: connections given to it so far; `silent`: looks since it last said something;
    `former`: taken over from the program that ran before, and to be replaced.
    """

    pid: int
    slot: int
    row: int
    link: socket.socket
    state: State = STARTING
    handed: int = 0
    silent: int = 0
    leaving: bool = False
    former: bool = False
    reread: bool = False
    born: float = 0.0
    status: int = 0
    ready: trio.Event = field(default_factory=trio.Event)
    gone: trio.Event = field(default_factory=trio.Event)
    pages: list[str] = field(default_factory=list)
    paged: trio.Event = field(default_factory=trio.Event)

    @property
    def serves(self) -> bool:
        """Ready and not asked to leave."""
        return self.ready.is_set() and not self.leaving and not self.gone.is_set()

    @property
    def connections(self) -> int:
        """What it told, and what was handed over since."""
        return self.state.connections + self.handed - self.state.taken

    def send(self, message: bytes, *descriptors: int) -> bool:
        """Whether it went; a link that is full or broken takes nothing."""
        try:
            self.link.sendmsg([message], rights(*descriptors))
        except OSError:
            return False
        return True

    def hand(self, message: bytes, peer: socket.socket) -> bool:
        """A connection; whether it went."""
        went = self.send(message, peer.fileno())
        self.handed += went
        return went

    def signal(self, number: signal.Signals) -> None:
        """Not once it is gone: its number may then be somebody else's."""
        if not self.gone.is_set():
            os.kill(self.pid, number)


def spawn(slot: int, row: int, rows: int, board: int, config_path: Path | None) -> Worker:
    """Starts a worker of the program that is installed now. It inherits its end of the link and
    the board, and no other descriptor. Raises OSError.
    """
    ours, theirs = pair()
    try:
        place = Place(theirs.fileno(), board, rows, row, slot)
        pid = _spawned(place, config_path)
    except OSError:
        ours.close()
        raise
    finally:
        theirs.close()
    return Worker(pid, slot, row, ours)


def _spawned(place: Place, config_path: Path | None) -> int:
    inherited: Sequence[int] = (place.link, place.board)
    config = () if config_path is None else ("-c", str(config_path))
    command = (sys.executable, "-m", "tigertally_server.cli.main", *config, "serve")
    try:
        for descriptor in inherited:
            os.set_inheritable(descriptor, True)
        return os.posix_spawn(
            sys.executable,
            (*command, "--worker", str(place)),
            os.environ,
            file_actions=(
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, 2, 1),
            ),
            setpgroup=0,  # a terminal's interrupt is the supervisor's to pass on
            setsigmask=(),
        )
    finally:
        for descriptor in inherited:
            os.set_inheritable(descriptor, False)
