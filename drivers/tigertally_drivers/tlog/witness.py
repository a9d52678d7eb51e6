"""A client of independent witnesses: https://c2sp.org/tlog-witness.

Knows the protocol, neither trees nor keys: whether the answered line is the witness's signature is
for the caller to verify.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Final

from tigertally_drivers.errors import Misbehaved, Rejected, Unavailable
from tigertally_drivers.tlog.posting import Posted, Poster

SIZE_KIND: Final = "text/x.tlog.size"
ATTEMPTS: Final = 3

Proof = Callable[[int], Sequence[bytes]]
"""The consistency proof from a smaller size to the checkpoint's; ValueError where there is none."""


class Refused(Rejected):
    """The witness says that the log was forked or cut: it co-signed something else before."""


class WitnessClient:
    """One witness. Remembers what size of each log it is at, so that a round is one request."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster
        self._sizes: dict[str, int] = {}

    @property
    def host(self) -> str:
        return self._poster.host

    def add(self, origin: str, size: int, note: str, proof: Proof) -> str:
        """The witness's signature lines for this checkpoint, unverified.

        Raises Refused where it contradicts; Unavailable, TimedOut, Misbehaved; Rejected for any
        other refusal (an unknown log, a bad signature).
        """
        for _ in range(ATTEMPTS):
            old = self._sizes.get(origin, 0)
            if old > size:
                raise Refused(f"{self.host} has co-signed {old} entries of {origin}, not {size}")
            answer = self._post(old, proof(old) if old else (), note)
            if answer.status == 409 and answer.kind.split(";")[0] == SIZE_KIND:
                known = _size(self.host, answer.body)
                if known == old:
                    # The size is the one we said, so what differs is the history.
                    raise Refused(f"{self.host} has co-signed another {origin} of size {old}")
                self._sizes[origin] = known
                continue
            self._sizes.pop(origin, None)
            return self._lines(origin, size, answer)
        raise Unavailable(f"{self.host} is asked by somebody else for {origin} at the same time")

    def _lines(self, origin: str, size: int, answer: Posted) -> str:
        if answer.status == 422:
            raise Refused(f"{self.host} does not find {origin} to be what it was, and longer")
        if answer.status >= 500:
            raise Unavailable(f"{self.host} answers {answer.status}")
        if answer.status != 200:
            raise Rejected(f"{self.host} answers {answer.status} for {origin}")
        try:
            lines = answer.body.decode()
        except UnicodeDecodeError:
            raise Misbehaved(f"{self.host} does not answer in UTF-8") from None
        if not lines.startswith("— ") or not lines.endswith("\n"):
            raise Misbehaved(f"{self.host} answers no signature lines")
        self._sizes[origin] = size
        return lines

    def _post(self, old: int, proof: Sequence[bytes], note: str) -> Posted:
        hashes = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
        body = f"old {old}\n{hashes}\n{note}".encode()
        return self._poster.post("/add-checkpoint", body, {"Content-Type": "text/plain"})


def _size(host: str, body: bytes) -> int:
    text = body.decode("ascii", "replace").strip()
    if not text.isdecimal() or len(text) > 19:
        raise Misbehaved(f"{host} does not say which size it knows")
    return int(text)
