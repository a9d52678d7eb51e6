"""What happened, in order: one line per event, and one digest over all of them.

Two runs of one seed have the same digest, or something in them depends on more than the seed.
Lines hold secrets of the workload (they are ours, and made up), so they are never the server's log.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable

import trio


class Trace:
    """`show` gets each line as it happens."""

    def __init__(self, show: Callable[[str], None] | None = None) -> None:
        self.lines: list[str] = []
        self.counts: Counter[str] = Counter()
        self._hash = hashlib.sha256()
        self._show = show

    def event(self, actor: str, what: str, detail: object = "") -> None:
        """`what` comes from a small set: it is counted."""
        line = f"{trio.current_time():10.4f} {actor:<14} {what:<18} {detail}"
        self.counts[what] += 1
        self.lines.append(line)
        self._hash.update(line.encode())
        self._hash.update(b"\n")
        if self._show is not None:
            self._show(line)

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()[:16]


def fingerprint(data: bytes) -> str:
    """Names bytes in a line."""
    return f"{len(data)}:{hashlib.sha256(data).hexdigest()[:8]}"
