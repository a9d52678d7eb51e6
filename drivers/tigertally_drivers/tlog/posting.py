"""One HTTP POST to a service outside, bounded in time and size: for witnesses and time-stamping
authorities. Synchronous, standard library only; runs in a worker thread.

Raises the drivers' errors; the text names host and reason, never contents.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from tigertally_drivers.errors import Misbehaved, TimedOut, Unavailable

ANSWER_MAX: Final = 262_144


class Posted(NamedTuple):
    """What came back."""

    status: int
    kind: str
    body: bytes


class Poster:
    """One service. ``url``: http(s)://host[:port][/path]; ``ca_file``: whom its certificate must
    lead to, "" the machine's own authorities. The connection is kept open between posts.
    """

    def __init__(self, url: str, *, ca_file: str = "", patience_s: float = 5.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Misbehaved(f"{url!r} is no http or https address")
        self.host: Final = parts.netloc
        self._path: Final = parts.path.rstrip("/")
        self._connection: Final = (
            http.client.HTTPSConnection(parts.netloc, timeout=patience_s, context=_tls(ca_file))
            if parts.scheme == "https"
            else http.client.HTTPConnection(parts.netloc, timeout=patience_s)
        )

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Raises Unavailable, TimedOut, Misbehaved."""
        try:
            self._connection.request("POST", self._path + path, body, dict(headers))
            response = self._connection.getresponse()
            data = response.read(ANSWER_MAX + 1)
        except TimeoutError:
            self.close()
            raise TimedOut(f"{self.host} did not answer in time") from None
        except (OSError, http.client.HTTPException) as problem:
            self.close()
            raise Unavailable(f"{self.host}: {str(problem) or type(problem).__name__}") from None
        if len(data) > ANSWER_MAX:
            self.close()
            raise Misbehaved(f"{self.host} answers at more length than it may")
        return Posted(response.status, response.headers.get("Content-Type", ""), data)

    def close(self) -> None:
        self._connection.close()


def _tls(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(Path(ca_file)) if ca_file else None)
    except (OSError, ssl.SSLError) as problem:
        raise Unavailable(f"{ca_file}: {problem.strerror or problem}") from None
