"""The witness's HTTP: POST /add-checkpoint, GET /healthz, and GET /checkpoint/<SHA-256 of the
origin in hex> for what was co-signed last.

A thread per connection, kept alive, bounded in size and time. TLS and access rules are a reverse
proxy's; requests need no authentication beyond the log's own signature (C2SP tlog-witness).
"""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from tigertally_witness.witness import Answer, Witness

MAX_BODY: Final = 131_072
PATIENCE_S: Final = 30.0


class WitnessServer(ThreadingHTTPServer):
    """Listens when made; `serve_forever` answers."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness = witness
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_S
    server: WitnessServer

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            self._answer(Answer(413 if length.isdecimal() else 411))
            return
        body = self.rfile.read(int(length))
        known = self.path == "/add-checkpoint"
        self._answer(self.server.witness.add_checkpoint(body) if known else Answer(404))

    def do_GET(self) -> None:
        witness = self.server.witness
        if self.path == "/healthz":
            self._answer(Answer(200, "alive\n"))
            return
        for origin in witness.logs:
            if self.path == f"/checkpoint/{hashlib.sha256(origin.encode()).hexdigest()}":
                self._answer(witness.last(origin))
                return
        self._answer(Answer(404))

    def _answer(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Requests are not worth a line each; refusals are told by the witness."""
