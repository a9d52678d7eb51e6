"""How commands speak: tables for people, JSON for scripts, one line for failures."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import click

from tigertally_server.domain.channel import FOR_EVER_MS
from tigertally_server.sensitive.showing import masked_record

F = TypeVar("F", bound=Callable[..., Any])


class CommandError(click.ClickException):
    """A command can't do what was asked; the text says why and what to do. Exit status 1."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        click.secho("error: ", fg="red", err=True, nl=False)
        click.echo(self.message, err=True)


def say(text: str) -> None:
    """A remark for people, beside the result: on stderr, so that scripts read results only."""
    click.echo(text, err=True)


def program(config_path: Path | None) -> str:
    """The command as it was called, with its configuration, so that a line that begins with it can
    be copied.
    """
    called = Path(sys.argv[0])
    name = str(called) if called.name == "tigertally" and "/" in sys.argv[0] else "tigertally"
    return name if config_path is None else f"{name} -c {shlex.quote(str(config_path))}"


def json_option(command: F) -> F:
    """`--json` on a command."""
    return click.option("--json", "as_json", is_flag=True, help="Answer as JSON, for scripts.")(
        command
    )


def show_record(record: Mapping[str, Any], *, as_json: bool, unmasked: bool = False) -> None:
    """One thing: a name and a value a line. Sensitive values are masked, but for a revealed one's
    (`unmasked`).
    """
    if not unmasked:
        record = masked_record(record, _typed())
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    width = max(map(len, record), default=0)
    for name, value in record.items():
        click.echo(f"{name.replace('_', ' '):<{width}}  {_plain(value)}")


def show_table(
    rows: Sequence[Mapping[str, Any]], *, as_json: bool, none: str = "nothing found"
) -> None:
    """Many things: a line each. Sensitive values are masked."""
    rows = [masked_record(row, _typed()) for row in rows]
    if as_json:
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))
        return
    if not rows:
        click.echo(none)
        return
    names = list(rows[0])
    cells = [[name.replace("_", " ") for name in names]] + [
        [_plain(row[name]) for name in names] for row in rows
    ]
    widths = [max(_width(line[i]) for line in cells) for i in range(len(names))]
    for number, line in enumerate(cells):
        text = "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        )
        click.echo(click.style(text.rstrip(), bold=True) if number == 0 else text.rstrip())


def _typed() -> frozenset[str]:
    """What the operator said on the command line: no news to him."""
    found: set[str] = set()
    at = click.get_current_context(silent=True)
    while at is not None:
        found.update(value for value in at.params.values() if isinstance(value, str))
        at = at.parent
    return frozenset(found)


def _plain(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value)) or "-"
    if isinstance(value, Mapping):
        return (
            ", ".join(f"{name.replace('_', ' ')} {_plain(part)}" for name, part in value.items())
            or "-"
        )
    return str(value)


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if ord(character) >= 0x1100 else 1 for character in text)


def when(ms: int, zone: ZoneInfo) -> str:
    """An instant in the bank's time zone, or what it means where it is none."""
    if ms <= 0:
        return ""
    if ms >= FOR_EVER_MS:
        return "for ever"
    return (
        datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone).isoformat(timespec="milliseconds")
    )


def parse_when(text: str, zone: ZoneInfo, *, end: bool = False) -> int:
    """ms since the epoch of an ISO date or time, in the bank's zone where it names none.

    `end`: a bare date is the last day, so its end is meant. Raises CommandError.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"{text!r} is no ISO date or time; write 2026-12-31 or 2026-12-31T18:00"
        ) from None
    if moment.tzinfo is None:
        if end and len(text) == len("2026-12-31"):
            moment += timedelta(days=1)
        moment = moment.replace(tzinfo=zone)
    return round(moment.timestamp() * 1000)


WORTH_TELLING: Final = 50_000
"""Things to do, below which a log file is not told of progress."""


class Progress:
    """A line on stderr: renewed in place on a terminal, repeated now and then elsewhere."""

    def __init__(self, what: str, total: int, *, quiet: bool = False) -> None:
        self._what, self._total = what, max(total, 1)
        self._live = sys.stderr.isatty()
        self._quiet = quiet or (not self._live and total < WORTH_TELLING)
        self._step = -1

    def at(self, done: int) -> None:
        """Says how far it is; cheap enough to be called often."""
        step = 1000 * done // self._total if self._live else 10 * done // self._total
        if self._quiet or step == self._step:
            return
        self._step = step
        text = f"{self._what}: {done:,} of {self._total:,} ({100 * done // self._total} %)"
        click.echo(f"\r\x1b[K{text}" if self._live else text, err=True, nl=not self._live)

    def end(self) -> None:
        """Leaves the terminal's line."""
        if self._live and not self._quiet and self._step >= 0:
            click.echo("\r\x1b[K", err=True, nl=False)
