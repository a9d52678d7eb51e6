"""Bytes in, bytes out: a plain socket driven directly, and any trio stream (TLS, memory).

The plain socket is read and written without waiting first, because a wait costs more than the
system call; the writer task parks until a peer that is slow lets us go on. `write` never blocks: it
buffers, and `flush` sends once.
"""

from __future__ import annotations

import socket
from typing import Final, Protocol

import trio

RECEIVE_BYTES: Final = 16_384
"""Some sixty requests: what one connection may have done before others, and the units of work, get
their turn of the loop.
"""
AHEAD_BYTES: Final = 65_536
"""Some 240 requests; refusing them takes 3 ms. Less, and what a flood sent during one long turn
would be read, and told BUSY, only many turns later.
"""
_TURNSTILE: Final = trio.Lock()
"""Peers that are ahead of us pass one by one, one a turn of the loop. Else a flood would be read
and refused while the units of work, which need several turns, stood still.
"""


class Transport(Protocol):
    """`pending`: bytes written that the peer hasn't taken."""

    peer: str

    @property
    def pending(self) -> int: ...

    async def receive(self) -> bytes: ...
    def write(self, data: bytes) -> None: ...
    def flush(self) -> None: ...
    async def run_writer(self) -> None: ...
    async def drained(self) -> None: ...
    async def aclose(self) -> None: ...


class _Outbox:
    """Unsent bytes and the two parties that wait on them."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0
        self._wake_writer = trio.Event()
        self._empty = trio.Event()

    def add(self, data: bytes) -> None:
        self.parts.append(data)
        self.size += len(data)

    def take(self) -> bytes:
        data = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        self.parts.clear()
        return data

    def sent(self, count: int) -> None:
        self.size -= count
        if not self.size:
            self._empty.set()

    def wake(self) -> None:
        self._wake_writer.set()

    async def wait_for_work(self) -> None:
        await self._wake_writer.wait()
        self._wake_writer = trio.Event()

    async def wait_empty(self) -> None:
        while self.size:
            self._empty = trio.Event()
            await self._empty.wait()


class SocketTransport:
    """A non-blocking stdlib socket under trio."""

    def __init__(self, sock: socket.socket, peer: str) -> None:
        self.peer = peer
        self._sock = sock
        self._outbox = _Outbox()
        self._blocked = False
        self._wanted = RECEIVE_BYTES
        self._received = -1
        """Of the last reading; less than was wanted: nothing is left to be read."""

    @property
    def pending(self) -> int:
        return self._outbox.size

    async def receive(self) -> bytes:
        """b"" at the end. Raises OSError."""
        ahead = self._received == self._wanted
        self._wanted = AHEAD_BYTES if ahead else RECEIVE_BYTES
        if ahead:
            async with _TURNSTILE:
                pass
        elif self._received >= 0:
            # Asking the socket at once would nearly always be a call for nothing.
            await trio.lowlevel.wait_readable(self._sock)
        while True:
            try:
                data = self._sock.recv(self._wanted)
            except BlockingIOError:
                await trio.lowlevel.wait_readable(self._sock)
            else:
                self._received = len(data)
                return data

    def write(self, data: bytes) -> None:
        self._outbox.add(data)

    def flush(self) -> None:
        if self._blocked or not self._outbox.size:
            return
        data = self._outbox.take()
        try:
            count = self._sock.send(data)
        except BlockingIOError:
            count = 0
        except OSError:
            # The reader sees the same end; what can't be sent any more is an answer the peer will
            # ask for again.
            self._outbox.sent(len(data))
            return
        self._outbox.sent(count)
        if count < len(data):
            self._outbox.parts.insert(0, data[count:])
            self._blocked = True
            self._outbox.wake()

    async def run_writer(self) -> None:
        while True:
            await self._outbox.wait_for_work()
            while self._blocked:
                await trio.lowlevel.wait_writable(self._sock)
                self._blocked = False
                self.flush()

    async def drained(self) -> None:
        await self._outbox.wait_empty()

    async def aclose(self) -> None:
        trio.lowlevel.notify_closing(self._sock)
        self._sock.close()
        await trio.lowlevel.checkpoint()


class StreamTransport:
    """Any trio stream. Sends in the writer task."""

    def __init__(self, stream: trio.abc.Stream, peer: str) -> None:
        self.peer = peer
        self._stream = stream
        self._outbox = _Outbox()

    @property
    def pending(self) -> int:
        return self._outbox.size

    async def receive(self) -> bytes:
        return bytes(await self._stream.receive_some(RECEIVE_BYTES))

    def write(self, data: bytes) -> None:
        self._outbox.add(data)

    def flush(self) -> None:
        if self._outbox.size:
            self._outbox.wake()

    async def run_writer(self) -> None:
        while True:
            await self._outbox.wait_for_work()
            while self._outbox.parts:
                data = self._outbox.take()
                try:
                    await self._stream.send_all(data)
                except (trio.BrokenResourceError, trio.ClosedResourceError):
                    # As above: the reader ends the session.
                    self._outbox.parts.clear()
                    self._outbox.sent(self._outbox.size)
                    return
                self._outbox.sent(len(data))

    async def drained(self) -> None:
        await self._outbox.wait_empty()

    async def aclose(self) -> None:
        await trio.aclose_forcefully(self._stream)
