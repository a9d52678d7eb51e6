"""`tigertally roll`: what is installed now takes over from what runs, and nobody is refused.

Reads what the supervisor tells under `database.state_dir`, on this host; opens no database.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Final

import click

from tigertally_drivers.system.clock import SystemClock, pause
from tigertally_server.app.control import DONE, FAILED, Status, status_of
from tigertally_server.cli.house import load_config
from tigertally_server.cli.output import CommandError, json_option, show_record
from tigertally_server.config import Config

POLL_MS: Final = 100


@click.command()
@click.option(
    "--within",
    type=click.IntRange(1, 3600),
    default=300,
    show_default=True,
    help="Seconds until it is given up waiting for; the roll itself goes on.",
)
@json_option
@click.pass_obj
def roll(config_path: Path | None, within: int, as_json: bool) -> None:
    """Replace all workers of this node by the program and configuration installed now.

    Each new worker is ready before an old one leaves; clients notice nothing. Waits until all are
    replaced. Fails, and says why, where the new program doesn't start: the old workers then serve
    on.
    """
    config = load_config(config_path)
    wanted = _asked(config)
    clock = SystemClock()
    end = clock.monotonic_ms() + within * 1000
    while clock.monotonic_ms() < end:
        status = _status(config)
        if status.rolls >= wanted and status.roll in (DONE, FAILED):
            _show(status, as_json=as_json)
            return
        pause(POLL_MS)
    raise CommandError(f"not all workers are replaced after {within} s; it goes on: see the log")


def _asked(config: Config) -> int:
    """The number of the roll that begins after our signal."""
    status = _status(config)
    try:
        os.kill(status.pid, signal.SIGUSR2)
    except OSError as problem:
        raise CommandError(f"process {status.pid}: {problem.strerror}") from None
    return status.rolls + 1


def _status(config: Config) -> Status:
    try:
        status = status_of(config.state_dir, config.server.node)
    except OSError as problem:
        raise CommandError(f"{problem.filename}: {problem.strerror}") from None
    if status is None:
        raise CommandError(
            f"no supervisor of {config.server.node} runs here; a server with workers = 1 has none: "
            "restart it instead"
        )
    return status


def _show(status: Status, *, as_json: bool) -> None:
    workers = {str(slot): pid for slot, pid in status.workers}
    record = {"roll": status.roll, "replaced": status.replaced, "of": status.of}
    if status.roll == FAILED:
        show_record({**record, "why": status.why, "workers": workers}, as_json=as_json)
        raise CommandError(f"the old workers serve on: {status.why}")
    show_record({**record, "workers": workers}, as_json=as_json)
