"""The link between the supervisor and one worker: a pair of sockets that keep messages whole.

To the worker: SOCKET + listener's number, with an accepted connection; LEAVE: tell channels to go
elsewhere, serve them until they have gone or their grace is over, then end; METRICS.

To the supervisor: READY; STATE + connections + why it is not ready and a line for each warning;
METRICS with a file that holds them.

The end of the link is the end of the other side: a worker whose supervisor was killed leaves.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable
from typing import Final, NamedTuple

import trio

SOCKET, LEAVE, METRICS, READY, STATE = b"S", b"L", b"M", b"R", b"T"
MESSAGE_BYTES: Final = 8192
TEXT_BYTES: Final = 8000
_CONNECTIONS: Final = struct.Struct(">I")
STATE_S: Final = 0.5
"""How often a worker tells how it is."""


class State(NamedTuple):
    """What a worker last told. `unready`: why it can't serve requests, or empty; `warnings`: what
    people should look at.
    """

    connections: int
    unready: str
    warnings: tuple[str, ...] = ()


class Place(NamedTuple):
    """A worker's: descriptors of its link and of the board, the board's rows, its own row, and
    which of the configured workers it is.
    """

    link: int
    board: int
    rows: int
    row: int
    slot: int

    def __str__(self) -> str:
        return ",".join(map(str, self))

    @staticmethod
    def parse(text: str) -> Place:
        """Raises ValueError, TypeError."""
        return Place(*map(int, text.split(",")))


def pair() -> tuple[socket.socket, socket.socket]:
    """(the supervisor's end, which never waits; the worker's end), not inherited."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    return ours, theirs


def state_message(state: State) -> bytes:
    """STATE in full."""
    text = "\n".join((state.unready, *state.warnings))
    return STATE + _CONNECTIONS.pack(state.connections) + text.encode()[:TEXT_BYTES]


def state_of(message: bytes) -> State:
    """What a STATE message says."""
    (connections,) = _CONNECTIONS.unpack_from(message, 1)
    text = message[1 + _CONNECTIONS.size :].decode("utf-8", "replace")
    unready, *warnings = text.split("\n")
    return State(connections, unready, tuple(warnings))


class WorkerLink:
    """The worker's end."""

    def __init__(self, descriptor: int) -> None:
        sock = socket.socket(fileno=descriptor)
        sock.set_inheritable(False)
        self._sock = trio.socket.from_stdlib_socket(sock)

    async def ready(self) -> None:
        await self._send(READY)

    async def tell(self, state: Callable[[], State]) -> None:
        """How it is, until cancelled."""
        while True:
            await self._send(state_message(state()))
            await trio.sleep(STATE_S)

    async def follow(
        self,
        adopt: Callable[[socket.socket, int], None],
        metrics: Callable[[], bytes],
    ) -> bool:
        """Does what the supervisor says until told to leave: True; False where the supervisor has
        gone.
        """
        while True:
            try:
                message, ancillary, _, _ = await self._sock.recvmsg(
                    MESSAGE_BYTES, socket.CMSG_SPACE(4)
                )
            except OSError:
                return False
            if not message:
                return False
            kind = message[:1]
            if kind == SOCKET:
                for descriptor in descriptors_in(ancillary):
                    adopt(socket.socket(fileno=descriptor), message[1])
            elif kind == METRICS:
                await self._send_metrics(metrics())
            else:
                return True

    async def _send_metrics(self, text: bytes) -> None:
        descriptor = os.memfd_create("metrics", os.MFD_CLOEXEC)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            await self._send(METRICS, file.fileno())

    async def _send(self, message: bytes, *descriptors: int) -> None:
        try:
            await self._sock.sendmsg([message], rights(*descriptors))
        except OSError:
            # The supervisor has gone: `follow` sees the same end.
            return


def rights(*descriptors: int) -> list[tuple[int, int, bytes]]:
    """Descriptors as ancillary data (unix(7), SCM_RIGHTS)."""
    if not descriptors:
        return []
    packed = struct.pack(f"{len(descriptors)}i", *descriptors)
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)]


def descriptors_in(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    """Those that came with a message; they are ours to close."""
    found: list[int] = []
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            found.extend(struct.unpack(f"{len(data) // 4}i", data[: len(data) // 4 * 4]))
    return found
