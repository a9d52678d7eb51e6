"""A TCP proxy that a test holds in its hand: it cuts, holds back and spoils what passes.

    async with proxy(server.address) as way:
        way.target = other.address     # for connections from now on
        way.hold()                     # answers wait until release()
        way.cut_after(700)             # so many bytes of answers more, then every connection breaks
        way.spoil_after(700)           # one bit of the byte after them is turned

Cut and spoilt are answers only, at a byte and not at a frame: both ends must live with that.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import trio

_CHUNK: Final = 65536
_GONE: Final = (OSError, trio.BrokenResourceError, trio.ClosedResourceError)


class Proxy:
    """See the module's text. `address` stays the same whatever stands behind."""

    def __init__(self, target: tuple[str, int] | None) -> None:
        self.target = target
        self.address = ("", 0)
        self.connections = 0
        self.faults = 0
        self.passed = 0  # bytes that came from the server
        self._open = trio.Event()
        self._open.set()
        self._cut_in: int | None = None
        self._spoil_in: int | None = None
        self._streams: set[trio.SocketStream] = set()

    def hold(self) -> None:
        """Answers wait."""
        self._open = trio.Event()

    def release(self) -> None:
        """Answers go on."""
        self._open.set()

    def cut_after(self, count: int) -> None:
        """Break every connection once `count` bytes more have come from the server."""
        self._cut_in = count

    def spoil_after(self, count: int) -> None:
        """Turn a bit of the byte that follows the next `count` from the server."""
        self._spoil_in = count

    async def break_all(self) -> None:
        """Every connection ends with a reset."""
        for stream in list(self._streams):
            with suppress(OSError):  # it may have ended by itself
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            await trio.aclose_forcefully(stream)

    async def serve(self, client: trio.SocketStream) -> None:
        self.connections += 1
        try:
            if self.target is None:
                return
            server = await trio.open_tcp_stream(*self.target)
        except _GONE:
            return
        finally:
            if self.target is None:
                await trio.aclose_forcefully(client)
        self._streams |= {client, server}
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._carry, client, server, nursery.cancel_scope)
                nursery.start_soon(self._carry_back, server, client, nursery.cancel_scope)
        finally:
            self._streams -= {client, server}
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(server)
                await trio.aclose_forcefully(client)

    async def _carry(
        self, source: trio.SocketStream, sink: trio.SocketStream, scope: trio.CancelScope
    ) -> None:
        try:
            while data := await source.receive_some(_CHUNK):
                await sink.send_all(data)
        except _GONE:
            pass  # the other end sees it
        scope.cancel()

    async def _carry_back(
        self, source: trio.SocketStream, sink: trio.SocketStream, scope: trio.CancelScope
    ) -> None:
        try:
            while data := await source.receive_some(_CHUNK):
                await self._open.wait()
                self.passed += len(data)
                data = self._spoilt(bytes(data))
                if self._cut_in is not None:
                    if len(data) >= self._cut_in:
                        await sink.send_all(data[: self._cut_in])
                        self._cut_in = None
                        self.faults += 1
                        await self.break_all()
                        break
                    self._cut_in -= len(data)
                await sink.send_all(data)
        except _GONE:
            pass
        scope.cancel()

    def _spoilt(self, data: bytes) -> bytes:
        if self._spoil_in is None:
            return data
        if len(data) <= self._spoil_in:
            self._spoil_in -= len(data)
            return data
        at, self._spoil_in = self._spoil_in, None
        self.faults += 1
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@asynccontextmanager
async def proxy(target: tuple[str, int] | None) -> AsyncIterator[Proxy]:
    """A proxy to `target` on a port of its own; None: it hangs up on everybody."""
    way = Proxy(target)
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        way.address = listeners[0].socket.getsockname()[:2]
        nursery.start_soon(trio.serve_listeners, way.serve, listeners)
        try:
            yield way
        finally:
            nursery.cancel_scope.cancel()
