"""The link between the supervisor and one worker: a pair of sockets that keep messages whole.

To the worker: SOCKET or TLS_SOCKET with an accepted connection; LEAVE: tell channels to go
elsewhere, serve them until they have gone or their grace is over, then end; METRICS.

To the supervisor: READY; STATE in JSON, as often as `STATE_S`; METRICS with a file that holds them.

The end of the link is the end of the other side: a worker whose supervisor was killed leaves. The
two sides may be different versions for the time of a roll: kinds of messages and names in STATE are
only ever added, and what one side doesn't know it passes over.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Callable
from typing import Final, NamedTuple

import trio

SOCKET, TLS_SOCKET, LEAVE, METRICS, READY, STATE = b"S", b"E", b"L", b"M", b"R", b"T"
MESSAGE_BYTES: Final = 8192
STATE_S: Final = 0.5
"""How often a worker tells how it is."""
LOOK_S: Final = 0.1


class State(NamedTuple):
    """What a worker last told. `connections` are open; `taken`: those it has taken from the link so
    far; `unready`: why it can't serve requests, or empty; `warnings`: what people should look at.
    """

    connections: int = 0
    taken: int = 0
    unready: str = ""
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
    """STATE in full; warnings that have no room are left out."""
    warnings = list(state.warnings)
    while True:
        told = state._replace(unready=state.unready[:1000], warnings=tuple(warnings))
        message = STATE + json.dumps(told._asdict()).encode()
        if len(message) <= MESSAGE_BYTES:
            return message
        warnings.pop()


def state_of(message: bytes) -> State:
    """What a STATE message says. Raises ValueError."""
    told = json.loads(message[1:])
    return State(
        connections=int(told.get("connections", 0)),
        taken=int(told.get("taken", 0)),
        unready=str(told.get("unready", "")),
        warnings=tuple(map(str, told.get("warnings", ()))),
    )


class WorkerLink:
    """The worker's end."""

    def __init__(self, descriptor: int) -> None:
        sock = socket.socket(fileno=descriptor)
        sock.set_inheritable(False)
        self._sock = trio.socket.from_stdlib_socket(sock)
        self.taken = 0

    async def ready(self) -> None:
        await self._send(READY)

    async def tell(self, state: Callable[[], State]) -> None:
        """How it is, until cancelled: as often as `STATE_S`, and sooner where connections have
        ended, since the next one is given by their number.
        """
        told, due = State(), 0.0
        while True:
            now = state()._replace(taken=self.taken)
            if now.connections != told.connections or trio.current_time() >= due:
                await self._send(state_message(now))
                told, due = now, trio.current_time() + STATE_S
            await trio.sleep(LOOK_S)

    async def follow(
        self,
        adopt: Callable[[socket.socket, bool], None],
        metrics: Callable[[], bytes],
        leave: Callable[[], None],
    ) -> None:
        """Does what the supervisor says until the supervisor has gone. `adopt` takes a connection,
        and whether TLS is spoken there.
        """
        while True:
            try:
                message, ancillary, _, _ = await self._sock.recvmsg(
                    MESSAGE_BYTES, socket.CMSG_SPACE(4)
                )
            except OSError:
                return
            if not message:
                return
            descriptors, kind = descriptors_in(ancillary), message[:1]
            if kind in (SOCKET, TLS_SOCKET):
                # One that found no free descriptor was closed by the kernel, and counts as taken.
                self.taken += 1
                for descriptor in descriptors:
                    adopt(socket.socket(fileno=descriptor), kind == TLS_SOCKET)
                continue
            for descriptor in descriptors:
                os.close(descriptor)
            if kind == METRICS:
                await self._send_metrics(metrics())
            elif kind == LEAVE:
                leave()

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
