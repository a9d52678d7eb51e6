"""Opening a stream to a server: TCP, or TLS over TCP when a context is given.

A `Dialer` is all that the client knows of the network, so tests hand in memory streams.
"""

from __future__ import annotations

import ssl
from typing import Protocol

import trio

from tigertally_client.servers import ServerAddress


class Dialer(Protocol):
    """Opens one stream; may raise `OSError` or trio's `BrokenResourceError`."""

    async def __call__(self, address: ServerAddress) -> trio.abc.Stream: ...


class TcpDialer:
    """Dials TCP with TCP_NODELAY.

    Args:
        context: for TLS; it also carries the client's certificate for mutual TLS. None: plain TCP,
            where MACs still protect every frame and sealed fields still hide.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context

    async def __call__(self, address: ServerAddress) -> trio.abc.Stream:
        stream = await trio.open_tcp_stream(address.host, address.port)
        if self._context is None:
            return stream
        secured = trio.SSLStream(stream, self._context, server_hostname=address.host)
        try:
            await secured.do_handshake()
        except BaseException:
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(secured)
            raise
        return secured
