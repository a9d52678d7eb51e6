"""How long a peer has left answers untaken. Pure: time is an argument.

What counts is the age of what is owed, not whether the outbox was ever seen empty: a front-end
behind a thin line that takes everything in turn always has something under way. A peer that takes
a byte now and then gains nothing by it.
"""

from __future__ import annotations


class Patience:
    """Marks what was written up to a moment, and waits until the peer has taken all of it."""

    __slots__ = ("_mark", "_since_ms")

    def __init__(self, now_ms: int) -> None:
        self._mark, self._since_ms = 0, now_ms

    def owed_for_ms(self, now_ms: int, written: int, pending: int) -> int:
        """0 where everything written up to the last mark was taken. `written`: bytes in all,
        `pending`: those of them that the peer hasn't taken.
        """
        if written - pending >= self._mark:
            self._mark, self._since_ms = written, now_ms
            return 0
        return now_ms - self._since_ms
