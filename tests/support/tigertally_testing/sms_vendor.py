"""A vendor's HTTP interface for short messages, for tests: it takes JSON and misbehaves as told."""

from __future__ import annotations

import enum
from collections import deque

import h11
import msgspec
import trio


class Reply(enum.Enum):
    """What becomes of one request."""

    TAKE = "taken"
    REFUSE = "HTTP 200 with a verdict that refuses"
    BUSY = "HTTP 429"
    FORBIDDEN = "HTTP 403"
    REDIRECT = "HTTP 302 to somewhere else"
    FAIL = "HTTP 500"
    SILENT = "taken, never answered"
    CLOSE = "taken, then the connection closes"
    GARBAGE = "answered with what is no HTTP"
    NO_JSON = "HTTP 200 with what is no JSON"
    NO_VERDICT = "HTTP 200 without a verdict"
    ENDLESS = "HTTP 200 with a body that does not end"


ANSWERS: dict[Reply, tuple[int, bytes]] = {
    Reply.TAKE: (200, b'{"code":0,"data":{"sid":"v-1"}}'),
    Reply.REFUSE: (200, b'{"code":22,"msg":"template"}'),
    Reply.BUSY: (429, b""),
    Reply.FORBIDDEN: (403, b"{}"),
    Reply.REDIRECT: (302, b""),
    Reply.FAIL: (500, b"oops"),
    Reply.NO_JSON: (200, b"<ok/>"),
    Reply.NO_VERDICT: (200, b'{"data":{"sid":"v-1"}}'),
    Reply.ENDLESS: (200, b"x" * 100_000),
}


class Vendor:
    """`messages`: bodies that arrived, as (number, text)."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []
        self.requests: list[tuple[h11.Request, bytes]] = []
        self._script: deque[Reply] = deque()

    def script(self, *replies: Reply) -> None:
        self._script.extend(replies)

    async def serve(self, stream: trio.abc.Stream) -> None:
        wire = h11.Connection(h11.SERVER)
        try:
            request, body = await self._hear(wire, stream)
            reply = self._script.popleft() if self._script else Reply.TAKE
            self.requests.append((request, body))
            if reply in {Reply.TAKE, Reply.SILENT, Reply.CLOSE}:
                got = msgspec.json.decode(body)
                self.messages.append((got["number"], got["text"]))
            await self._answer(wire, stream, reply)
        except (trio.BrokenResourceError, trio.ClosedResourceError, h11.RemoteProtocolError):
            return
        finally:
            await trio.aclose_forcefully(stream)

    async def _hear(
        self, wire: h11.Connection, stream: trio.abc.Stream
    ) -> tuple[h11.Request, bytes]:
        request, body = h11.Request(method="GET", target="/", headers=[("host", "x")]), b""
        while True:
            event = wire.next_event()
            if event is h11.NEED_DATA:
                wire.receive_data(bytes(await stream.receive_some(4_096)))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return request, body
            elif isinstance(event, h11.ConnectionClosed):
                raise trio.BrokenResourceError

    async def _answer(self, wire: h11.Connection, stream: trio.abc.Stream, reply: Reply) -> None:
        if reply is Reply.SILENT:
            await trio.sleep_forever()
        if reply is Reply.GARBAGE:
            await stream.send_all(b"SMPP? no, thank you\r\n\r\n")
        if reply not in ANSWERS:
            return
        status, body = ANSWERS[reply]
        headers = [("content-length", str(len(body))), ("location", "https://elsewhere.example/")]
        octets = wire.send(h11.Response(status_code=status, headers=headers)) or b""
        octets += wire.send(h11.Data(body)) or b""
        await stream.send_all(octets + (wire.send(h11.EndOfMessage()) or b""))
