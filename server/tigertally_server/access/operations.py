"""The operators' port: metrics, liveness, readiness. Plain HTTP/1.1, GET only, one request per
connection; never on a bank's wire.

/metrics   Prometheus text format
/healthz   200 while the process runs its loop; a line for each key that somebody should look at
/tlog/…    the published log (docs/AUDIT.md)
/readyz    200 while it takes requests: database up and not draining; else 503 with the reason
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import h11
import trio

from tigertally_server.access.published import published_file

REQUEST_S: Final = 5.0
REQUEST_BYTES: Final = 8_192
_TEXT = "text/plain; charset=utf-8"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"

Answer = tuple[int, str, bytes]


class OperationsAccess:
    """`page` gives the metrics; `unready` why requests can't be served now, or an empty text;
    `warnings` what people should look at while the process lives; `log_dir` is the published log.
    """

    def __init__(
        self,
        page: Callable[[], Awaitable[bytes]],
        unready: Callable[[], str],
        warnings: Callable[[], Sequence[str]] = tuple,
        *,
        log_dir: Path | None = None,
    ) -> None:
        self._page, self._unready, self._warnings = page, unready, warnings
        self._log_dir = log_dir

    async def serve(self, sock: socket.socket) -> None:
        """Accepts until cancelled."""
        listener = trio.SocketListener(trio.socket.from_stdlib_socket(sock))
        await trio.serve_listeners(self._connection, [listener])

    async def answer(self, target: bytes) -> Answer:
        match target.split(b"?", 1)[0]:
            case b"/metrics":
                return 200, _METRICS, await self._page()
            case b"/healthz":
                told = "".join(f"warning: {line}\n" for line in self._warnings())
                return 200, _TEXT, f"alive\n{told}".encode()
            case b"/readyz":
                reason = self._unready()
                return (
                    (503, _TEXT, f"not ready: {reason}\n".encode())
                    if reason
                    else (200, _TEXT, b"ready\n")
                )
            case path if self._log_dir is not None and path.startswith(b"/tlog/"):
                found = published_file(self._log_dir, path.decode("ascii", "replace"))
                return found or (404, _TEXT, b"not a name of the published log\n")
            case _:
                return 404, _TEXT, b"there is /metrics, /healthz, /readyz and /tlog/\n"

    async def _connection(self, stream: trio.SocketStream) -> None:
        """A handler that raises would stop the server, so every fault of a peer ends here."""
        try:
            with trio.move_on_after(REQUEST_S):
                await self._exchange(stream)
        except (trio.BrokenResourceError, h11.ProtocolError):
            return
        finally:
            await trio.aclose_forcefully(stream)

    async def _exchange(self, stream: trio.SocketStream) -> None:
        conn = h11.Connection(h11.SERVER, max_incomplete_event_size=REQUEST_BYTES)
        while True:
            event = conn.next_event()
            if isinstance(event, h11.Request):
                break
            if event is not h11.NEED_DATA:
                return
            conn.receive_data(await stream.receive_some(REQUEST_BYTES))
        status, kind, body = 405, _TEXT, b"only GET\n"
        if event.method == b"GET":
            status, kind, body = await self.answer(event.target)
        headers = [
            ("content-type", kind),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        data = conn.send(h11.Response(status_code=status, headers=headers))
        await stream.send_all((data or b"") + body)
        await stream.send_eof()
        # Closing with unread data would reset the connection before the peer has read the answer.
        while await stream.receive_some(REQUEST_BYTES):
            pass
