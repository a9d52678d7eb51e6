"""How far an import is, on one line of stderr: count, rate, time left.

Renewed in place on a terminal, repeated every tenth of the way elsewhere. Knows no job.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from tigertally_server.cli.output import WORTH_TELLING

_TOLD_EVERY_MS = 200


def progress_line(what: str, tokens: int, share: float, elapsed_ms: int) -> str:
    """`share` of the work is done, `tokens` were part of it."""
    rate = tokens * 1000 // max(elapsed_ms, 1)
    left_s = round(elapsed_ms * (1 - share) / share / 1000) if share > 0 else 0
    left = f"{left_s // 60} min {left_s % 60:02} s" if left_s >= 60 else f"{left_s} s"
    return f"{what}: {tokens:,} tokens, {share:.0%}, {rate:,}/s, {left} left"


class ImportProgress:
    """One of these per phase; `total` is in whatever unit `at` is told."""

    def __init__(
        self, what: str, total: int, now_ms: Callable[[], int], *, quiet: bool, from_: int = 0
    ) -> None:
        self._what, self._total, self._now_ms = what, max(total, 1), now_ms
        self._live = sys.stderr.isatty()
        self._quiet = quiet
        self._from, self._began_ms = from_, now_ms()
        self._told_ms = self._began_ms
        self._step = 0
        self._shown = False

    def at(self, done: int, tokens: int) -> None:
        """Says how far it is; cheap enough to be called often."""
        if self._quiet:
            return
        now_ms = self._now_ms()
        if self._live:
            due = now_ms - self._told_ms >= _TOLD_EVERY_MS
        else:
            step = 10 * done // self._total
            due = step > self._step and tokens >= WORTH_TELLING // 10
            self._step = max(step, self._step)
        if not due:
            return
        self._told_ms, self._shown = now_ms, True
        share = min((done - self._from) / max(self._total - self._from, 1), 1.0)
        text = progress_line(self._what, tokens, share, now_ms - self._began_ms)
        click.echo(f"\r\x1b[K{text}" if self._live else text, err=True, nl=not self._live)

    def end(self) -> None:
        """Leaves the terminal's line."""
        if self._live and self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
